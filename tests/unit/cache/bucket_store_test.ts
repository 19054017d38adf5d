import { assertEquals, assertRejects } from "@std/assert";
import { BucketStore } from "../../../src/cache/bucket_store.ts";
import { StoreError } from "../../../src/cache/store.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { openGcs } from "../../../src/source/gcs/open_gcs.ts";
import { openS3 } from "../../../src/source/s3/open_s3.ts";
import { GcsDouble } from "../../helpers/gcs_double.ts";
import { namedBucket } from "../../helpers/named_bucket.ts";
import { S3Double } from "../../helpers/s3_double.ts";
import { S3_KEYS, S3Server } from "../../helpers/s3_server.ts";
import { ManualClock } from "../proxy/manual_clock.ts";
import { testStore } from "./store_contract.ts";

const { signal } = new AbortController();
const NOBODY = { AWS_EC2_METADATA_DISABLED: "true" };
const LEASE = { holder: "one", ttlMs: 10_000, signal };

function s3Bucket(double: S3Double) {
  const { endpoint } = double;
  return openS3(
    { region: "eu-west-1", bucket: "releases", prefix: "", endpoint },
    NOBODY,
    Date.now,
  );
}

function gcsBucket(double: GcsDouble) {
  return openGcs("releases", { STORAGE_EMULATOR_HOST: double.host }, Date.now);
}

testStore("s3", () => {
  const [double, clock] = [new S3Double(), new ManualClock()];
  const open = () => new BucketStore(s3Bucket(double), "cache/", clock);
  return Promise.resolve({
    one: open(),
    other: open(),
    pass: (ms) => clock.advance(ms),
    [Symbol.asyncDispose]: () => double[Symbol.asyncDispose](),
  });
});

const newBucket = namedBucket();
if (newBucket !== null) {
  testStore("real s3", () => {
    const [{ bucket, target }, clock] = [newBucket(), new ManualClock()];
    const open = () => new BucketStore(bucket, target.prefix, clock);
    return Promise.resolve({
      one: open(),
      other: open(),
      pass: (ms) => clock.advance(ms),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  });
}

testStore("gs", async () => {
  const [double, clock] = [new GcsDouble(), new ManualClock()];
  const open = async () => new BucketStore(await gcsBucket(double), "cache/", clock);
  return {
    one: await open(),
    other: await open(),
    pass: (ms) => clock.advance(ms),
    [Symbol.asyncDispose]: () => double[Symbol.asyncDispose](),
  };
});

Deno.test("a bucket: everything lies below the prefix", async () => {
  await using double = new S3Double();
  const store = new BucketStore(s3Bucket(double), "cache/", systemClock);
  await store.put("artifacts/1/a.tgz.parts/0-ff", Uint8Array.of(1), signal);
  await store.lease("locks/a", LEASE);
  assertEquals([...double.objects.keys()].sort(), [
    "cache/artifacts/1/a.tgz.parts/0-ff",
    "cache/conditions",
    "cache/locks/a",
  ]);
});

Deno.test("a bucket of a server that was not made for these tests keeps values, but no leases", async () => {
  await using server = await S3Server.start();
  const store = new BucketStore(openS3(server.place(""), S3_KEYS, Date.now), "a/", systemClock);
  const bytes = crypto.getRandomValues(new Uint8Array(5000));
  await store.put("a", bytes, signal);
  assertEquals(await store.get("a", signal), bytes);
  await assertRejects(
    () => store.lease("locks/a", LEASE),
    StoreError,
    "Cannot hold leases in the bucket releases: its server does not heed If-Match",
  );
});

Deno.test("a bucket that heeds only one of the conditions holds no leases", async () => {
  for (const isHeeded of [true, false]) {
    await using double = new S3Double();
    double.refusal = (request) => {
      if (request.method !== "PUT") return null;
      if (request.headers.has("if-match") === isHeeded) return new Response("", { status: 412 });
      return new Response(null);
    };
    const store = new BucketStore(s3Bucket(double), "", systemClock);
    await assertRejects(() => store.lease("locks/a", LEASE), StoreError, "Cannot hold leases");
  }
});

Deno.test("a write that comes too early for Google is made again, and again, then not any more", async () => {
  await using double = new GcsDouble();
  const slept: number[] = [];
  const clock = { now: () => 0, sleep: (ms: number) => Promise.resolve(void slept.push(ms)) };
  const store = new BucketStore(await gcsBucket(double), "", clock);
  let refusals = 2;
  double.refusal = () => refusals-- > 0 ? new Response("", { status: 429 }) : null;
  await store.put("a", Uint8Array.of(7), signal);
  assertEquals(slept, [1_100, 1_100]);
  refusals = 3;
  await assertRejects(
    () => store.put("a", Uint8Array.of(8), signal),
    StoreError,
    "Cannot write the bucket releases: ",
  );
  assertEquals(await store.get("a", signal), Uint8Array.of(7));
});

Deno.test("what a bucket refuses is an error that says why, and has no keys in it", async () => {
  await using double = new S3Double();
  double.keys = { accessKeyId: "AKID", secretAccessKey: "other" };
  const env = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "sesame-sesame" };
  const { endpoint } = double;
  const place = { region: "eu-west-1", bucket: "releases", prefix: "", endpoint };
  const store = new BucketStore(openS3(place, env, Date.now), "", systemClock);
  const error = await assertRejects(() => store.get("a", signal), StoreError);
  assertEquals(
    error.message,
    `Cannot read the bucket releases: Cannot GET ${endpoint}/releases/a: it answered 403 ` +
      "(SignatureDoesNotMatch)",
  );
});
