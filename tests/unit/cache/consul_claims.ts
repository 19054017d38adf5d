import { assertEquals, assertExists, assertRejects } from "@std/assert";
import { ConsulStore } from "../../../src/cache/consul_store.ts";
import { StoreError } from "../../../src/cache/store.ts";
import { testStore } from "./store_contract.ts";

/** A Consul, real or not. */
export interface ConsulPeer extends AsyncDisposable {
  readonly host: string;
  /** Of who may do what liveroll has to, and no more, if not everybody may. */
  readonly token: string | null;
  /** Lets so much time pass for sessions, twice: so long may they live. */
  pass(ms: number): Promise<void>;
}

const MAX_BYTES = 512 * 1024;
const { signal } = new AbortController();
const LEASE = { holder: "one", ttlMs: 10_000, signal };

/** A store at a Consul. */
export function storeAt(
  { host }: Pick<ConsulPeer, "host">,
  options: { token?: string; datacenter?: string } = {},
): ConsulStore {
  const { token = null, datacenter = null } = options;
  return new ConsulStore({ url: `http://${host}`, prefix: "liveroll/", datacenter, token });
}

/** Asks without liveroll. @returns Status and, if it is some, JSON. */
async function raw(
  { host }: ConsulPeer,
  path: string,
  body: string | Uint8Array<ArrayBuffer> | null = null,
): Promise<[status: number, answer: unknown]> {
  const init = body === null ? {} : { method: "PUT", body };
  const response = await fetch(`http://${host}/v1/${path}`, init);
  const text = await response.text();
  try {
    return [response.status, JSON.parse(text)];
  } catch {
    return [response.status, null];
  }
}

async function sessionsAt(peer: ConsulPeer): Promise<number> {
  const [, sessions] = await raw(peer, "session/list");
  return (sessions as unknown[]).length;
}

async function begin(peer: ConsulPeer, more: Record<string, string> = {}): Promise<string> {
  const body = { TTL: "10s", LockDelay: "1ms", Behavior: "release", ...more };
  const [, answer] = await raw(peer, "session/create", JSON.stringify(body));
  return (answer as { ID: string }).ID;
}

/**
 * What every Consul does, and what liveroll promises with it.
 *
 * @param open Begins one, where everybody may do everything or only who has a token.
 */
