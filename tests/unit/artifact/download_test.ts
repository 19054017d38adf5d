import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { type Asset, TransferError } from "../../../src/artifact/asset.ts";
import { download, type DownloadOptions } from "../../../src/artifact/download.ts";
import { ArtifactRefusedError } from "../../../src/artifact/refused.ts";
import { DiskFullError } from "../../../src/platform/disk_space.ts";
import { type Answer, FakeSource, JumpingClock } from "./fake_source.ts";
import { TempDirectory } from "./temp_directory.ts";

const STALL_MS = 12_345;
const CONTENT = Uint8Array.from({ length: 10_500 }, (_, index) => index * 7 % 251);
const DIGEST = new Uint8Array(await crypto.subtle.digest("SHA-256", CONTENT)).toHex();

const ASSET: Asset = { version: "v1", name: "app.tar.gz", size: CONTENT.length, sha256: DIGEST };
const UNVOUCHED: Asset = { ...ASSET, sha256: null };

/** Downloads into `directory/app.tar.gz`, without ever waiting for long. */
async function fetchInto(
  directory: TempDirectory,
  source: FakeSource,
  asset: Asset = ASSET,
  options: DownloadOptions = {},
) {
  const clock = new JumpingClock(STALL_MS);
  const settings = { clock, stallTimeoutMs: STALL_MS, ...options };
  const path = `${directory.path}/app.tar.gz`;
  return { ...await download(source, asset, path, settings), slept: clock.slept };
}

/** What is there after a download that broke off for good after `bytes`. */
async function breakOff(
  directory: TempDirectory,
  bytes: number,
  asset: Asset = ASSET,
  answer: Answer = {},
): Promise<void> {
  const source = new FakeSource(CONTENT, [{ ...answer, breaksAfter: bytes }]);
  await assertRejects(() => fetchInto(directory, source, asset, { tries: 1 }), TransferError);
  assertEquals(directory.names(), ["app.tar.gz.part", "app.tar.gz.part.json"]);
}

Deno.test("download() puts an asset in its place and tells its digest", async () => {
  using directory = new TempDirectory();
  const progress: Array<[number, number | null]> = [];
  const onProgress = (bytes: number, total: number | null) => void progress.push([bytes, total]);
  const result = await fetchInto(directory, new FakeSource(CONTENT), ASSET, { onProgress });
  assertEquals([result.bytes, result.sha256], [CONTENT.length, DIGEST]);
  assertEquals(Deno.readFileSync(result.path), CONTENT);
  assertEquals(directory.names(), ["app.tar.gz"]);
  assertEquals(progress[0], [1000, CONTENT.length]);
  assertEquals(progress.at(-1), [CONTENT.length, CONTENT.length]);
});

Deno.test("download() gives up a transfer that only drips, and keeps what has come", async () => {
  using directory = new TempDirectory();
  let at = 0;
  const clock = Object.assign(new JumpingClock(STALL_MS), { now: () => at += STALL_MS / 2 });
  const source = new FakeSource(CONTENT);
  const options = { clock, stallTimeoutMs: STALL_MS, tries: 2 };
  await assertRejects(
    () => download(source, ASSET, `${directory.path}/app.tar.gz`, options),
    TransferError,
    "fewer than 32768 bytes came in 12.345 s",
  );
  assertEquals([source.cancelled, source.offsets.length], [2, 2]);
  assert(source.offsets[1]! > 0);
  assertEquals(directory.names(), ["app.tar.gz.part", "app.tar.gz.part.json"]);
});

Deno.test("download() goes on where a broken connection left off, with longer and longer pauses", async () => {
  using directory = new TempDirectory();
  const broken = { breaksAfter: 2000 };
  const source = new FakeSource(CONTENT, [broken, { error: new Error("refused") }, broken]);
  const result = await fetchInto(directory, source);
  assertEquals(source.offsets, [0, 2000, 2000, 4000]);
  assertEquals(result.slept, [1000, 2000, 4000]);
  assertEquals(result.sha256, DIGEST);
});

Deno.test("download() goes on in the next call, and hashes what was there before", async () => {
  using directory = new TempDirectory();
  await breakOff(directory, 3000);
  const source = new FakeSource(CONTENT);
  assertEquals((await fetchInto(directory, source)).sha256, DIGEST);
  assertEquals(source.offsets, [3000]);
});

