// Against servers that were not made for these tests.
import { assertEquals, assertRejects } from "@std/assert";
import { createS3 } from "../../../../src/source/s3/create_s3.ts";
import { RegistryError } from "../../../../src/source/registry.ts";
import type { S3Place } from "../../../../src/source/s3/bucket_url.ts";
import { namedBucket } from "../../../helpers/named_bucket.ts";
import { S3_KEYS, S3Server } from "../../../helpers/s3_server.ts";

const never = new AbortController().signal;
const RECORD = { tag: "v1.0.0", host: "Web", command: "server", at: 0, error: null };
const RECORD_FILE = "shipped_to_web_server_at_19700101T000000.000000000Z.txt";

/** A server with one bucket. */
interface Peer extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  place(prefix: string): S3Place;
  put(key: string, content: string): Promise<void>;
  /** Null: there is no such object. */
  get(key: string): Promise<string | null>;
}

async function openS3rver(): Promise<Peer> {
  const server = await S3Server.start();
  return {
    env: S3_KEYS,
    place: (prefix) => server.place(prefix),
    put: (key, content) => server.put(key, content),
    get: async (key) => (await server.get(key))?.content ?? null,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** What everything that speaks the protocol of Amazon S3 does. */
function testS3(kind: string, open: () => Promise<Peer>): void {
  Deno.test(`${kind}: a bucket lists versions with their files, whatever is in their names`, async () => {
    await using server = await open();
    const files = {
      "apps/v1.0.0/app_linux_amd64.tar.gz": "12345",
      "apps/v1.0.0/deep/er.tgz": "",
      "apps/v1.1.0+blue/a &b<'!()*ä+%2F.tgz": "1",
      "apps/readme/x": "",
      "apps/README": "",
      "elsewhere/v9.0.0/x": "",
    };
    for (const [key, content] of Object.entries(files)) await server.put(key, content);
    const releases = await createS3(server.place("apps/"), server.env, Date.now).releases(never);
    const seen = releases.map((
      { tag, assets },
    ) => [tag, assets.map(({ name, size }) => [name, size])]);
    assertEquals(seen, [
      ["v1.0.0", [["app_linux_amd64.tar.gz", 5]]],
      ["v1.1.0+blue", [["a &b<'!()*ä+%2F.tgz", 1]]],
    ]);
    assertEquals(releases.every(({ publishedAt }) => publishedAt !== null), true);
  });

  Deno.test(`${kind}: files of a bucket are fetched, and gone on with, whatever is in their names`, async () => {
    await using server = await open();
    await server.put("v1.1.0+blue/a &b<'!()*ä+%2F.tgz", "0123456789");
    const registry = createS3(server.place(""), server.env, Date.now);
    const [release] = await registry.releases(never);
    for (const [offset, begin] of [[0, 0], [4, 4], [10, 0]] as const) {
      const answer = await registry.fetch(release!.assets[0]!, { offset, signal: never });
      assertEquals([answer.offset, answer.totalBytes, answer.etag === null], [begin, 10, false]);
      assertEquals(await new Response(answer.body).text(), "0123456789".slice(begin));
    }
  });

  Deno.test(`${kind}: a record is an empty object beside the release, and no part of it`, async () => {
    await using server = await open();
    await server.put("apps/v1.0.0/app.tgz", "1");
    const registry = createS3(server.place("apps/"), server.env, Date.now);
    await registry.report("v1.0.0", RECORD, never);
    assertEquals(await server.get(`apps/v1.0.0/${RECORD_FILE}`), "");
    const [release] = await registry.releases(never);
    assertEquals(release?.assets.map(({ name }) => name), ["app.tgz"]);
  });

  Deno.test(`${kind}: a record of a failure says why`, async () => {
    await using server = await open();
    const registry = createS3(server.place(""), server.env, Date.now);
    await registry.report("v1.0.0", { ...RECORD, error: "it crashed" }, never);
    const head = "failed to ship to web server at 19700101T000000.000000000Z";
    const written = await server.get(`v1.0.0/${head.replaceAll(" ", "_")}.txt`);
    assertEquals(written, `${head}: it crashed`);
  });

  Deno.test(`${kind}: a bucket without anything has no releases; one that is not there is an error`, async () => {
    await using server = await open();
    assertEquals(await createS3(server.place("none/"), server.env, Date.now).releases(never), []);
    const place = { ...server.place(""), bucket: "nowhere" };
    const registry = createS3(place, server.env, Date.now);
    const error = await assertRejects(
      () => registry.releases(never),
      RegistryError,
      "NoSuchBucket",
    );
    assertEquals(error.kind, "not_found");
  });

  Deno.test(`${kind}: a file that was taken away is not found`, async () => {
    await using server = await open();
    const registry = createS3(server.place(""), server.env, Date.now);
    const asset = { name: "a", size: 1, ref: "v1/a", sha256: null };
    const error = await assertRejects(
      () => registry.fetch(asset, { offset: 0, signal: never }),
      RegistryError,
      "NoSuchKey",
    );
    assertEquals(error.kind, "not_found");
  });
}

testS3("s3rver", openS3rver);

Deno.test("s3rver: a record is text", async () => {
  await using server = await S3Server.start();
  await createS3(server.place(""), S3_KEYS, Date.now).report("v1.0.0", RECORD, never);
  assertEquals((await server.get(`v1.0.0/${RECORD_FILE}`))?.type, "text/plain");
});

const newBucket = namedBucket();
if (newBucket !== null) {
  const open = (): Promise<Peer> => {
    const { bucket, target } = newBucket();
    return Promise.resolve({
      env: Deno.env.toObject(),
      place: (prefix) => ({ ...target, prefix: target.prefix + prefix }),
      put: (key, text) => bucket.put(target.prefix + key, new TextEncoder().encode(text), never),
      get: async (key) => {
        const found = await bucket.look(target.prefix + key, never);
        return found === null ? null : new TextDecoder().decode(found.bytes);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  };
  testS3("real S3", open);

  Deno.test("real S3: long lists come in parts", async () => {
    await using server = await open();
    const tags = Array.from({ length: 1_100 }, (_, index) => `v1.0.${index}`);
    for (const tag of tags) await server.put(`${tag}/app.tgz`, "1");
    const releases = await createS3(server.place(""), server.env, Date.now).releases(never);
    assertEquals(releases.map(({ tag }) => tag).sort(), tags.toSorted());
  });
}
