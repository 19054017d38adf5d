import { assertEquals, assertRejects } from "@std/assert";
import { FileStore } from "../../../src/cache/file_store.ts";
import { StoreError } from "../../../src/cache/store.ts";
import { testStore } from "./store_contract.ts";

const DAY_MS = 24 * 3600_000;

testStore("file", async () => {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-cache-" });
  let now = 0;
  const open = () =>
    FileStore.open(directory, { now: () => now, date: Date.now, downloads: directory });
  return {
    one: await open(),
    other: await open(),
    pass: (ms) => Promise.resolve(void (now += ms)),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
});

async function withDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-cache-" });
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("a key cannot lead out of the directory", () =>
  withDirectory(async (directory) => {
    const store = await FileStore.open(`${directory}/cache`, {
      now: () => 0,
      date: Date.now,
      downloads: directory,
    });
    for (const key of ["../out", "a/../../out", "/out", "a//b", "", "~lock", "a\0b"]) {
      await assertRejects(() => store.put(key, new Uint8Array(1)), StoreError, "is no key");
    }
    assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), ["cache"]);
  }));

Deno.test("only its owner reads what is in the directory", () =>
  withDirectory(async (directory) => {
    const store = await FileStore.open(`${directory}/cache`, {
      now: () => 0,
      date: Date.now,
      downloads: directory,
    });
    await store.put("a", new Uint8Array(1));
    assertEquals((await Deno.stat(`${directory}/cache`)).mode! & 0o777, 0o700);
    assertEquals((await Deno.stat(`${directory}/cache/a`)).mode! & 0o777, 0o600);
  }));

Deno.test("what is old is removed when the directory is opened", () =>
  withDirectory(async (directory) => {
    const store = await FileStore.open(directory, {
      now: () => 0,
      date: Date.now,
      downloads: directory,
    });
    await store.put("deep/old", new Uint8Array(1));
    await store.put("deep/new", new Uint8Array(1));
    const old = new Date(Date.now() - 8 * DAY_MS);
    await Deno.utime(`${directory}/deep/old`, old, old);
    await FileStore.open(directory, { now: () => 0, date: Date.now, downloads: directory });
    assertEquals(await store.get("deep/old"), null);
    assertEquals((await store.get("deep/new"))?.length, 1);
  }));

Deno.test("what is too much is removed, the oldest first", () =>
  withDirectory(async (directory) => {
    const options = { now: () => 0, date: Date.now, downloads: directory, maxBytes: 10 };
    const store = await FileStore.open(directory, options);
    for (const [age, key] of ["new", "newer", "newest"].entries()) {
      await store.put(`deep/${key}`, new Uint8Array(4));
      const at = new Date(Date.now() - (10 - age) * 1000);
      await Deno.utime(`${directory}/deep/${key}`, at, at);
    }
    await FileStore.open(directory, options);
    assertEquals(await store.get("deep/new"), null);
    assertEquals((await store.get("deep/newer"))?.length, 4);
    assertEquals((await store.get("deep/newest"))?.length, 4);
  }));

Deno.test("a directory that cannot be had is named", () =>
  withDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/file`, "");
    const open = () =>
      FileStore.open(`${directory}/file`, { now: () => 0, date: Date.now, downloads: directory });
    await assertRejects(open, StoreError, `Cannot open the directory ${directory}/file: `);
  }));

Deno.test("writers at the same time: as many succeed as there were versions", () =>
  withDirectory(async (directory) => {
    const store = await FileStore.open(directory, {
      now: () => 0,
      date: Date.now,
      downloads: directory,
    });
    const other = await FileStore.open(directory, {
      now: () => 0,
      date: Date.now,
      downloads: directory,
    });
    const tries = [store, other, store, other].map((store, index) =>
      store.putIf("a", Uint8Array.of(index), null)
    );
    assertEquals((await Promise.all(tries)).filter((isDone) => isDone).length, 1);
  }));

Deno.test("there is room for an artifact and its copy, if they lie on the same disk", () =>
  withDirectory(async (directory) => {
    const mebibytes = 1024 * 1024;
    const bytes = 100 * mebibytes;
    const room = async (downloads: string, freeBytes: number, maxBytes = bytes) => {
      const free = () => Promise.resolve(freeBytes);
      const options = { now: () => 0, date: Date.now, downloads, maxBytes, freeBytes: free };
      return await (await FileStore.open(directory, options)).hasRoom(bytes);
    };
    assertEquals(await room(directory, 264 * mebibytes), true);
    assertEquals(await room(directory, 264 * mebibytes - 1), false);
    assertEquals(await room("/proc", 164 * mebibytes), true);
    assertEquals(await room("/proc", 164 * mebibytes - 1), false);
    assertEquals(await room(directory, 1000 * mebibytes, bytes - 1), false);
  }));

Deno.test("without being told otherwise, the room is that of the disk", () =>
  withDirectory(async (directory) => {
    const options = { now: () => 0, date: Date.now, downloads: directory };
    const store = await FileStore.open(directory, { ...options, maxBytes: Infinity });
    assertEquals(await store.hasRoom(1), true);
    assertEquals(await store.hasRoom(Number.MAX_SAFE_INTEGER / 4), false);
  }));