Deno.test("download() goes on after kill -9 with what was made to last, whatever else is there", async () => {
  using directory = new TempDirectory();
  await breakOff(directory, 3000);
  const path = `${directory.path}/app.tar.gz.part`;
  Deno.writeTextFileSync(path, "never synced", { append: true });
  const source = new FakeSource(CONTENT);
  assertEquals((await fetchInto(directory, source)).bytes, CONTENT.length);
  assertEquals(source.offsets, [3000]);
});

Deno.test("download() begins again when the source has other bytes now", async () => {
  using directory = new TempDirectory();
  await breakOff(directory, 3000, UNVOUCHED);
  const source = new FakeSource(CONTENT, [{ etag: '"2"' }]);
  assertEquals((await fetchInto(directory, source, UNVOUCHED)).sha256, DIGEST);
  assertEquals(source.offsets, [3000, 0]);
  assertEquals(source.cancelled, 1);
});

Deno.test("download() begins again when nothing tells whether the bytes are the same", async () => {
  using directory = new TempDirectory();
  await breakOff(directory, 3000, UNVOUCHED, { etag: null });
  const source = new FakeSource(CONTENT, [{ etag: null }]);
  assertEquals((await fetchInto(directory, source, UNVOUCHED)).sha256, DIGEST);
  assertEquals(source.offsets, [3000, 0]);
});

Deno.test("download() goes on without an etag where the registry vouches for the whole", async () => {
  using directory = new TempDirectory();
  await breakOff(directory, 3000, ASSET, { etag: null });
  const source = new FakeSource(CONTENT, [{ etag: null }]);
  assertEquals((await fetchInto(directory, source)).sha256, DIGEST);
  assertEquals(source.offsets, [3000]);
});

Deno.test("download() takes an answer from the beginning for what it is", async () => {
  using directory = new TempDirectory();
  await breakOff(directory, 3000);
  const source = new FakeSource(CONTENT, [{ ignoresOffset: true }]);
  assertEquals((await fetchInto(directory, source)).sha256, DIGEST);
});

Deno.test("download() does not take an answer from some other place", async () => {
  using directory = new TempDirectory();
  await breakOff(directory, 3000);
  const source = new FakeSource(CONTENT, [{ offset: 2999 }, {}]);
  assertEquals((await fetchInto(directory, source)).sha256, DIGEST);
  assertEquals(source.offsets, [3000, 0]);
});

Deno.test("download() does not go on with a part of another version", async () => {
  using directory = new TempDirectory();
  await breakOff(directory, 3000, { ...ASSET, version: "v0" });
  const source = new FakeSource(CONTENT);
  assertEquals((await fetchInto(directory, source)).sha256, DIGEST);
  assertEquals(source.offsets, [0]);
});

Deno.test("download() does not go on with a part whose record is gone or broken", async () => {
  for (const record of [null, "{", "{}", '{"identity":"x","bytes":-1}']) {
    using directory = new TempDirectory();
    await breakOff(directory, 3000);
    const path = `${directory.path}/app.tar.gz.part.json`;
    if (record === null) Deno.removeSync(path);
    else Deno.writeTextFileSync(path, record);
    const source = new FakeSource(CONTENT);
    assertEquals((await fetchInto(directory, source)).sha256, DIGEST);
    assertEquals(source.offsets, [0], String(record));
  }
});

Deno.test("download() begins again, once, when what it went on with was damaged", async () => {
  using directory = new TempDirectory();
  await breakOff(directory, 3000);
  const part = `${directory.path}/app.tar.gz.part`;
  Deno.writeFileSync(part, Deno.readFileSync(part).fill(0, 100, 200));
  const source = new FakeSource(CONTENT);
  assertEquals((await fetchInto(directory, source)).sha256, DIGEST);
  assertEquals(source.offsets, [3000, 0]);
});

Deno.test("download() asks for nothing more when all that was missing was the last step", async () => {
  using directory = new TempDirectory();
  await breakOff(directory, CONTENT.length);
  const source = new FakeSource(CONTENT);
  assertEquals((await fetchInto(directory, source)).sha256, DIGEST);
  assertEquals(source.offsets, []);
});

Deno.test("download() refuses what the registry does not vouch for, and names both digests", async () => {
  using directory = new TempDirectory();
  const wanted = { ...ASSET, sha256: "0".repeat(64) };
  const error = await assertRejects(
    () => fetchInto(directory, new FakeSource(CONTENT), wanted),
    ArtifactRefusedError,
    DIGEST,
  );
  assert(error.message.includes("0".repeat(64)), error.message);
  assertEquals(error.kind, "checksum");
  assertEquals(directory.names(), []);
});