export function testConsul(
  kind: string,
  open: (isLocked: boolean) => Promise<ConsulPeer>,
): void {
  const test = (name: string, work: (peer: ConsulPeer) => Promise<void>, isLocked = false) =>
    Deno.test(`${kind}: ${name}`, async () => {
      await using peer = await open(isLocked);
      await work(peer);
    });

  testStore(kind, async () => {
    const peer = await open(false);
    return {
      one: storeAt(peer),
      other: storeAt(peer),
      pass: (ms) => peer.pass(ms),
      [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
    };
  });

  test("everything lies below the prefix, and odd keys are what they are", async (peer) => {
    const store = storeAt(peer);
    await store.put("a/b%2F+c", Uint8Array.of(7), signal);
    await store.put("fleet/_a_2E_2Eb_40c/turn-0", Uint8Array.of(8), signal);
    const keys = ["liveroll/a/b%2F+c", "liveroll/fleet/_a_2E_2Eb_40c/turn-0"];
    assertEquals(await raw(peer, "kv/?keys"), [200, keys]);
  });

  test("what is empty is something", async (peer) => {
    const store = storeAt(peer);
    await store.put("a", new Uint8Array(0), signal);
    assertEquals(await store.get("a", signal), new Uint8Array(0));
  });

  test("the longest value goes in, a longer one does not", async (peer) => {
    const store = storeAt(peer);
    const longest = crypto.getRandomValues(new Uint8Array(65_536));
    const bytes = new Uint8Array(MAX_BYTES).map((_, index) => longest[index % 65_536]!);
    await store.put("a", bytes, signal);
    assertEquals(await store.get("a", signal), bytes);
    const [status] = await raw(peer, "kv/b", new Uint8Array(MAX_BYTES + 1));
    assertEquals(status, 413);
  });

  test("a lease that was given back leaves no session", async (peer) => {
    const lease = await storeAt(peer).lease("a", LEASE);
    assertEquals(await sessionsAt(peer), 1);
    assertEquals(await storeAt(peer).lease("a", LEASE), null);
    assertEquals(await sessionsAt(peer), 1);
    await lease?.release(signal);
    assertEquals(await sessionsAt(peer), 0);
  });

  test("of many who want a lease at the same time, one gets it, again and again", async (peer) => {
    const fences: number[] = [];
    for (let round = 0; round < 5; round++) {
      const tries = Array.from({ length: 8 }, () => storeAt(peer).lease("a", LEASE));
      const leases = (await Promise.all(tries)).filter((lease) => lease !== null);
      assertEquals([leases.length, await sessionsAt(peer)], [1, 1]);
      fences.push(leases[0]!.fence);
      await leases[0]!.release(signal);
    }
    assertEquals(fences, fences.toSorted((a, b) => a - b));
    assertEquals(new Set(fences).size, fences.length);
  });

  test("a lease that somebody took by force is lost, although its session lives", async (peer) => {
    const store = storeAt(peer);
    const lease = await store.lease("a", LEASE);
    assertEquals(await lease?.renew(signal), true);
    await fetch(`http://${peer.host}/v1/kv/liveroll/a`, { method: "DELETE" })
      .then((response) => response.body?.cancel());
    assertEquals([await lease?.renew(signal), await sessionsAt(peer)], [false, 1]);
    await lease?.release(signal);
    assertEquals(await sessionsAt(peer), 0);
  });

  test("a session that somebody ended is a lease that is lost, and free at once", async (peer) => {
    const store = storeAt(peer);
    const first = await store.lease("a", LEASE);
    const [, sessions] = await raw(peer, "session/list");
    await raw(peer, `session/destroy/${(sessions as { ID: string }[])[0]?.ID}`, "");
    assertEquals(await first?.renew(signal), false);
    const second = await store.lease("a", LEASE);
    assertExists(second);
    await first?.release(signal);
    assertEquals(await second.renew(signal), true);
  });

  test("sessions have 10 s to a day, and end quietly", async (peer) => {
    for (const TTL of ["9s", "86401s"]) {
      const [status] = await raw(peer, "session/create", JSON.stringify({ TTL }));
      assertEquals(status, 500, TTL);
    }
    const id = await begin(peer, { TTL: "86400s" });
    const twice = [
      await raw(peer, `session/destroy/${id}`, ""),
      await raw(peer, `session/destroy/${id}`, ""),
    ];
    assertEquals(twice, [[200, true], [200, true]]);
    const [renewed] = await raw(peer, `session/renew/${id}`, "");
    const [locked] = await raw(peer, `kv/a?acquire=${id}`, "");
    assertEquals([renewed, locked], [404, 500]);
  });

  test("a lock is its session's alone", async (peer) => {
    const [one, other] = [await begin(peer), await begin(peer)];
    const put = async (query: string) => (await raw(peer, `kv/a?${query}`, ""))[1];
    assertEquals(await put(`release=${one}`), false);
    assertEquals([await put(`acquire=${one}`), await put(`acquire=${one}`)], [true, true]);
    assertEquals([await put(`acquire=${other}`), await put(`release=${other}`)], [false, false]);
    assertEquals([await put(`release=${one}`), await put(`acquire=${other}`)], [true, true]);
    const [, entries] = await raw(peer, "kv/a");
    const [{ LockIndex, Session }] = entries as [{ LockIndex: number; Session: string }];
    assertEquals([LockIndex, Session], [2, other]);
  });

  test("a token opens it, and no message has it", async (peer) => {
    const good = storeAt(peer, { token: peer.token! });
    await good.put("a", Uint8Array.of(7), signal);
    const lease = await good.lease("b", LEASE);
    assertEquals(await lease?.renew(signal), true);
    await lease?.release(signal);
    const bad = storeAt(peer, { token: "not-that-one" });
    const error = await assertRejects(() => bad.get("a", signal), StoreError);
    const what = `http://${peer.host}/v1/kv/liveroll/a`;
    assertEquals(
      error.message,
      `Cannot read Consul at ${peer.host}: Cannot GET ${what}: it answered 403`,
    );
    await assertRejects(() => storeAt(peer).lease("b", LEASE), StoreError, "it answered 403");
  }, true);
}
