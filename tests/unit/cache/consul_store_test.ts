import { assertEquals, assertExists, assertRejects } from "@std/assert";
import { ConsulStore } from "../../../src/cache/consul_store.ts";
import { StoreError } from "../../../src/cache/store.ts";
import { ConsulDouble } from "../../helpers/consul_double.ts";
import { ConsulServer, MANAGER } from "../../helpers/consul_server.ts";
import { named } from "../../helpers/named.ts";
import { PortClaim } from "../../helpers/ports.ts";
import { storeAt, testConsul } from "./consul_claims.ts";

/** Beyond the time that it has: what has ended is taken away a moment later. */
const MOMENT_MS = 1_000;

const { signal } = new AbortController();
const LEASE = { holder: "one", ttlMs: 60_000, signal };

testConsul("consul", (isLocked) => {
  const double = new ConsulDouble();
  if (isLocked) double.token = "open-sesame";
  return Promise.resolve({
    host: double.host,
    token: double.token,
    pass: (ms) => Promise.resolve(double.pass(2 * ms)),
    [Symbol.asyncDispose]: () => double[Symbol.asyncDispose](),
  });
});

const program = named("CONSUL");
if (program !== null) {
  testConsul("real consul", async (isLocked) => {
    const server = await ConsulServer.start(program, isLocked ? MANAGER : null);
    return {
      host: server.host,
      token: isLocked ? await server.newToken() : null,
      pass: (ms) => new Promise((resolve) => setTimeout(resolve, 2 * ms + MOMENT_MS)),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  });
}

Deno.test("consul: keys and datacenters are written as URLs want them", async () => {
  await using double = new ConsulDouble();
  await storeAt(double, { datacenter: "dc 2" }).get("a/b%2F+c", signal);
  assertEquals(double.requests[0]?.path, "/v1/kv/liveroll/a/b%252F%2Bc?raw=&dc=dc+2");
});

Deno.test("consul: the token is sent with every call", async () => {
  await using double = new ConsulDouble();
  const store = storeAt(double, { token: "open-sesame" });
  const lease = await store.lease("b", LEASE);
  await lease?.renew(signal);
  await lease?.release(signal);
  assertEquals(double.requests.length > 5, true);
  assertEquals(double.requests.every(({ token }) => token === "open-sesame"), true);
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

Deno.test("consul: with nobody there, calls fail", async () => {
  using claim = new PortClaim(1);
  const url = `http://127.0.0.1:${claim.ports[0]}`;
  const store = new ConsulStore({ url, prefix: "", datacenter: null, token: null });
  await assertRejects(() => store.get("a", signal), StoreError, "Cannot read Consul at 127.0.0.1:");
});
