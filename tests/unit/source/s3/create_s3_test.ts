import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createS3 } from "../../../../src/source/s3/create_s3.ts";
import { RegistryError } from "../../../../src/source/registry.ts";
import { S3Double } from "../../../helpers/s3_double.ts";

const never = new AbortController().signal;
const PLACE = { region: "eu-west-1", bucket: "releases", prefix: "apps/", endpoint: null };
const KEYS = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "se/cret+key" };
const ENV = { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey };
const RECORD = { tag: "v1", host: "web", command: "server", at: 0, error: null };

Deno.test("every kind of request is signed so that the other side agrees", async () => {
  await using double = new S3Double();
  double.keys = { ...KEYS, sessionToken: "session/token==" };
  double.objects.set("apps/v1.0.0+blue/a &b'!()*ä.tgz", "0123456789");
  double.pageSize = 1;
  double.objects.set("apps/v2/app.tgz", "");
  const env = { ...ENV, AWS_SESSION_TOKEN: "session/token==", AWS_ENDPOINT_URL: double.endpoint };
  const registry = createS3(PLACE, env, Date.now);
  const [release] = await registry.releases(never);
  const { body } = await registry.fetch(release!.assets[0]!, { offset: 4, signal: never });
  assertEquals(await new Response(body).text(), "456789");
  await registry.report("v1", { ...RECORD, error: "ä & <" }, never);
  assertEquals(double.requests.every(({ headers }) => headers.has("authorization")), true);
});

Deno.test("a wrong key is refused, and stays unsaid", async () => {
  await using double = new S3Double();
  double.keys = KEYS;
  const env = { ...ENV, AWS_SECRET_ACCESS_KEY: "secret", AWS_ENDPOINT_URL: double.endpoint };
  const registry = createS3(PLACE, env, Date.now);
  const error = await assertRejects(() => registry.releases(never), RegistryError);
  assertEquals(error.kind, "unauthorized");
  assertEquals(error.message.includes("SignatureDoesNotMatch"), true, error.message);
  assertEquals(Deno.inspect(error).includes("secret"), false, Deno.inspect(error));
});

Deno.test("long lists come in parts", async () => {
  await using double = new S3Double();
  double.pageSize = 2;
  const keys = [1, 2, 3, 4, 5].flatMap((n) => [`apps/v1.0.${n}/a.tgz`, `apps/v1.0.${n}/b.tgz`]);
  for (const key of [...keys, "apps/v1.0.5/c.tgz"]) double.objects.set(key, "");
  const registry = createS3({ ...PLACE, endpoint: double.endpoint }, ENV, Date.now);
  const releases = await registry.releases(never);
  assertEquals(releases.map(({ tag }) => tag), ["v1.0.1", "v1.0.2", "v1.0.3", "v1.0.4", "v1.0.5"]);
  assertEquals(releases[4]?.assets.map(({ name }) => name), ["a.tgz", "b.tgz", "c.tgz"]);
});

Deno.test("a server that sends on is not followed: a signature is for one host", async () => {
  await using double = new S3Double();
  double.refusal = () =>
    new Response("<Error><Code>PermanentRedirect</Code></Error>", {
      status: 301,
      headers: { location: "https://elsewhere.example/" },
    });
  const registry = createS3({ ...PLACE, endpoint: double.endpoint }, ENV, Date.now);
  await assertRejects(() => registry.releases(never), RegistryError, "PermanentRedirect");
});

const ANSWERS: readonly [string, () => Response, string][] = [
  ["that fails", () => new Response("", { status: 503 }), "unreachable"],
  ["that is a page", () => new Response("<html>"), "invalid"],
  [
    "that breaks off",
    () => new Response("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
    "invalid",
  ],
];

for (const [what, answer, kind] of ANSWERS) {
  Deno.test(`an answer of S3 ${what} is an error`, async () => {
    await using double = new S3Double();
    double.refusal = answer;
    const registry = createS3({ ...PLACE, endpoint: double.endpoint }, ENV, Date.now);
    const error = await assertRejects(() => registry.releases(never), RegistryError);
    assertEquals(error.kind, kind);
  });
}

Deno.test("a list that never ends is left", async () => {
  await using double = new S3Double();
  const list = "<IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>";
  double.refusal = () => new Response(`<ListBucketResult>${list}</ListBucketResult>`);
  const registry = createS3({ ...PLACE, endpoint: double.endpoint }, ENV, Date.now);
  await assertRejects(() => registry.releases(never), RegistryError, 'too much below "apps/"');
  assertEquals(double.requests.length, 20);
});

Deno.test("an endpoint in the URL comes before one in the environment; a path in it is kept", async () => {
  await using double = new S3Double();
  double.refusal = () => new Response("<ListBucketResult></ListBucketResult>");
  const env = { ...ENV, AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
  const endpoint = `${double.endpoint}/s3/`;
  assertEquals(await createS3({ ...PLACE, endpoint }, env, Date.now).releases(never), []);
  const query = "delimiter=%2F&list-type=2&prefix=apps%2F";
  assertEquals(double.requests.map(({ path }) => path), [`/s3/releases?${query}`]);
});

Deno.test("asking S3 ends with its signal", async () => {
  await using double = new S3Double();
  const stop = new AbortController();
  double.refusal = () => {
    stop.abort(new Error("enough"));
    return null;
  };
  const registry = createS3({ ...PLACE, endpoint: double.endpoint }, ENV, Date.now);
  await assertRejects(() => registry.releases(stop.signal), Error, "enough");
});

Deno.test("S3 cannot be asked where there is nothing", () => {
  const cases: readonly [Partial<typeof PLACE>, Record<string, string>, string][] = [
    [{}, { AWS_ENDPOINT_URL: "nowhere" }, 'AWS_ENDPOINT_URL="nowhere" is no URL'],
    [{ region: "eu.example:80" }, {}, 'no bucket "releases" in eu.example:80'],
  ];
  for (const [place, env, complaint] of cases) {
    assertThrows(() => createS3({ ...PLACE, ...place }, env, Date.now), Error, complaint);
  }
});
