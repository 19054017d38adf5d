import { assertEquals, assertExists, assertRejects } from "@std/assert";
import { ArtifactTurns } from "../../../src/cache/artifact_turns.ts";
import { MemoryStore } from "../../../src/cache/memory_store.ts";
import { SharedArtifacts } from "../../../src/cache/shared_artifacts.ts";
import { type Lease, type LeaseOptions, StoreError } from "../../../src/cache/store.ts";
import { ManualClock, settled } from "../proxy/manual_clock.ts";
import { FakeRegistry, releaseOf } from "./fake_registry.ts";
import { LinesLog } from "./lines_log.ts";

const LOCK = "artifacts/1/v1.0.0--app.tgz.lock";
const CONTENT = Uint8Array.from({ length: 100 }, (_, index) => index);
const LEASE_MS = 30_000;
const { signal } = new AbortController();

/** Counts leases that were taken and given back, and can be out of order. */
class LeaseStore extends MemoryStore {
  taken = 0;
  released = 0;
  failure: Error | null = null;

  override async lease(key: string, options: LeaseOptions): Promise<Lease | null> {
    if (this.failure !== null) throw this.failure;
    const lease = await super.lease(key, options);
    if (lease === null) return null;
    this.taken++;
    const release = (signal: AbortSignal) => {
      this.released++;
      return lease.release(signal);
    };
    return { fence: lease.fence, renew: (signal) => lease.renew(signal), release };
  }
}

/** Several hosts with one store, which want one artifact. */
class Hosts {
  readonly clock = new ManualClock();
  readonly registry = new FakeRegistry();
  readonly log = new LinesLog();
  readonly store = new LeaseStore(() => this.clock.now());
  /** Downloads from the registry end after so long. */
  downloadMs = 5_000;

  constructor() {
    this.registry.list = [releaseOf("v1.0.0")];
    this.registry.content = CONTENT;
  }

  /** Fetches as the one who downloads does. */
  async fetch(name: string, stop = signal): Promise<Uint8Array> {
    const { registry, store, clock, log } = this;
    const turns = new ArtifactTurns({ store, holder: name, clock, log });
    const options = { registry, store, pieceBytes: 16, prefix: "artifacts/1", turns, log };
    const host = new SharedArtifacts(options);
    const [asset] = (await host.releases(stop))[0]!.assets;
    await using _turn = await host.reserve(asset!, stop);
    const downloads = registry.offsets.length;
    const { body } = await host.fetch(asset!, { offset: 0, signal: stop });
    if (registry.offsets.length > downloads) await clock.sleep(this.downloadMs, stop);
    return await new Response(body).bytes();
  }
}

Deno.test("of many hosts that want an artifact, one fetches it, however long that takes", async () => {
  const hosts = new Hosts();
  hosts.downloadMs = 5 * LEASE_MS;
  const fetched = ["one", "two", "three", "four"].map((name) => hosts.fetch(name));
  await hosts.clock.advance(hosts.downloadMs + 2_000);
  assertEquals(await Promise.all(fetched), Array(4).fill(CONTENT));
  assertEquals(hosts.registry.offsets, [0]);
  assertEquals([hosts.store.taken, hosts.store.released], [1, 1]);
  assertEquals(hosts.log.lines, [
    ...Array(3).fill("info Another host fetches app.tgz: waiting until the cache has it"),
    ...Array(3).fill("info app.tgz comes out of the cache"),
  ]);
});

Deno.test("what the store has needs no turn", async () => {
  const hosts = new Hosts();
  const first = hosts.fetch("one");
  await hosts.clock.advance(hosts.downloadMs);
  await first;
  assertEquals(await hosts.fetch("two"), CONTENT);
  assertEquals(hosts.store.taken, 1);
});

