import { assertEquals } from "@std/assert";
import { MemoryStore } from "../../../src/cache/memory_store.ts";
import { testStore } from "./store_contract.ts";

testStore("memory", () => {
  let now = 0;
  const store = new MemoryStore(() => now);
  return Promise.resolve({
    one: store,
    other: store,
    pass: (ms) => Promise.resolve(void (now += ms)),
    [Symbol.asyncDispose]: () => store.close(),
  });
});

Deno.test("the oldest values make room for new ones", async () => {
  const store = new MemoryStore(() => 0, { maxBytes: 10 });
  for (const key of ["a", "b", "c"]) await store.put(key, new Uint8Array(4));
  assertEquals(await store.get("a"), null);
  assertEquals((await store.get("b"))?.length, 4);
  assertEquals((await store.get("c"))?.length, 4);
});

Deno.test("what is larger than all of it would only push everything else out", async () => {
  const store = new MemoryStore(() => 0, { maxBytes: 10 });
  assertEquals([await store.hasRoom(10), await store.hasRoom(11)], [true, false]);
});
