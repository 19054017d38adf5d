import { assertEquals, assertRejects } from "@std/assert";
import { SnapshotError } from "../../../../src/data/snapshot/archiver.ts";
import { Snapshots, type SnapshotSource } from "../../../../src/data/snapshot/snapshots.ts";
import { DiskFullError } from "../../../../src/platform/disk_space.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";

const SUBJECT = {
  id: "20261121T101500Z-r7",
  createdAt: "2026-11-21T10:15:00.000Z",
  version: "1.2.3",
  project: "blog",
  service: "web",
  method: "host",
  skipped: [],
} as const;

const MOUNTS = [{
  type: "volume",
  name: "blog_data",
  target: "/d",
  member: "var/lib/docker/volumes/blog_data/_data",
  owner: { uid: 1, gid: 2, mode: 0o700 },
}] as const;

function source(text: string, options: Partial<SnapshotSource> = {}): SnapshotSource {
  return {
    suffix: ".tar.gz",
    expectedBytes: text.length,
    marginBytes: 0,
    async write(path) {
      await Deno.writeTextFile(path, text);
      return MOUNTS;
    },
    ...options,
  };
}

Deno.test("a snapshot is its bytes and a manifest, in a private directory", async () => {
  using home = new TempDirectory();
  const directory = `${home.path}/snapshots`;
  const snapshots = await Snapshots.open(directory);
  const manifest = await snapshots.take(SUBJECT, source("bytes"));
  assertEquals(manifest, {
    format: 1,
    ...SUBJECT,
    file: `${SUBJECT.id}.tar.gz`,
    bytes: 5,
    sha256: "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9",
    mounts: [...MOUNTS],
    sequence: 1,
  });
  assertEquals(home.names("snapshots"), [`${SUBJECT.id}.json`, `${SUBJECT.id}.tar.gz`]);
  assertEquals(Deno.statSync(directory).mode! & 0o777, 0o700);
  assertEquals(await snapshots.list(), [manifest]);
  assertEquals(await snapshots.verify(SUBJECT.id), `${directory}/${manifest.file}`);
  const again = () => snapshots.take(SUBJECT, source("other"));
  await assertRejects(again, SnapshotError, "there is one already");
  assertEquals(await snapshots.read(SUBJECT.id), manifest);
});

Deno.test("what does not come to its end leaves nothing behind", async () => {
  using home = new TempDirectory();
  const snapshots = await Snapshots.open(home.path);
  const failing = source("half", {
    async write(path) {
      await Deno.writeTextFile(path, "half");
      throw new SnapshotError("Cannot run tar: no");
    },
  });
  await assertRejects(() => snapshots.take(SUBJECT, failing), SnapshotError, "Cannot run tar: no");
  await assertRejects(
    () => snapshots.take(SUBJECT, source("")),
    SnapshotError,
    "nothing was written",
  );
  assertEquals([home.names(), await snapshots.list()], [[], []]);
});

Deno.test("no snapshot is begun where there is no room for it", async () => {
  using home = new TempDirectory();
  const snapshots = await Snapshots.open(home.path);
  const write = () => Promise.reject(new Error("must not be called"));
  const huge = [{ expectedBytes: 2 ** 52 }, { expectedBytes: null, marginBytes: 2 ** 52 }];
  for (const options of huge) {
    const taken = () => snapshots.take(SUBJECT, source("x", { ...options, write }));
    await assertRejects(taken, DiskFullError);
  }
  assertEquals(home.names(), []);
});

Deno.test("what a crash has left is removed at the next start, and nothing else", async () => {
  using home = new TempDirectory();
  const { file } = await (await Snapshots.open(home.path)).take(SUBJECT, source("x"));
  const leftovers = ["b.tar.zst.part", "c.tar.gz", "d.dump", "e.json.tmp"];
  for (const name of [...leftovers, "notes.txt", "f.json", "f.tar.gz"]) {
    Deno.writeTextFileSync(`${home.path}/${name}`, "{}");
  }
  const snapshots = await Snapshots.open(home.path);
  const kept = [`${SUBJECT.id}.json`, file, "f.json", "f.tar.gz", "notes.txt"];
  assertEquals([home.names(), (await snapshots.list()).length], [kept.toSorted(), 1]);
});