Deno.test("a host that died while it fetched gives way after a while", async () => {
  const hosts = new Hosts();
  await hosts.store.lease(LOCK, { holder: "dead", ttlMs: LEASE_MS, signal });
  const fetched = hosts.fetch("two");
  await hosts.clock.advance(LEASE_MS - 1);
  assertEquals(hosts.registry.offsets, []);
  await hosts.clock.advance(1_000 + hosts.downloadMs);
  assertEquals(await fetched, CONTENT);
  assertEquals(hosts.registry.offsets, [0]);
});

Deno.test("a host that cannot have it, or is called off, gives way at once", async () => {
  const hosts = new Hosts();
  const stop = new AbortController();
  const first = assertRejects(() => hosts.fetch("one", stop.signal), DOMException);
  await hosts.clock.advance(1_000);
  const second = hosts.fetch("two");
  await hosts.clock.advance(1_000);
  assertEquals(hosts.registry.offsets, [0]);
  stop.abort();
  await first;
  await hosts.clock.advance(1_000);
  assertEquals(hosts.registry.offsets, [0, 0]);
  await hosts.clock.advance(hosts.downloadMs);
  assertEquals(await second, CONTENT);
});

Deno.test("who waits can be called off", async () => {
  const hosts = new Hosts();
  await hosts.store.lease(LOCK, { holder: "other", ttlMs: LEASE_MS, signal });
  const stop = new AbortController();
  const waiting = assertRejects(() => hosts.fetch("two", stop.signal), DOMException);
  await hosts.clock.advance(5_000);
  stop.abort();
  await waiting;
  assertEquals(hosts.registry.offsets, []);
});

Deno.test("nobody waits for longer than ten minutes", async () => {
  const hosts = new Hosts();
  hosts.downloadMs = 3600_000;
  const stop = new AbortController();
  const fetched = ["one", "two"].map((name) => hosts.fetch(name, stop.signal).catch(() => {}));
  await hosts.clock.advance(10 * 60_000 - 1);
  assertEquals(hosts.registry.offsets, [0]);
  await hosts.clock.advance(1_000);
  assertEquals(hosts.registry.offsets, [0, 0]);
  assertEquals(
    hosts.log.lines.at(-1),
    "warn Another host has fetched app.tgz for 10 min: not waiting",
  );
  stop.abort();
  await Promise.all(fetched);
});

Deno.test("with a store that cannot tell, everybody fetches at once", async () => {
  const hosts = new Hosts();
  hosts.store.failure = new StoreError("Cannot hold leases in it");
  const fetched = ["one", "two"].map((name) => hosts.fetch(name));
  await settled();
  assertEquals(hosts.registry.offsets, [0, 0]);
  await hosts.clock.advance(hosts.downloadMs);
  assertEquals(await Promise.all(fetched), [CONTENT, CONTENT]);
  assertEquals(
    hosts.log.lines[0],
    "warn Not waiting for others to fetch app.tgz: Cannot hold leases in it",
  );
});

Deno.test("a turn that comes when the artifact has come is given back unused", async () => {
  const hosts = new Hosts();
  const { store, clock, log } = hosts;
  const turns = new ArtifactTurns({ store, holder: "one", clock, log });
  const answers = [false, true];
  const isThere = () => Promise.resolve(answers.shift() ?? true);
  assertEquals(await turns.take({ name: "app.tgz", key: "a", isThere }, signal), null);
  assertEquals([store.taken, store.released], [1, 1]);
});

Deno.test("a turn lasts until it is given back, and nothing goes on after that", async () => {
  const hosts = new Hosts();
  const { store, clock, log } = hosts;
  const turns = new ArtifactTurns({ store, holder: "one", clock, log });
  const isThere = () => Promise.resolve(false);
  const turn = await turns.take({ name: "app.tgz", key: "a", isThere }, signal);
  assertExists(turn);
  await clock.advance(3 * LEASE_MS);
  assertEquals(await store.lease("a.lock", { holder: "two", ttlMs: 1, signal }), null);
  await turn[Symbol.asyncDispose]();
  assertExists(await store.lease("a.lock", { holder: "two", ttlMs: 1, signal }));
  assertEquals(clock.sleeping, 0);
});