Deno.test("download() refuses what is too large by its own account, before a byte is asked for", async () => {
  using directory = new TempDirectory();
  const source = new FakeSource(CONTENT);
  const error = await assertRejects(
    () => fetchInto(directory, source, ASSET, { maxBytes: 10_499 }),
    ArtifactRefusedError,
    "10499 are allowed",
  );
  assertEquals(error.kind, "too_large");
  assertEquals([source.offsets, directory.names()], [[], []]);
});

Deno.test("download() refuses what turns out to be too large", async () => {
  using directory = new TempDirectory();
  for (const totalBytes of [CONTENT.length, null]) {
    const source = new FakeSource(CONTENT, [{ totalBytes }]);
    const asset = { ...ASSET, size: null };
    const outcome = await fetchInto(directory, source, asset, { maxBytes: 5000 }).catch((e) => e);
    assertInstanceOf(outcome, ArtifactRefusedError);
    assertEquals([source.cancelled, directory.names()], [1, []]);
  }
});

Deno.test("download() does not take more bytes than there should be", async () => {
  using directory = new TempDirectory();
  const source = new FakeSource(CONTENT);
  await assertRejects(
    () => fetchInto(directory, source, { ...UNVOUCHED, size: 7000 }),
    TransferError,
    "more came than the 7000 bytes",
  );
  assertEquals([source.offsets, directory.names()], [[0], []]);
});

Deno.test("download() takes an end that comes too early for a failure", async () => {
  using directory = new TempDirectory();
  const source = new FakeSource(CONTENT.subarray(0, 4000));
  await assertRejects(() => fetchInto(directory, source), TransferError, "ended after 4000 bytes");
  assertEquals(source.offsets.length, 5);
});

Deno.test("download() gives up at once where asking again is of no use", async () => {
  using directory = new TempDirectory();
  const error = new TransferError("404", { canRetry: false });
  const source = new FakeSource(CONTENT, [{ error }]);
  await assertRejects(() => fetchInto(directory, source), TransferError, "404");
  assertEquals([source.offsets, directory.names()], [[0], []]);
});

Deno.test("download() does not wait for a connection that says nothing", async () => {
  for (const answer of [{ breaksAfter: 2000, hangs: true }, { silent: true }]) {
    using directory = new TempDirectory();
    const clock = new JumpingClock(STALL_MS);
    clock.stalls = true;
    const source = new FakeSource(CONTENT, [answer]);
    await assertRejects(
      () => fetchInto(directory, source, ASSET, { clock, tries: 1 }),
      TransferError,
      "not a byte for 12.345 s",
    );
  }
});

Deno.test("download() keeps what it has when it is called off", async () => {
  using directory = new TempDirectory();
  const calledOff = new AbortController();
  const onProgress = (bytes: number) => {
    if (bytes === 4000) calledOff.abort(new Error("called off"));
  };
  const options = { signal: calledOff.signal, onProgress };
  const source = new FakeSource(CONTENT);
  await assertRejects(() => fetchInto(directory, source, ASSET, options), Error, "called off");
  assertEquals(source.cancelled, 1);
  const again = new FakeSource(CONTENT);
  assertEquals((await fetchInto(directory, again)).sha256, DIGEST);
  assertEquals(again.offsets, [4000]);
});

Deno.test("download() does not begin without room for the whole", async () => {
  using directory = new TempDirectory();
  const space = { marginBytes: 1000, freeBytes: () => Promise.resolve(11_499) };
  const source = new FakeSource(CONTENT);
  await assertRejects(
    () => fetchInto(directory, source, ASSET, { space }),
    DiskFullError,
    "needs 10500 bytes",
  );
  assertEquals(source.offsets, []);
  const enough = { ...space, freeBytes: () => Promise.resolve(11_500) };
  await fetchInto(directory, new FakeSource(CONTENT), ASSET, { space: enough });
});

Deno.test("download() measures the room that there really is", async () => {
  using directory = new TempDirectory();
  const space = { marginBytes: Number.MAX_SAFE_INTEGER / 2 };
  await assertRejects(
    () => fetchInto(directory, new FakeSource(CONTENT), ASSET, { space }),
    DiskFullError,
  );
});

Deno.test("download() measures again when an answer tells the size", async () => {
  using directory = new TempDirectory();
  const space = { marginBytes: 1000, freeBytes: () => Promise.resolve(11_499) };
  const source = new FakeSource(CONTENT);
  await assertRejects(
    () => fetchInto(directory, source, { ...ASSET, size: null }, { space }),
    DiskFullError,
  );
  assertEquals([source.offsets, source.cancelled], [[0], 1]);
});
