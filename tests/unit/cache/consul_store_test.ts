import { assertEquals, assertExists, assertRejects } from "@std/assert";
import { ConsulStore } from "../../../src/cache/consul_store.ts";
import { StoreError } from "../../../src/cache/store.ts";
import { ConsulDouble } from "../../helpers/consul_double.ts";
import { PortClaim } from "../../helpers/ports.ts";
import { testStore } from "./store_contract.ts";

const { signal } = new AbortController();
const TOKEN = "open-sesame";
const LEASE = { holder: "one", ttlMs: 60_000, signal };

function storeAt(double: ConsulDouble, options: { token?: string; datacenter?: string } = {}) {
  return new ConsulStore({
    url: `http://${double.host}`,
    prefix: "liveroll/",
    datacenter: options.datacenter ?? null,
    token: options.token ?? null,
  });
}

testStore("consul", () => {
  const double = new ConsulDouble();
  return Promise.resolve({
    one: storeAt(double),
    other: storeAt(double),
    // A session may live for twice its time.
    pass: (ms) => Promise.resolve(double.pass(2 * ms)),
    [Symbol.asyncDispose]: () => double[Symbol.asyncDispose](),
  });
});

Deno.test("consul: everything lies below the prefix, and odd keys are what they are", async () => {
  await using double = new ConsulDouble();
  const store = storeAt(double, { datacenter: "dc 2" });
  await store.put("a/b%2F+c", Uint8Array.of(7), signal);
  assertEquals([...double.entries.keys()], ["liveroll/a/b%2F+c"]);
  assertEquals(double.requests[0]?.path, "/v1/kv/liveroll/a/b%252F%2Bc?dc=dc+2");
});

Deno.test("consul: who waits for a lease makes no sessions, and none is left", async () => {
  await using double = new ConsulDouble();
  const [one, other] = [storeAt(double), storeAt(double)];
  const lease = await one.lease("a", LEASE);
  assertExists(lease);
  for (let looks = 0; looks < 5; looks++) assertEquals(await other.lease("a", LEASE), null);
  const made = double.requests.filter(({ path }) => path.startsWith("/v1/session/create"));
  assertEquals(made.length, 1);
  await lease.release(signal);
  assertEquals(double.sessions, 0);
});

Deno.test("consul: of many who want a lease at the same time, one gets it, and no session is left", async () => {
  await using double = new ConsulDouble();
  const tries = Array.from({ length: 5 }, () => storeAt(double).lease("a", LEASE));
  const leases = (await Promise.all(tries)).filter((lease) => lease !== null);
  assertEquals([leases.length, double.sessions], [1, 1]);
  await leases[0]!.release(signal);
});

Deno.test("consul: a lease that somebody took by force is lost, although its session lives", async () => {
  await using double = new ConsulDouble();
  const store = storeAt(double);
  const lease = await store.lease("a", LEASE);
  assertEquals(await lease?.renew(signal), true);
  double.entries.delete("liveroll/a");
  assertEquals(await lease?.renew(signal), false);
});

Deno.test("consul: what is too long for it is not sent", async () => {
  await using double = new ConsulDouble();
  const store = storeAt(double);
  await store.put("a", new Uint8Array(512 * 1024), signal);
  const error = await assertRejects(
    () => store.put("a", new Uint8Array(512 * 1024 + 1), signal),
    StoreError,
  );
  assertEquals(
    error.message,
    `Cannot write Consul at ${double.host}: 524289 bytes are more than the 524288 that it takes`,
  );
  assertEquals(double.requests.length, 1);
});

Deno.test("consul: a token opens it, and no message has it", async () => {
  await using double = new ConsulDouble();
  double.token = TOKEN;
  const good = storeAt(double, { token: TOKEN });
  await good.put("a", Uint8Array.of(7), signal);
  assertExists(await good.lease("b", LEASE));
  assertEquals(double.requests.every(({ token }) => token === TOKEN), true);
  const bad = storeAt(double, { token: "not-that-one" });
  const error = await assertRejects(() => bad.get("a", signal), StoreError);
  assertEquals(
    error.message,
    `Cannot read Consul at ${double.host}: Cannot GET http://${double.host}/v1/kv/liveroll/a: ` +
      "it answered 403",
  );
  await assertRejects(() => storeAt(double).lease("b", LEASE), StoreError, "it answered 403");
});

Deno.test("consul: with nobody there, calls fail", async () => {
  using claim = new PortClaim(1);
  const url = `http://127.0.0.1:${claim.ports[0]}`;
  const store = new ConsulStore({ url, prefix: "", datacenter: null, token: null });
  await assertRejects(() => store.get("a", signal), StoreError, "Cannot read Consul at 127.0.0.1:");
});
