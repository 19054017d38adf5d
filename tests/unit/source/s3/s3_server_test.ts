// Against a server that was not made for these tests.
import { assertEquals, assertRejects } from "@std/assert";
import { createS3 } from "../../../../src/source/s3/create_s3.ts";
import { RegistryError } from "../../../../src/source/registry.ts";
import { S3_KEYS, S3Server } from "../../../helpers/s3_server.ts";

const never = new AbortController().signal;
const RECORD = { tag: "v1.0.0", host: "Web", command: "server", at: 0, error: null };
const RECORD_FILE = "shipped_to_web_server_at_19700101T000000.000000000Z.txt";

Deno.test("a bucket lists versions with their files, whatever is in their names", async () => {
  await using server = await S3Server.start();
  const files = {
    "apps/v1.0.0/app_linux_amd64.tar.gz": "12345",
    "apps/v1.0.0/deep/er.tgz": "",
    "apps/v1.1.0+blue/a &b<'!()*ä+%2F.tgz": "1",
    "apps/readme/x": "",
    "apps/README": "",
    "elsewhere/v9.0.0/x": "",
  };
  for (const [key, content] of Object.entries(files)) await server.put(key, content);
  const releases = await createS3(server.place("apps/"), S3_KEYS, Date.now).releases(never);
  const seen = releases.map((
    { tag, assets },
  ) => [tag, assets.map(({ name, size }) => [name, size])]);
  assertEquals(seen, [
    ["v1.0.0", [["app_linux_amd64.tar.gz", 5]]],
    ["v1.1.0+blue", [["a &b<'!()*ä+%2F.tgz", 1]]],
  ]);
  assertEquals(releases.every(({ publishedAt }) => publishedAt !== null), true);
});

Deno.test("files of a bucket are fetched, and gone on with, whatever is in their names", async () => {
  await using server = await S3Server.start();
  await server.put("v1.1.0+blue/a &b<'!()*ä+%2F.tgz", "0123456789");
  const registry = createS3(server.place(""), S3_KEYS, Date.now);
  const [release] = await registry.releases(never);
  for (const [offset, begin] of [[0, 0], [4, 4], [10, 0]] as const) {
    const answer = await registry.fetch(release!.assets[0]!, { offset, signal: never });
    assertEquals([answer.offset, answer.totalBytes, answer.etag === null], [begin, 10, false]);
    assertEquals(await new Response(answer.body).text(), "0123456789".slice(begin));
  }
});

Deno.test("a record is an empty object beside the release, and no part of it", async () => {
  await using server = await S3Server.start();
  await server.put("apps/v1.0.0/app.tgz", "1");
  const registry = createS3(server.place("apps/"), S3_KEYS, Date.now);
  await registry.report("v1.0.0", RECORD, never);
  assertEquals(await server.get(`apps/v1.0.0/${RECORD_FILE}`), { content: "", type: "text/plain" });
  const [release] = await registry.releases(never);
  assertEquals(release?.assets.map(({ name }) => name), ["app.tgz"]);
});

Deno.test("a record of a failure says why", async () => {
  await using server = await S3Server.start();
  const registry = createS3(server.place(""), S3_KEYS, Date.now);
  await registry.report("v1.0.0", { ...RECORD, error: "it crashed" }, never);
  const head = "failed to ship to web server at 19700101T000000.000000000Z";
  const written = await server.get(`v1.0.0/${head.replaceAll(" ", "_")}.txt`);
  assertEquals(written?.content, `${head}: it crashed`);
});

Deno.test("a bucket without anything has no releases; one that is not there is an error", async () => {
  await using server = await S3Server.start();
  assertEquals(await createS3(server.place("none/"), S3_KEYS, Date.now).releases(never), []);
  const place = { ...server.place(""), bucket: "nowhere" };
  const registry = createS3(place, S3_KEYS, Date.now);
  const error = await assertRejects(() => registry.releases(never), RegistryError, "NoSuchBucket");
  assertEquals(error.kind, "not_found");
});

Deno.test("a file that was taken away is not found", async () => {
  await using server = await S3Server.start();
  const registry = createS3(server.place(""), S3_KEYS, Date.now);
  const asset = { name: "a", size: 1, ref: "v1/a", sha256: null };
  const error = await assertRejects(
    () => registry.fetch(asset, { offset: 0, signal: never }),
    RegistryError,
    "NoSuchKey",
  );
  assertEquals(error.kind, "not_found");
});
