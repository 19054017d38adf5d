import { assertEquals, assertExists, assertRejects } from "@std/assert";
import { BoundedStore } from "../../../src/cache/bounded_store.ts";
import { MemoryStore } from "../../../src/cache/memory_store.ts";
import { type Lease, StoreError } from "../../../src/cache/store.ts";
import { ManualClock } from "../proxy/manual_clock.ts";

const { signal } = new AbortController();
const OPTIONS = { holder: "one", ttlMs: 1_000, signal };

/** A server that takes calls and never answers. */
class Silent extends MemoryStore {
  override get(): Promise<never> {
    return new Promise(() => {});
  }

  override lease(): Promise<Lease> {
    return Promise.resolve({ fence: 1, renew: () => this.get(), release: () => this.get() });
  }
}

Deno.test("a store that does not answer fails after a while, and so do its leases", async () => {
  const clock = new ManualClock();
  const store = new BoundedStore(new Silent(() => clock.now()), clock);
  const lease = await store.lease("a", OPTIONS);
  assertExists(lease);
  for (
    const call of [
      () => store.get("a", signal),
      () => lease.renew(signal),
      () => lease.release(signal),
    ]
  ) {
    const failed = assertRejects(call, StoreError, "Cannot use memory: no answer within 10 s");
    await clock.advance(10_000);
    await failed;
  }
});

Deno.test("a store that answers is as it was", async () => {
  const clock = new ManualClock();
  const store = new BoundedStore(new MemoryStore(() => clock.now()), clock);
  await store.put("a", Uint8Array.of(7), signal);
  assertEquals(await store.get("a", signal), Uint8Array.of(7));
  const seen = (await store.look("a", signal))?.version ?? null;
  assertEquals(await store.putIf("a", Uint8Array.of(8), seen, signal), true);
  assertEquals(await store.putIf("a", Uint8Array.of(9), seen, signal), false);
  assertEquals(await store.get("a", signal), Uint8Array.of(8));
  const lease = await store.lease("a", OPTIONS);
  assertEquals([await lease?.renew(signal), await store.lease("a", OPTIONS)], [true, null]);
  assertEquals([store.name, store.pieceBytes], ["memory", 1024 * 1024]);
  assertEquals([await store.hasRoom(1, signal), await store.hasRoom(1e9, signal)], [true, false]);
  await store.close();
});
