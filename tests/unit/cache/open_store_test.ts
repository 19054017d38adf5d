import { assertEquals, assertExists, assertRejects } from "@std/assert";
import { isPrivate, openStore } from "../../../src/cache/open_store.ts";
import { cacheTarget } from "../../../src/config/cache_kind.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { ConsulDouble } from "../../helpers/consul_double.ts";

const { signal } = new AbortController();

async function open(text: string, directory: string, env: Record<string, string> = {}) {
  const { store } = cacheTarget.parse(text);
  assertExists(store);
  return await openStore(store, {
    directory,
    downloads: directory,
    env,
    clock: systemClock,
    date: Date.now,
  });
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
    assertEquals((await open("consul://agent", "/nowhere")).name, "Consul at agent:8500");
    assertEquals((await open("s3://eu-west-1/s3bucket/x", "/nowhere")).name, "the bucket s3bucket");
    assertEquals((await open("gs://gsbucket/x", "/nowhere")).name, "the bucket gsbucket");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a variable that makes no sense is named before anything is asked", async () => {
  const env = { AWS_ENDPOINT_URL: "nowhere" };
  await assertRejects(
    () => open("s3://eu-west-1/bucket", "/nowhere", env),
    Error,
    'AWS_ENDPOINT_URL="nowhere" is no URL',
  );
});

Deno.test("Consul is asked with the token of the environment", async () => {
  await using double = new ConsulDouble();
  const env = { CONSUL_HTTP_TOKEN: "open-sesame" };
  await (await open(`consul://${double.host}/shop`, "/nowhere", env)).get("a", signal);
  const path = "/v1/kv/shop/a?raw=";
  assertEquals(double.requests, [{ method: "GET", path, token: "open-sesame" }]);
});

Deno.test("only what a liveroll has for itself is private", () => {
  const cases = {
    "memory:": true,
    "file://": true,
    "file:///var/cache": false,
    "redis://cache": false,
    "consul://agent": false,
    "s3://eu-west-1/bucket": false,
    "gs://bucket": false,
  };
  for (const [text, expected] of Object.entries(cases)) {
    const { store } = cacheTarget.parse(text);
    assertExists(store);
    assertEquals(isPrivate(store), expected, text);
  }
});
