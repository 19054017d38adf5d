import { assertEquals, assertExists } from "@std/assert";
import { openStore } from "../../../src/cache/open_store.ts";
import { cacheTarget } from "../../../src/config/cache_kind.ts";
import { systemClock } from "../../../src/platform/clock.ts";

const { signal } = new AbortController();

async function open(text: string, directory: string) {
  const { store } = cacheTarget.parse(text);
  assertExists(store);
  return await openStore(store, { directory, clock: systemClock, date: Date.now });
}

Deno.test("every kind of cache is found by its URL", async () => {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-cache-" });
  try {
    assertEquals((await open("memory:", directory)).name, "memory");
    assertEquals((await open("file://", directory)).name, `the directory ${directory}`);
    const deep = await open(`file://${directory}/deep`, "/nowhere");
    await deep.put("a", Uint8Array.of(1), signal);
    assertEquals(await Deno.readFile(`${directory}/deep/a`), Uint8Array.of(1));
    const redis = await open("redis://user:secret@127.0.0.1:7001/3", "/nowhere");
    assertEquals(redis.name, "Redis at 127.0.0.1:7001");
    await redis.close();
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
