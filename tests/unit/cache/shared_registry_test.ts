import { assertEquals } from "@std/assert";
import { BucketStore } from "../../../src/cache/bucket_store.ts";
import { ConsulStore } from "../../../src/cache/consul_store.ts";
import { MemoryStore } from "../../../src/cache/memory_store.ts";
import { sharedRegistry } from "../../../src/cache/shared_registry.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { openS3 } from "../../../src/source/s3/open_s3.ts";
import { ConsulDouble } from "../../helpers/consul_double.ts";
import { S3_KEYS, S3Server } from "../../helpers/s3_server.ts";
import { FakeRegistry, releaseOf } from "./fake_registry.ts";
import { LinesLog } from "./lines_log.ts";

const { signal } = new AbortController();
const OPTIONS = {
  isPrivate: false,
  identity: [],
  ttlMs: 60_000,
  maxStaleMs: 0,
  holder: "here",
  clock: systemClock,
  date: () => 0,
  log: new LinesLog(),
};

for (const ttlMs of [0, 1000]) {
  Deno.test(`images stay images when their tags are shared for ${ttlMs} ms`, async () => {
    for (const hasFiles of [true, false]) {
      const registry = Object.assign(new FakeRegistry(), { hasFiles });
      const shared = await sharedRegistry(registry, {
        ...OPTIONS,
        store: new MemoryStore(() => 0),
        ttlMs,
      });
      assertEquals(shared.hasFiles, hasFiles);
    }
  });
}

Deno.test("a store that keeps no artifacts shares answers only", async () => {
  await using double = new ConsulDouble();
  const place = { url: `http://${double.host}`, prefix: "", datacenter: null, token: null };
  const registry = new FakeRegistry();
  registry.list = [releaseOf("v1.0.0")];
  registry.content = new Uint8Array(10);
  for (let host = 0; host < 2; host++) {
    const shared = await sharedRegistry(registry, {
      ...OPTIONS,
      store: new ConsulStore(place),
    });
    const [release] = await shared.releases(signal);
    const { body } = await shared.fetch(release!.assets[0]!, { offset: 0, signal });
    assertEquals(await new Response(body).bytes(), registry.content);
  }
  assertEquals([registry.asked, registry.offsets], [1, [0, 0]]);
  assertEquals([...double.entries.keys()].filter((key) => !key.startsWith("registry-cache/")), []);
});

Deno.test("in a bucket that holds no leases artifacts are shared, answers are not, and that is told", async () => {
  await using server = await S3Server.start();
  const registry = new FakeRegistry();
  registry.list = [releaseOf("v1.0.0")];
  registry.content = new Uint8Array(10);
  const log = new LinesLog();
  for (let host = 0; host < 2; host++) {
    const bucket = openS3(server.place(""), S3_KEYS, Date.now);
    const store = new BucketStore(bucket, "cache/", systemClock);
    const shared = await sharedRegistry(registry, { ...OPTIONS, store, log });
    const [release] = await shared.releases(signal);
    const [asset] = release!.assets;
    assertEquals(await shared.reserve?.(asset!, signal), null);
    const { body } = await shared.fetch(asset!, { offset: 0, signal });
    assertEquals(await new Response(body).bytes(), registry.content);
  }
  assertEquals([registry.asked, registry.offsets], [2, [0]]);
  const why = "Cannot hold leases in the bucket releases: its server does not heed If-Match and " +
    "If-None-Match when it writes";
  const asked = `warn The registry is asked without the cache: ${why}`;
  assertEquals(log.lines, [
    asked,
    `warn Not waiting for others to fetch app.tgz: ${why}`,
    asked,
    "info app.tgz comes out of the cache",
  ]);
});

Deno.test("nobody takes turns in a store that nobody else sees", async () => {
  for (const isPrivate of [true, false]) {
    const registry = new FakeRegistry();
    registry.list = [releaseOf("v1.0.0")];
    const store = new MemoryStore(() => 0);
    const shared = await sharedRegistry(registry, { ...OPTIONS, store, isPrivate });
    const [release] = await shared.releases(signal);
    await using turn = await shared.reserve?.(release!.assets[0]!, signal) ?? null;
    assertEquals(turn === null, isPrivate);
  }
});
