import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type Release,
  ReleaseStore,
  type ReleaseStoreOptions,
} from "../../../src/artifact/release_store.ts";
import { extract } from "../../../src/artifact/extract/extract.ts";
import { ArtifactRefusedError } from "../../../src/artifact/refused.ts";
import { sweepDownloads } from "../../../src/artifact/sweep.ts";
import { file, tarGz } from "../../helpers/archives.ts";
import { TempDirectory } from "./temp_directory.ts";

const START = Date.UTC(2026, 10, 21, 7, 45, 0, 900);

/** A store whose clock goes on by a second with each release. */
async function open(
  directory: TempDirectory,
  options: ReleaseStoreOptions = {},
  start = START,
): Promise<ReleaseStore> {
  let time = start;
  const now = () => new Date(time += 1000);
  return await ReleaseStore.open(directory.path, { now, ...options });
}

async function add(
  store: ReleaseStore,
  tag: string,
  digest = `digest of ${tag}`,
): Promise<Release> {
  return await store.add({ tag, asset: "app.tgz", digest }, plant);
}

async function addGood(store: ReleaseStore, ...tags: string[]): Promise<Release[]> {
  const releases: Release[] = [];
  for (const tag of tags) {
    const release = await add(store, tag);
    await store.mark(release, "good");
    releases.push(release);
  }
  return releases;
}

async function plant(path: string): Promise<void> {
  await Deno.mkdir(path);
  await Deno.writeTextFile(`${path}/app`, "app");
}

async function tags(store: ReleaseStore): Promise<string[]> {
  return (await store.list()).map(({ tag }) => tag);
}

Deno.test("a release has the time in UTC as its name, and a record beside it", async () => {
  using directory = new TempDirectory();
  const store = await open(directory, { now: () => new Date(START) });
  const release = await add(store, "v1");
  assertEquals(release.name, "20261121T074500Z");
  assertEquals(release.path, `${directory.path}/releases/20261121T074500Z`);
  assertEquals(directory.names("releases"), ["20261121T074500Z", "20261121T074500Z.json"]);
  assertEquals(JSON.parse(Deno.readTextFileSync(`${release.path}.json`)), {
    tag: "v1",
    asset: "app.tgz",
    digest: "digest of v1",
    extractedAt: "2026-11-21T07:45:00.900Z",
    outcome: "new",
  });
});

Deno.test("releases of the same second have names of their own, in their order", async () => {
  using directory = new TempDirectory();
  const store = await open(directory, { now: () => new Date(START) });
  const wanted = Array.from({ length: 11 }, (_, index) => `v${index}`);
  for (const tag of wanted) await add(store, tag);
  assertEquals(await tags(store), wanted);
  assertEquals((await store.list()).at(-1)?.name, "20261121T074500Z-11");
});

Deno.test("current leads to one release or another, at every moment", async () => {
  using directory = new TempDirectory();
  const store = await open(directory);
  assertEquals(await store.current(), null);
  const [first, second] = [await add(store, "v1"), await add(store, "v2")];
  for (const release of [first, second, first]) {
    store.makeCurrent(release);
    assertEquals(await store.current(), release);
    assertEquals(Deno.readLinkSync(`${directory.path}/current`), release.path);
  }
  assertEquals(directory.names(), ["current", "releases"]);
  assertEquals(Deno.readTextFileSync(`${directory.path}/current/app`), "app");
});

Deno.test("current can have a path from where it is", async () => {
  using directory = new TempDirectory();
  const store = await open(directory, { link: "relative" });
  const release = await add(store, "v1");
  store.makeCurrent(release);
  assertEquals(Deno.readLinkSync(`${directory.path}/current`), `releases/${release.name}`);
  assertEquals(await store.current(), release);
});

Deno.test("current never leads to nothing", async () => {
  using directory = new TempDirectory();
  const store = await open(directory);
  assertThrows(() => store.makeCurrent({ name: "20200101T000000Z" }), Deno.errors.NotFound);
  assertEquals(directory.names(), ["releases"]);
});

Deno.test("a directory in the place of current is left alone", async () => {
  using directory = new TempDirectory();
  Deno.mkdirSync(`${directory.path}/current`);
  Deno.writeTextFileSync(`${directory.path}/current/file`, "somebody's");
  const store = await open(directory);
  assertEquals(await store.current(), null);
  const release = await add(store, "v1");
  assertThrows(() => store.makeCurrent(release));
  assertEquals(directory.names("current"), ["file"]);
});

Deno.test("find() tells the newest release of the same bytes that has not failed", async () => {
  using directory = new TempDirectory();
  const store = await open(directory);
  const [first, second] = [await add(store, "v1"), await add(store, "v1")];
  const wanted = { tag: "v1", digest: "digest of v1" };
  assertEquals((await store.find(wanted))?.name, second?.name);
  await store.mark(second, "failed");
  assertEquals((await store.find(wanted))?.name, first?.name);
  assertEquals(await store.find({ tag: "v1", digest: "moved" }), null);
  assertEquals(await store.find({ tag: "v2", digest: "digest of v1" }), null);
});

Deno.test("prune() keeps seven versions", async () => {
  using directory = new TempDirectory();
  const store = await open(directory);
  await addGood(store, "v1", "v2", "v3", "v4", "v5", "v6", "v7");
  assertEquals(await store.prune(), []);
  await addGood(store, "v8");
  assertEquals((await store.prune()).map(({ tag }) => tag), ["v1"]);
  assertEquals(await tags(store), ["v2", "v3", "v4", "v5", "v6", "v7", "v8"]);
  assertEquals(directory.names("releases").length, 14);
});

