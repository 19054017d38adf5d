import { assertEquals, assertRejects } from "@std/assert";
import type { Bucket, BucketPage } from "../../../../src/source/bucket/bucket.ts";
import { BucketRegistry } from "../../../../src/source/bucket/bucket_registry.ts";
import { type AssetBody, RegistryError } from "../../../../src/source/registry.ts";

const never = new AbortController().signal;
const HOUR_MS = 3600_000;
const MINUTE_MS = 60_000;

/** A bucket in memory; a time for every key. */
class MemoryBucket implements Bucket {
  readonly name = "the bucket of the test";
  readonly times: Map<string, number>;
  readonly listed: string[] = [];
  failing: string | null = null;

  constructor(times: Record<string, number>) {
    this.times = new Map(Object.entries(times));
  }

  async list(prefix: string, from: string | null, signal: AbortSignal): Promise<BucketPage> {
    this.listed.push(prefix);
    await Promise.resolve();
    signal.throwIfAborted();
    if (prefix === this.failing) throw new RegistryError("unreachable", `${prefix} fails`);
    assertEquals(from, null);
    const keys = [...this.times.keys()].filter((key) => key.startsWith(prefix)).sort();
    const rests = keys.map((key) => key.slice(prefix.length));
    const folders = rests.filter((rest) => rest.includes("/")).map((rest) => rest.split("/")[0]);
    return {
      objects: keys.filter((_, at) => !rests[at]?.includes("/")).map((key) => ({
        key,
        size: 1,
        modifiedAt: this.times.get(key) ?? null,
      })),
      folders: [...new Set(folders)].map((folder) => `${prefix}${folder}/`),
      next: null,
    };
  }

  read(key: string): Promise<AssetBody> {
    return Promise.reject(new RegistryError("not_found", `There is no ${key}`));
  }

  write(): Promise<void> {
    return Promise.resolve();
  }

  /** What was listed since the last time. */
  asked(): string[] {
    return this.listed.splice(0).sort();
  }
}

Deno.test("a poll looks into new and young folders, and into old ones after ten minutes", async () => {
  const bucket = new MemoryBucket({ "v1/a": 0, "v2/a": 2 * HOUR_MS });
  let now = 2 * HOUR_MS;
  const registry = new BucketRegistry(bucket, "", () => now);
  const polls: [number, string[]][] = [
    [0, ["", "v1/", "v2/"]],
    [MINUTE_MS, ["", "v2/"]],
    [10 * MINUTE_MS, ["", "v1/", "v2/"]],
    [HOUR_MS, ["", "v1/", "v2/"]],
    [MINUTE_MS, [""]],
  ];
  for (const [pass, expected] of polls) {
    now += pass;
    assertEquals((await registry.releases(never)).map(({ tag }) => tag), ["v1", "v2"]);
    assertEquals(bucket.asked(), expected);
  }
});

Deno.test("a version that appears is seen at the next poll, one that is removed is gone", async () => {
  const bucket = new MemoryBucket({ "v1/a": 0, "v2/a": 0 });
  const registry = new BucketRegistry(bucket, "", () => 2 * HOUR_MS);
  await registry.releases(never);
  bucket.times.delete("v1/a");
  bucket.times.set("v3/a", 2 * HOUR_MS);
  assertEquals((await registry.releases(never)).map(({ tag }) => tag), ["v2", "v3"]);
});

Deno.test("a release is as old as its oldest file; records make it no older", async () => {
  const bucket = new MemoryBucket({
    "v1/app.tgz": 3000,
    "v1/app.tgz.sha256": 2000,
    "v1/shipped_to_web_server_at_20260101T000000.000000000Z.txt": 1000,
    "v1/failed_to_ship_to_web_server_at_20260101T000000.000000000Z.txt": 1000,
    "v1/shipped_to_nobody.tgz": 4000,
  });
  const [release] = await new BucketRegistry(bucket, "", () => 0).releases(never);
  assertEquals(release?.publishedAt, 2000);
  const names = release?.assets.map(({ name }) => name);
  assertEquals(names, ["app.tgz", "app.tgz.sha256", "shipped_to_nobody.tgz"]);
});

Deno.test("a folder with nothing but records is a release without files", async () => {
  const record = "shipped_to_web_server_at_20260101T000000.000000000Z.txt";
  const bucket = new MemoryBucket({ [`v1/${record}`]: 1000 });
  const releases = await new BucketRegistry(bucket, "", () => 0).releases(never);
  assertEquals(releases, [{ tag: "v1", publishedAt: null, assets: [] }]);
});

Deno.test("names that no URL can lead to, and folders that are no versions, are passed over", async () => {
  const bucket = new MemoryBucket({
    "v1/..": 0,
    "v1/.": 0,
    "v1/a": 0,
    "../a1": 0,
    "docs/a": 0,
    "/a": 0,
  });
  const releases = await new BucketRegistry(bucket, "", () => 0).releases(never);
  assertEquals(releases.map(({ tag, assets }) => [tag, assets.length]), [["v1", 1]]);
  assertEquals(bucket.asked(), ["", "v1/"]);
});

Deno.test("a folder that cannot be looked into fails the poll; the others are not asked in vain", async () => {
  const bucket = new MemoryBucket(
    Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`v${n}/a`, 0])),
  );
  bucket.failing = "v0/";
  const registry = new BucketRegistry(bucket, "", () => 0);
  await assertRejects(() => registry.releases(never), RegistryError, "v0/ fails");
  // Whoever would still be at work is done by then.
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(bucket.asked().length < 20, true);
  bucket.failing = null;
  assertEquals((await registry.releases(never)).length, 50);
});

Deno.test("a poll ends with its signal", async () => {
  const bucket = new MemoryBucket({ "v1/a": 0 });
  const registry = new BucketRegistry(bucket, "", () => 0);
  const reason = new Error("enough");
  await assertRejects(() => registry.releases(AbortSignal.abort(reason)), Error, "enough");
});

Deno.test("after a file was not found, all folders are looked into again", async () => {
  const bucket = new MemoryBucket({ "v1/a": 0 });
  const registry = new BucketRegistry(bucket, "", () => 2 * HOUR_MS);
  const [release] = await registry.releases(never);
  bucket.asked();
  const asset = release!.assets[0]!;
  await assertRejects(() => registry.fetch(asset, { offset: 0, signal: never }), RegistryError);
  await registry.releases(never);
  assertEquals(bucket.asked(), ["", "v1/"]);
});
