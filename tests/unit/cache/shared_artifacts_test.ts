import { assertEquals, assertRejects } from "@std/assert";
import { FileStore } from "../../../src/cache/file_store.ts";
import { MemoryStore } from "../../../src/cache/memory_store.ts";
import { SharedArtifacts } from "../../../src/cache/shared_artifacts.ts";
import { type Store, StoreError } from "../../../src/cache/store.ts";
import type { Asset, AssetBody } from "../../../src/source/registry.ts";
import { FakeRegistry, releaseOf } from "./fake_registry.ts";
import { LinesLog } from "./lines_log.ts";

const KEY = "artifacts/1/v1.0.0--app.tgz";
const PIECE_BYTES = 16;
const { signal } = new AbortController();
const CONTENT = Uint8Array.from({ length: 100 }, (_, index) => index);

/** Small pieces, so that a small file has many. */
class PieceStore extends MemoryStore {
  override readonly pieceBytes: number = PIECE_BYTES;
  readonly written: string[] = [];
  /** Keys of what the store has lost. */
  readonly lost = new Set<string>();
  failure: Error | null = null;

  constructor() {
    super(() => 0);
  }

  override get(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.lost.has(key) ? Promise.resolve(null) : super.get(key);
  }

  override put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure);
    this.written.push(key);
    return super.put(key, bytes);
  }
}

function sharedBy(registry: FakeRegistry, store: Store, log: LinesLog): SharedArtifacts {
  const pieceBytes = store.pieceBytes ?? PIECE_BYTES;
  return new SharedArtifacts({
    registry,
    store,
    pieceBytes,
    log,
    prefix: "artifacts/1",
    turns: null,
  });
}

/** One release in a registry, and hosts that share a store. */
class Hosts {
  readonly registry = new FakeRegistry();
  readonly log = new LinesLog();

  constructor(readonly store: Store, asset: Partial<Asset> = {}) {
    this.registry.content = CONTENT;
    this.registry.list = [releaseOf("v1.0.0", asset)];
  }

  async fetch(offset = 0): Promise<AssetBody> {
    const { registry, store, log } = this;
    const host = sharedBy(registry, store, log);
    const [release] = await host.releases(signal);
    return await host.fetch(release!.assets[0]!, { offset, signal });
  }

  async read(offset = 0): Promise<Uint8Array> {
    return await new Response((await this.fetch(offset)).body).bytes();
  }
}

Deno.test("what one host has fetched, the next one gets out of the store", async () => {
  const hosts = new Hosts(new PieceStore(), { size: CONTENT.length });
  assertEquals(await hosts.read(), CONTENT);
  assertEquals(await hosts.read(), CONTENT);
  assertEquals(await hosts.read(), CONTENT);
  assertEquals(hosts.registry.offsets, [0]);
});

Deno.test("the store goes on anywhere in the file", async () => {
  const hosts = new Hosts(new PieceStore());
  await hosts.read();
  for (const offset of [1, 15, 16, 17, 96, 99, 100]) {
    assertEquals(await hosts.read(offset), CONTENT.slice(offset));
  }
  assertEquals((await hosts.fetch(17)).totalBytes, CONTENT.length);
  assertEquals(hosts.registry.offsets, [0]);
});

