import { assertEquals, assertExists } from "@std/assert";
import type { Lease, Store } from "../../../src/cache/store.ts";

/** Two views of one place, as two liverolls have them. */
export interface StorePair extends AsyncDisposable {
  readonly one: Store;
  readonly other: Store;
  /** Lets so much time pass for leases. */
  pass(ms: number): Promise<void>;
}

const TTL_MS = 10_000;
const { signal } = new AbortController();

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function textAt(store: Store, key: string): Promise<string | null> {
  const bytes = await store.get(key, signal);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

function lease(store: Store, holder: string, ttlMs = TTL_MS): Promise<Lease | null> {
  return store.lease("locks/a", { holder, ttlMs, signal });
}

/** What every store promises. */
export function testStore(
  kind: string,
  open: () => Promise<StorePair>,
  skip: { ignore?: boolean } = {},
): void {
  const test = (name: string, work: (pair: StorePair) => Promise<void>) =>
    Deno.test({
      name: `${kind}: ${name}`,
      ...skip,
      fn: async () => {
        await using pair = await open();
        await work(pair);
      },
    });

  test("what one puts, the other gets", async ({ one, other }) => {
    assertEquals(await textAt(other, "a/v1.0.0--app.tgz"), null);
    await one.put("a/v1.0.0--app.tgz", bytesOf("bytes"), signal);
    assertEquals(await textAt(other, "a/v1.0.0--app.tgz"), "bytes");
  });

  test("bytes come back as they were", async ({ one, other }) => {
    const bytes = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
    await one.put("bytes", bytes, signal);
    assertEquals(await other.get("bytes", signal), bytes);
  });

  test("a value is replaced", async ({ one, other }) => {
    await one.put("a", bytesOf("first"), signal);
    await one.put("a", bytesOf("second"), signal);
    assertEquals(await textAt(other, "a"), "second");
  });

  test("only who knows what is there can write on condition", async ({ one, other }) => {
    assertEquals(await one.look("a", signal), null);
    const write = (store: Store, text: string, version: string | null) =>
      store.putIf("a", bytesOf(text), version, signal);
    assertEquals(await write(one, "first", null), true);
    assertEquals(await write(other, "second", null), false);
    const first = await other.look("a", signal);
    assertEquals(first?.bytes, bytesOf("first"));
    assertEquals(await write(other, "second", first!.version), true);
    assertEquals(await write(one, "third", first!.version), false);
    await one.put("a", bytesOf(""), signal);
    const empty = await one.look("a", signal);
    assertEquals([empty?.bytes, await textAt(other, "a")], [bytesOf(""), ""]);
    assertEquals(await write(other, "third", empty!.version), true);
    assertEquals(await textAt(one, "a"), "third");
  });

  test("of two who write on the same condition, one does", async ({ one, other }) => {
    await one.put("a", bytesOf("first"), signal);
    const version = (await one.look("a", signal))!.version;
    const tries = [one, other].map((store, index) =>
      store.putIf("a", bytesOf(`${index}`), version, signal)
    );
    const done = await Promise.all(tries);
    assertEquals(done.toSorted(), [false, true]);
    assertEquals(await textAt(one, "a"), String(done.indexOf(true)));
  });

  test("of two who want a lease, one gets it", async ({ one, other }) => {
    const leases = await Promise.all([lease(one, "one"), lease(other, "other")]);
    assertEquals(leases.filter((lease) => lease !== null).length, 1);
  });

  test("a lease that was given back is free at once", async ({ one, other }) => {
    const first = await lease(one, "one");
    assertExists(first);
    assertEquals(await lease(other, "other"), null);
    await first.release(signal);
    const second = await lease(other, "other");
    assertExists(second);
    assertEquals(second.fence > first.fence, true);
  });

  test("the lease of a holder that died ends by itself", async ({ one, other, pass }) => {
    const first = await lease(one, "one");
    assertExists(first);
    assertEquals(await lease(other, "other"), null);
    await pass(TTL_MS);
    const second = await lease(other, "other");
    assertExists(second);
    assertEquals(second.fence > first.fence, true);
  });

  test("a lease that is renewed does not end", async ({ one, other, pass }) => {
    const first = await lease(one, "one");
    assertExists(first);
    assertEquals(await lease(other, "other"), null);
    await pass(TTL_MS * 0.7);
    assertEquals(await first.renew(signal), true);
    assertEquals(await lease(other, "other"), null);
    await pass(TTL_MS * 0.7);
    assertEquals(await lease(other, "other"), null);
  });

  test("who has lost a lease is told so, and cannot give it back", async (pair) => {
    const { one, other, pass } = pair;
    const first = await lease(one, "one");
    assertExists(first);
    await lease(other, "other");
    await pass(TTL_MS);
    assertExists(await lease(other, "other"));
    assertEquals(await first.renew(signal), false);
    await first.release(signal);
    assertEquals(await lease(one, "one"), null);
  });
}
