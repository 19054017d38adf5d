import { assertEquals, assertExists, assertRejects } from "@std/assert";
import type { VersionedBucket } from "../../../../src/source/bucket/bucket.ts";
import { openGcs } from "../../../../src/source/gcs/open_gcs.ts";
import { RegistryError } from "../../../../src/source/registry.ts";
import { openS3 } from "../../../../src/source/s3/open_s3.ts";
import { GcsDouble } from "../../../helpers/gcs_double.ts";
import { namedBucket } from "../../../helpers/named_bucket.ts";
import { S3Double } from "../../../helpers/s3_double.ts";
import { S3_KEYS, S3Server } from "../../../helpers/s3_server.ts";

const { signal } = new AbortController();
const KEYS = { accessKeyId: "AKID", secretAccessKey: "secret" };
const AWS_KEYS = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "secret" };
const BYTES = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
const KEY = "a/b +&'!()*ä%2F";

/** @param prefix Of all keys. */
type Test = (bucket: VersionedBucket, prefix: string) => Promise<void>;
type Within = (test: Test) => Promise<void>;

/** The double judges the signature of what is put, too. */
async function withS3Double(test: Test): Promise<void> {
  await using double = new S3Double();
  double.keys = KEYS;
  const place = { region: "eu-west-1", bucket: "releases", prefix: "", endpoint: double.endpoint };
  await test(openS3(place, AWS_KEYS, Date.now), "");
}

async function withGcsDouble(test: Test): Promise<void> {
  await using double = new GcsDouble();
  await test(await openGcs("releases", { STORAGE_EMULATOR_HOST: double.host }, Date.now), "");
}

async function withS3Server(test: Test): Promise<void> {
  await using server = await S3Server.start();
  await test(openS3(server.place(""), S3_KEYS, Date.now), "");
}

const newBucket = namedBucket();

/** The real ones that somebody named. */
const NAMED: Record<string, Within> = newBucket === null ? {} : {
  "real S3": async (test) => {
    const { bucket, target: { prefix } } = newBucket();
    await test(bucket, prefix);
  },
};

const CONDITIONAL: Record<string, Within> = {
  S3: withS3Double,
  Google: withGcsDouble,
  ...NAMED,
};

for (const [kind, within] of Object.entries({ ...CONDITIONAL, s3rver: withS3Server })) {
  Deno.test(`${kind}: an object is put, seen and replaced, byte for byte`, () =>
    within(async (bucket, prefix) => {
      const key = prefix + KEY;
      assertEquals(await bucket.look(key, signal), null);
      await bucket.put(key, BYTES, signal);
      const first = await bucket.look(key, signal);
      assertEquals(first?.bytes, BYTES);
      await bucket.put(key, BYTES.slice(1), signal);
      const second = await bucket.look(key, signal);
      assertEquals([second?.bytes, second?.version === first?.version], [BYTES.slice(1), false]);
    }));
}

for (const [kind, within] of Object.entries(CONDITIONAL)) {
  Deno.test(`${kind}: what is empty is something`, () =>
    within(async (bucket, prefix) => {
      await bucket.put(prefix + KEY, new Uint8Array(0), signal);
      assertEquals((await bucket.look(prefix + KEY, signal))?.bytes, new Uint8Array(0));
    }));

  Deno.test(`${kind}: of those who put the first version at the same time, one does`, () =>
    within(async (bucket, prefix) => {
      const wins = await race(8, (it) => bucket.putIf(prefix + KEY, it, null, signal));
      assertEquals(wins, 1);
    }));

  Deno.test(`${kind}: of those who replace a version at the same time, one does`, () =>
    within(async (bucket, prefix) => {
      const key = prefix + KEY;
      for (let round = 0; round < 5; round++) {
        await bucket.put(key, Uint8Array.of(100 + round), signal);
        const version = (await bucket.look(key, signal))!.version;
        assertEquals(await race(8, (it) => bucket.putIf(key, it, version, signal)), 1);
      }
    }));

  Deno.test(`${kind}: only who knows the last version can replace it`, () =>
    within(async (bucket, prefix) => {
      const key = prefix + KEY;
      await bucket.put(key, BYTES, signal);
      const first = await bucket.look(key, signal);
      assertExists(first);
      assertEquals(await bucket.putIf(key, Uint8Array.of(1), first.version, signal), true);
      assertEquals(await bucket.putIf(key, Uint8Array.of(2), first.version, signal), false);
      assertEquals(await bucket.putIf(key, Uint8Array.of(3), null, signal), false);
      assertEquals(await bucket.putIf(key, Uint8Array.of(4), bucket.noVersion, signal), false);
      assertEquals((await bucket.look(key, signal))?.bytes, Uint8Array.of(1));
      // As when a rule of the bucket has removed it.
      const gone = `${key}-gone`;
      assertEquals(await bucket.putIf(gone, Uint8Array.of(5), first.version, signal), false);
      assertEquals(await bucket.look(gone, signal), null);
    }));
}

/** How many of those who write a byte of their own at the same time are told that they did. */
async function race(
  count: number,
  write: (bytes: Uint8Array<ArrayBuffer>) => Promise<boolean>,
): Promise<number> {
  const tries = Array.from({ length: count }, (_, it) => write(Uint8Array.of(it)));
  return (await Promise.all(tries)).filter((isDone) => isDone).length;
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