Deno.test("prune() counts versions, not how often they were extracted", async () => {
  using directory = new TempDirectory();
  const store = await open(directory, { keep: 2 });
  await addGood(store, "v1", "v2", "v2", "v2", "v2");
  await store.prune();
  assertEquals(await tags(store), ["v1", "v2"]);
  assertEquals((await store.list())[1]?.name, "20261121T074505Z");
});

Deno.test("prune() never takes what is live, or in use", async () => {
  using directory = new TempDirectory();
  const store = await open(directory, { keep: 2 });
  const [live, previous] = await addGood(store, "v1", "v2", "v3", "v4", "v5");
  store.makeCurrent({ name: live?.name ?? "" });
  await store.mark({ name: live?.name ?? "" }, "failed");
  await store.prune([previous?.name ?? ""]);
  assertEquals(await tags(store), ["v1", "v2"]);
});

Deno.test("prune() knows what is live by any path to it", async () => {
  using directory = new TempDirectory();
  const store = await open(directory, { keep: 1 });
  const [live] = await addGood(store, "v1", "v2", "v3");
  Deno.symlinkSync(directory.path, `${directory.path}/detour`);
  Deno.symlinkSync(`detour/releases/${live?.name}`, `${directory.path}/current`);
  await store.prune();
  assertEquals(await tags(store), ["v1"]);
});

Deno.test("prune() removes what failed, however much room there is", async () => {
  using directory = new TempDirectory();
  const store = await open(directory);
  const [, bad] = await addGood(store, "v1", "v2", "v3");
  await store.mark({ name: bad?.name ?? "" }, "failed");
  await store.prune();
  assertEquals(await tags(store), ["v1", "v3"]);
});

Deno.test("prune() keeps a tag that was moved as two versions", async () => {
  using directory = new TempDirectory();
  const store = await open(directory);
  await add(store, "latest", "one");
  await add(store, "latest", "two");
  assertEquals(await store.prune(), []);
});

Deno.test("add() leaves nothing behind when there is nothing to add", async () => {
  using directory = new TempDirectory();
  const store = await open(directory);
  const refuse = () => Promise.reject(new Error("hostile"));
  const origin = { tag: "v1", asset: "app.tgz", digest: "d" };
  await assertRejects(() => store.add(origin, refuse), Error, "hostile");
  assertEquals(directory.names("releases"), []);
});

Deno.test("a crash leaves nothing that stays, and nothing that looks like a release", async () => {
  using directory = new TempDirectory();
  const store = await open(directory);
  const good = await add(store, "v1");
  const releases = `${directory.path}/releases`;
  Deno.mkdirSync(`${releases}/.extract-abc/deep`, { recursive: true });
  Deno.mkdirSync(`${releases}/.remove-20260101T000000Z/deep`, { recursive: true });
  Deno.writeTextFileSync(`${releases}/20260102T000000Z.json`, "{}");
  Deno.writeTextFileSync(`${releases}/20260103T000000Z.json.tmp`, "{");
  // Died between the directory and the word that it is whole.
  const partial = JSON.stringify({ ...good, outcome: "partial" });
  Deno.mkdirSync(`${releases}/20260104T000000Z`);
  Deno.writeTextFileSync(`${releases}/20260104T000000Z.json`, partial);
  Deno.symlinkSync("nowhere", `${directory.path}/.current.new`);
  assertEquals(await tags(store), ["v1"]);
  assertEquals(await tags(await open(directory)), ["v1"]);
  assertEquals(directory.names("releases"), [good.name, `${good.name}.json`]);
  assertEquals(directory.names(), ["releases"]);
});

Deno.test("what other programs left among the releases stays", async () => {
  using directory = new TempDirectory();
  const releases = `${directory.path}/releases`;
  Deno.mkdirSync(`${releases}/20250101T000000Z`, { recursive: true });
  Deno.writeTextFileSync(`${releases}/README`, "mine");
  const store = await open(directory, { keep: 1 });
  await addGood(store, "v1", "v2");
  await store.prune();
  assertEquals(directory.names("releases").filter((name) => !name.startsWith("2026")), [
    "20250101T000000Z",
    "README",
  ]);
});

Deno.test("sweepDownloads() removes unfinished ones after a day, complete ones at once, and nothing else", async () => {
  using directory = new TempDirectory();
  const day = 86_400_000;
  const files = {
    "a.part": day + 1,
    "a.part.json": day + 1,
    "b.part": day - 60_000,
    "c": 9 * day,
    "v1--app.tar.gz": 0,
  };
  const now = Date.now();
  for (const [name, age] of Object.entries(files)) {
    Deno.writeTextFileSync(`${directory.path}/${name}`, "");
    Deno.utimeSync(`${directory.path}/${name}`, new Date(now - age), new Date(now - age));
  }
  await sweepDownloads(directory.path, now);
  assertEquals(directory.names(), ["b.part", "c"]);
});

Deno.test("a release that is extracted into the store is whole, or is not there", async () => {
  using directory = new TempDirectory();
  const store = await open(directory);
  const archive = `${directory.path}/app.tar.gz`;
  const origin = { tag: "v1", asset: "app.tar.gz", digest: "d" };
  Deno.writeFileSync(archive, tarGz([file("app", "v1"), file("../evil")]));
  await assertRejects(
    () => store.add(origin, (into) => extract(archive, { into })),
    ArtifactRefusedError,
    "../evil",
  );
  assertEquals(directory.names("releases"), []);
  Deno.writeFileSync(archive, tarGz([file("app", "v1")]));
  const release = await store.add(origin, (into) => extract(archive, { into }));
  store.makeCurrent(release);
  assertEquals(Deno.readTextFileSync(`${directory.path}/current/app`), "v1");
});
