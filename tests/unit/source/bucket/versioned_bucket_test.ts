import { assertEquals, assertExists, assertRejects } from "@std/assert";
import type { VersionedBucket } from "../../../../src/source/bucket/bucket.ts";
import { openGcs } from "../../../../src/source/gcs/open_gcs.ts";
import { RegistryError } from "../../../../src/source/registry.ts";
import { openS3 } from "../../../../src/source/s3/open_s3.ts";
import { GcsDouble } from "../../../helpers/gcs_double.ts";
import { S3Double } from "../../../helpers/s3_double.ts";
import { S3_KEYS, S3Server } from "../../../helpers/s3_server.ts";

const { signal } = new AbortController();
const KEYS = { accessKeyId: "AKID", secretAccessKey: "secret" };
const AWS_KEYS = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "secret" };
const BYTES = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
const KEY = "a/b +&'!()*ä%2F";

type Test = (bucket: VersionedBucket) => Promise<void>;

/** The double judges the signature of what is put, too. */
async function withS3Double(test: Test): Promise<void> {
  await using double = new S3Double();
  double.keys = KEYS;
  const place = { region: "eu-west-1", bucket: "releases", prefix: "", endpoint: double.endpoint };
  await test(openS3(place, AWS_KEYS, Date.now));
}

async function withGcsDouble(test: Test): Promise<void> {
  await using double = new GcsDouble();
  await test(await openGcs("releases", { STORAGE_EMULATOR_HOST: double.host }, Date.now));
}

async function withS3Server(test: Test): Promise<void> {
  await using server = await S3Server.start();
  await test(openS3(server.place(""), S3_KEYS, Date.now));
}

for (
  const [kind, within] of Object.entries({
    S3: withS3Double,
    s3rver: withS3Server,
    Google: withGcsDouble,
  })
) {
  Deno.test(`${kind}: an object is put, seen, replaced and removed, byte for byte`, () =>
    within(async (bucket) => {
      assertEquals(await bucket.look(KEY, signal), null);
      await bucket.put(KEY, BYTES, signal);
      const first = await bucket.look(KEY, signal);
      assertEquals(first?.bytes, BYTES);
      await bucket.put(KEY, BYTES.slice(1), signal);
      const second = await bucket.look(KEY, signal);
      assertEquals([second?.bytes, second?.version === first?.version], [BYTES.slice(1), false]);
      await bucket.remove(KEY, signal);
      await bucket.remove(KEY, signal);
      assertEquals(await bucket.look(KEY, signal), null);
    }));
}

for (const [kind, within] of Object.entries({ S3: withS3Double, Google: withGcsDouble })) {
  Deno.test(`${kind}: of those who put the first version at the same time, one does`, () =>
    within(async (bucket) => {
      const tries = [1, 2, 3, 4].map((it) => bucket.putIf(KEY, Uint8Array.of(it), null, signal));
      assertEquals((await Promise.all(tries)).filter((isDone) => isDone).length, 1);
    }));

  Deno.test(`${kind}: only who knows the last version can replace it`, () =>
    within(async (bucket) => {
      await bucket.put(KEY, BYTES, signal);
      const first = await bucket.look(KEY, signal);
      assertExists(first);
      assertEquals(await bucket.putIf(KEY, Uint8Array.of(1), first.version, signal), true);
      assertEquals(await bucket.putIf(KEY, Uint8Array.of(2), first.version, signal), false);
      assertEquals(await bucket.putIf(KEY, Uint8Array.of(3), null, signal), false);
      assertEquals((await bucket.look(KEY, signal))?.bytes, Uint8Array.of(1));
      await bucket.remove(KEY, signal);
      assertEquals(await bucket.putIf(KEY, Uint8Array.of(4), first.version, signal), false);
    }));
}

Deno.test("S3: two who write at the very same time are no failure, a missing bucket is one", async () => {
  await using double = new S3Double();
  const place = { region: "eu-west-1", bucket: "releases", prefix: "", endpoint: double.endpoint };
  const bucket = openS3(place, AWS_KEYS, Date.now);
  double.refusal = () => new Response("", { status: 409 });
  assertEquals(await bucket.putIf(KEY, BYTES, null, signal), false);
  double.refusal = () => new Response("<Code>NoSuchBucket</Code>", { status: 404 });
  await assertRejects(
    () => bucket.putIf(KEY, BYTES, null, signal),
    RegistryError,
    "it answered 404 (NoSuchBucket)",
  );
});