Deno.test("bytes that have changed, or are gone, are not taken for the snapshot", async () => {
  using home = new TempDirectory();
  const snapshots = await Snapshots.open(home.path);
  const { file } = await snapshots.take(SUBJECT, source("bytes"));
  const path = `${home.path}/${file}`;
  for (const text of ["bytez", "bytes!", ""]) {
    Deno.writeTextFileSync(path, text);
    await assertRejects(
      () => snapshots.verify(SUBJECT.id),
      SnapshotError,
      `Cannot restore ${SUBJECT.id}: ${path} is not what was saved`,
    );
  }
  Deno.removeSync(path);
  await assertRejects(() => snapshots.verify(SUBJECT.id), SnapshotError, "cannot be read");
});

Deno.test("a snapshot that does not exist, and one that leads elsewhere, are told as such", async () => {
  using home = new TempDirectory();
  const snapshots = await Snapshots.open(home.path);
  await assertRejects(
    () => snapshots.read("x"),
    Error,
    `Cannot find the snapshot x in ${home.path}`,
  );
  for (const id of ["../x", "", ".x", "a/b", "x".repeat(129)]) {
    await assertRejects(() => snapshots.read(id), Error, "as the name of a snapshot");
    await assertRejects(
      () => snapshots.take({ ...SUBJECT, id }, source("x")),
      Error,
      "as the name",
    );
  }
  const { file } = await snapshots.take(SUBJECT, source("x"));
  const path = `${home.path}/${SUBJECT.id}.json`;
  const text = Deno.readTextFileSync(path);
  for (
    const bad of [text.replace(file, "../../etc/x"), text.replace('"format": 1', '"format": 2')]
  ) {
    Deno.writeTextFileSync(path, bad);
    await assertRejects(() => snapshots.read(SUBJECT.id), Error, "it is not the record");
  }
});

Deno.test("retain() removes the oldest, never what is in use", async () => {
  using home = new TempDirectory();
  const snapshots = await Snapshots.open(home.path);
  for (const day of [1, 2, 3, 4]) {
    const subject = { ...SUBJECT, id: `s${day}`, createdAt: `2026-11-0${day}T00:00:00.000Z` };
    await snapshots.take(subject, source("bytes"));
  }
  assertEquals(await snapshots.retain({ count: 2, bytes: 1_000 }, ["s1"]), ["s2"]);
  assertEquals(await snapshots.retain({ count: 9, bytes: 10 }), ["s1"]);
  assertEquals(home.names(), ["s3.json", "s3.tar.gz", "s4.json", "s4.tar.gz"]);
});

Deno.test("the one taken last is the newest, also where the clock was set back", async () => {
  using home = new TempDirectory();
  const snapshots = await Snapshots.open(home.path);
  for (const day of [5, 6, 7, 1]) {
    const subject = { ...SUBJECT, id: `s${day}`, createdAt: `2026-11-0${day}T00:00:00.000Z` };
    await snapshots.take(subject, source("bytes"));
  }
  assertEquals((await snapshots.list()).map(({ id }) => id), ["s1", "s7", "s6", "s5"]);
  assertEquals(await snapshots.retain({ count: 3, bytes: 1_000 }), ["s5"]);
});

Deno.test("those of before have no number, and are older than all that have one", async () => {
  using home = new TempDirectory();
  const snapshots = await Snapshots.open(home.path);
  const at = (day: number) => `2026-11-0${day}T00:00:00.000Z`;
  for (const day of [7, 8]) {
    const path = `${home.path}/s${day}.json`;
    await snapshots.take({ ...SUBJECT, id: `s${day}`, createdAt: at(day) }, source("bytes"));
    const { sequence: _, ...old } = JSON.parse(Deno.readTextFileSync(path));
    Deno.writeTextFileSync(path, JSON.stringify(old));
  }
  await snapshots.take({ ...SUBJECT, id: "s1", createdAt: at(1) }, source("bytes"));
  assertEquals((await snapshots.list()).map(({ id }) => id), ["s1", "s8", "s7"]);
});

Deno.test("a snapshot whose manifest cannot be written leaves nothing behind", async () => {
  using home = new TempDirectory();
  const snapshots = await Snapshots.open(home.path);
  Deno.mkdirSync(`${home.path}/${SUBJECT.id}.json.tmp`);
  await assertRejects(() => snapshots.take(SUBJECT, source("bytes")));
  assertEquals(home.names(), []);
});