Deno.test("a file in a directory is shared in the same way", async () => {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-cache-" });
  try {
    const store = await FileStore.open(directory, {
      now: () => 0,
      date: Date.now,
      downloads: directory,
    });
    const hosts = new Hosts(store);
    for (let host = 0; host < 3; host++) assertEquals(await hosts.read(), CONTENT);
    assertEquals(hosts.registry.offsets, [0]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("an empty file is shared, too", async () => {
  const hosts = new Hosts(new PieceStore());
  hosts.registry.content = new Uint8Array(0);
  assertEquals(await hosts.read(), new Uint8Array(0));
  assertEquals(await hosts.read(), new Uint8Array(0));
  assertEquals(hosts.registry.offsets, [0]);
});

Deno.test("a first piece that is not what it was is never used", async () => {
  const store = new PieceStore();
  const hosts = new Hosts(store);
  await hosts.read();
  await store.put(store.written[0]!, new Uint8Array(PIECE_BYTES));
  assertEquals(await hosts.read(), CONTENT);
  assertEquals(hosts.registry.offsets, [0, 0]);
  assertEquals(hosts.log.lines, [
    `warn app.tgz is fetched without the cache: Cannot use ${KEY} of memory: ` +
    "piece 0 is not what it was",
  ]);
});

Deno.test("a later piece that is missing ends the download, which goes on at the registry", async () => {
  const store = new PieceStore();
  const hosts = new Hosts(store);
  await hosts.read();
  store.lost.add(store.written[3]!);
  const { registry, log } = hosts;
  const host = sharedBy(registry, store, log);
  const asset = (await host.releases(signal))[0]!.assets[0]!;
  const { body } = await host.fetch(asset, { offset: 0, signal });
  await assertRejects(() => new Response(body).bytes(), StoreError, "piece 3 is missing");
  const { body: rest } = await host.fetch(asset, { offset: 48, signal });
  assertEquals(await new Response(rest).bytes(), CONTENT.slice(48));
  assertEquals(registry.offsets, [0, 48]);
});

Deno.test("who asks for the same file again gets it from the registry", async () => {
  const store = new PieceStore();
  const hosts = new Hosts(store);
  await hosts.read();
  const { registry, log } = hosts;
  const host = sharedBy(registry, store, log);
  const asset = (await host.releases(signal))[0]!.assets[0]!;
  for (let time = 0; time < 2; time++) {
    const { body } = await host.fetch(asset, { offset: 0, signal });
    await body.cancel();
  }
  assertEquals(registry.offsets, [0, 0]);
});

Deno.test("what came from the registry anew is good for the next time", async () => {
  const store = new PieceStore();
  const hosts = new Hosts(store);
  await hosts.read();
  const { registry, log } = hosts;
  const host = sharedBy(registry, store, log);
  const asset = (await host.releases(signal))[0]!.assets[0]!;
  for (let time = 0; time < 4; time++) {
    const { body } = await host.fetch(asset, { offset: 0, signal });
    assertEquals(await new Response(body).bytes(), CONTENT);
  }
  assertEquals(registry.offsets, [0, 0, 0]);
});

Deno.test("another file of the same name is not taken for this one", async () => {
  const store = new PieceStore();
  await new Hosts(store).read();
  for (const asset of [{ size: 99 }, { sha256: "0".repeat(64) }]) {
    const hosts = new Hosts(store, asset);
    await hosts.read();
    assertEquals(hosts.registry.offsets, [0]);
  }
});

Deno.test("half a file, or one that is not as announced, is not shared", async () => {
  for (const asset of [{ size: 200 }, { sha256: "0".repeat(64) }]) {
    const store = new PieceStore();
    await new Hosts(store, asset).read();
    assertEquals(await store.get(KEY), null);
  }
  const store = new PieceStore();
  const reader = (await new Hosts(store).fetch()).body.getReader();
  await reader.read();
  await reader.cancel();
  assertEquals(await store.get(KEY), null);
});

Deno.test("what vouches for a file always comes from the registry", async () => {
  const names = ["app.tgz.sha256", "SHA256SUMS", "app_checksums.txt", "app.tgz.minisig"];
  for (const name of [...names, "app.tgz.bundle", "app.tgz.sigstore.json"]) {
    const store = new PieceStore();
    const hosts = new Hosts(store, { name });
    await hosts.read();
    await hosts.read();
    assertEquals(hosts.registry.offsets, [0, 0], name);
    assertEquals(store.written, [], name);
  }
});

Deno.test("a store that fails does not stop a download", async () => {
  const store = new PieceStore();
  store.failure = new StoreError("Cannot write it: it is full");
  const hosts = new Hosts(store);
  assertEquals(await hosts.read(), CONTENT);
  assertEquals(hosts.log.lines, ["warn app.tgz is not shared: Cannot write it: it is full"]);
});

Deno.test("a store without room for a file, or that cannot tell, does not stop a download", async () => {
  for (const asset of [{ size: CONTENT.length }, {}]) {
    const store = new PieceStore();
    store.hasRoom = (bytes) => Promise.resolve(bytes < CONTENT.length);
    const hosts = new Hosts(store, asset);
    assertEquals(await hosts.read(), CONTENT);
    assertEquals(store.written, []);
    assertEquals(hosts.log.lines, [
      "warn app.tgz is not shared: memory has no room for 100 bytes",
    ]);
  }
  const store = new PieceStore();
  store.hasRoom = () => Promise.reject(new StoreError("Cannot look at it"));
  const hosts = new Hosts(store);
  assertEquals(await hosts.read(), CONTENT);
  assertEquals(hosts.log.lines, ["warn app.tgz is not shared: Cannot look at it"]);
});

Deno.test("a list of pieces that makes no sense is not used", async () => {
  const digest = "0".repeat(64);
  const texts = [
    "",
    "null",
    JSON.stringify({ size: 100, sha256: digest, pieceBytes: 16, pieces: [digest] }),
    JSON.stringify({ size: -1, sha256: digest, pieceBytes: 16, pieces: [] }),
    JSON.stringify({ size: 1, sha256: "../../x", pieceBytes: 16, pieces: ["../../x"] }),
  ];
  for (const text of texts) {
    const store = new PieceStore();
    await store.put(KEY, new TextEncoder().encode(text));
    const hosts = new Hosts(store);
    assertEquals(await hosts.read(), CONTENT);
    assertEquals(hosts.registry.offsets, [0]);
  }
});

Deno.test("whatever is in a tag, its file stays where it belongs", async () => {
  const store = new PieceStore();
  const hosts = new Hosts(store);
  hosts.registry.list = [releaseOf("../../v1 (2)~*")];
  await hosts.read();
  await hosts.read();
  assertEquals(hosts.registry.offsets, [0]);
  assertEquals(store.written.at(-1), "artifacts/1/..%2F..%2Fv1%20%282%29%7E%2A--app.tgz");
});
