import { assertEquals, assertRejects } from "@std/assert";
import { createGcs } from "../../../../src/source/gcs/create_gcs.ts";
import { findToken } from "../../../../src/source/gcs/find_token.ts";
import { neverLost, Renewed } from "../../../../src/source/renewed.ts";
import { RegistryError } from "../../../../src/source/registry.ts";
import { GcsDouble } from "../../../helpers/gcs_double.ts";
import { S3Double } from "../../../helpers/s3_double.ts";

const never = new AbortController().signal;
const PLACE = { bucket: "releases", prefix: "apps/" };
const RECORD = { tag: "v1.0.0", host: "Web", command: "server", at: 0, error: null };
const HOUR_MS = 3600_000;

function envOf(double: GcsDouble, env: Record<string, string> = {}): Record<string, string> {
  return { STORAGE_EMULATOR_HOST: double.host, ...env };
}

/** A file with this content. */
async function withFile(content: unknown, test: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "liveroll-google-" });
  try {
    await Deno.writeTextFile(path, typeof content === "string" ? content : JSON.stringify(content));
    await test(path);
  } finally {
    await Deno.remove(path);
  }
}

function tokensAsked(double: GcsDouble): number {
  return double.requests.filter(({ path }) => path === "/token").length;
}

Deno.test("a bucket of Google's lists versions with their files, page by page", async () => {
  await using double = new GcsDouble();
  double.pageSize = 1;
  double.createdAt = new Date(1000);
  const files = {
    "apps/v1.0.0/a.tgz": "12345",
    "apps/v1.0.0/b.tgz": "1",
    "apps/v1.0.0/deep/er.tgz": "",
    "apps/v1.1.0+blue/a &b<'!()*ä+%2F.tgz": "12",
    "apps/readme/x": "",
    "apps/README": "",
    "elsewhere/v9/x": "",
  };
  for (const [key, content] of Object.entries(files)) double.objects.set(key, content);
  const registry = await createGcs(PLACE, envOf(double), Date.now);
  const seen = (await registry.releases(never)).map(({ tag, publishedAt, assets }) => [
    tag,
    publishedAt,
    assets.map(({ name, size }) => [name, size]),
  ]);
  assertEquals(seen, [
    ["v1.0.0", 1000, [["a.tgz", 5], ["b.tgz", 1]]],
    ["v1.1.0+blue", 1000, [["a &b<'!()*ä+%2F.tgz", 2]]],
  ]);
});

Deno.test("files of a bucket of Google's are fetched, and gone on with", async () => {
  await using double = new GcsDouble();
  double.objects.set("apps/v1/a &b<'!()*ä+%2F.tgz", "0123456789");
  const registry = await createGcs(PLACE, envOf(double), Date.now);
  const [release] = await registry.releases(never);
  for (const [offset, begin] of [[0, 0], [4, 4], [10, 0]] as const) {
    const answer = await registry.fetch(release!.assets[0]!, { offset, signal: never });
    assertEquals([answer.offset, answer.totalBytes], [begin, 10]);
    assertEquals(await new Response(answer.body).text(), "0123456789".slice(begin));
  }
  assertEquals(double.requests.at(-1)?.headers.get("accept-encoding"), "identity");
});

Deno.test("a record is an empty object beside the release of a bucket of Google's", async () => {
  await using double = new GcsDouble();
  const registry = await createGcs(PLACE, envOf(double), Date.now);
  await registry.report("v1.0.0", RECORD, never);
  const key = "apps/v1.0.0/shipped_to_web_server_at_19700101T000000.000000000Z.txt";
  assertEquals([double.objects.get(key), double.types.get(key)], ["", "text/plain"]);
});

Deno.test("an account of a service asks with a token, until five minutes before it ends", async () => {
  await using double = new GcsDouble();
  double.tokens = new Set();
  let now = Date.parse("2026-03-01T00:00:00Z");
  double.date = () => now;
  await withFile(double.keyFile(), async (path) => {
    const env = envOf(double, { GOOGLE_APPLICATION_CREDENTIALS: path });
    const registry = await createGcs(PLACE, env, () => now);
    const counts: number[] = [];
    for (const pass of [0, HOUR_MS - 5 * 60_000 - 1, 1]) {
      now += pass;
      assertEquals(await registry.releases(never), []);
      counts.push(tokensAsked(double));
    }
    assertEquals(counts, [1, 1, 2]);
  });
});

Deno.test("while no new token can be had, the one that has not ended yet is used", async () => {
  await using double = new GcsDouble();
  double.tokens = new Set();
  let now = Date.parse("2026-03-01T00:00:00Z");
  double.date = () => now;
  await withFile(double.keyFile(), async (path) => {
    const env = envOf(double, { GOOGLE_APPLICATION_CREDENTIALS: path });
    const registry = await createGcs(PLACE, env, () => now);
    await registry.releases(never);
    double.refusal = (path) => path === "/token" ? new Response("", { status: 503 }) : null;
    now += HOUR_MS - 60_000;
    assertEquals(await registry.releases(never), []);
    now += 60_000;
    await assertRejects(() => registry.releases(never), RegistryError, "it answered 503");
  });
});

Deno.test("a token that was withdrawn is not used again", async () => {
  await using double = new GcsDouble();
  double.tokens = new Set();
  await withFile(double.keyFile(), async (path) => {
    const env = envOf(double, { GOOGLE_APPLICATION_CREDENTIALS: path });
    const registry = await createGcs(PLACE, env, Date.now);
    await registry.releases(never);
    double.tokens?.clear();
    const error = await assertRejects(() => registry.releases(never), RegistryError);
    assertEquals(error.kind, "unauthorized");
    assertEquals(await registry.releases(never), []);
  });
});

Deno.test("when the machine does not tell its token any more, the one it told is used to its end", async () => {
  await using double = new GcsDouble();
  double.tokens = new Set();
  const place = { GCE_METADATA_HOST: double.host, CLOUDSDK_CONFIG: "/nowhere" };
  let now = Date.parse("2026-03-01T00:00:00Z");
  double.date = () => now;
  const find = neverLost(
    (signal) => findToken(place, () => now, signal),
    ({ text }) => text !== null,
  );
  const token = new Renewed(find, () => now);
  const first = await token.get(never);
  double.refusal = () => new Response("", { status: 503 });
  now += HOUR_MS - 1;
  assertEquals(await token.get(never), first);
  now += 1;
  await assertRejects(() => token.get(never), RegistryError, "who asks");
});

Deno.test("a user who has logged in asks with a token, too", async () => {
  await using double = new GcsDouble();
  double.tokens = new Set();
  const login = {
    type: "authorized_user",
    client_id: "id",
    client_secret: "client",
    refresh_token: "refresh",
    token_uri: `http://${double.host}/token`,
  };
  await withFile(login, async (path) => {
    const env = envOf(double, { GOOGLE_APPLICATION_CREDENTIALS: path });
    assertEquals(await (await createGcs(PLACE, env, Date.now)).releases(never), []);
    assertEquals(tokensAsked(double), 1);
  });
});

Deno.test("an HMAC key signs as for S3", async () => {
  await using double = new S3Double();
  double.keys = { accessKeyId: "GOOG1E", secretAccessKey: "hmac" };
  double.objects.set("apps/v1/a.tgz", "12345");
  const env = {
    STORAGE_EMULATOR_HOST: double.endpoint,
    GS_ACCESS_KEY_ID: "GOOG1E",
    GS_SECRET_ACCESS_KEY: "hmac",
  };
  const registry = await createGcs(PLACE, env, Date.now);
  assertEquals((await registry.releases(never)).map(({ tag }) => tag), ["v1"]);
  await registry.report("v1", RECORD, never);
  assertEquals(double.objects.size, 2);
});

const FILES: readonly [string, unknown, string][] = [
  ["that is no JSON", "secret", "it is no JSON"],
  ["of another kind", { type: "secret" }, "neither an account of a service nor a user"],
  ["without a key", { type: "service_account", client_email: "secret" }, "it has no private_key"],
  [
    "with a key that is none",
    { type: "service_account", client_email: "a", private_key: "secret" },
    "Cannot use the private key of",
  ],
  [
    "with a server that is none",
    { type: "service_account", token_uri: "secret" },
    "its token_uri is no URL",
  ],
];

for (const [what, content, complaint] of FILES) {
  Deno.test(`a file ${what} is an error that shows nothing of it`, async () => {
    await withFile(content, async (path) => {
      const env = { STORAGE_EMULATOR_HOST: "127.0.0.1:9", GOOGLE_APPLICATION_CREDENTIALS: path };
      const registry = await createGcs(PLACE, env, Date.now);
      const error = await assertRejects(() => registry.releases(never), RegistryError, complaint);
      assertEquals(error.kind, "unauthorized");
      assertEquals(Deno.inspect(error).includes("secret"), false, Deno.inspect(error));
    });
  });
}

Deno.test("an account that is refused is told by Google's word for it", async () => {
  await using double = new GcsDouble();
  await withFile({ ...double.keyFile(), client_email: "nobody" }, async (path) => {
    const env = envOf(double, { GOOGLE_APPLICATION_CREDENTIALS: path });
    const registry = await createGcs(PLACE, env, Date.now);
    const error = await assertRejects(() => registry.releases(never), RegistryError);
    assertEquals(error.message.includes("(invalid_grant)"), true, error.message);
    assertEquals(Deno.inspect(error).includes("secret"), false, Deno.inspect(error));
  });
});

const REFUSALS: readonly [number, string][] = [
  [401, "unauthorized"],
  [403, "unauthorized"],
  [404, "not_found"],
  [429, "rate_limited"],
  [503, "unreachable"],
];

for (const [status, kind] of REFUSALS) {
  Deno.test(`an answer of ${status} from Google is an error of its kind`, async () => {
    await using double = new GcsDouble();
    double.refusal = () => new Response("secret", { status });
    const registry = await createGcs(PLACE, envOf(double), Date.now);
    const error = await assertRejects(() => registry.releases(never), RegistryError);
    assertEquals([error.kind, error.message.includes("secret")], [kind, false]);
  });
}

Deno.test("an emulator is not where nothing is", async () => {
  const env = { STORAGE_EMULATOR_HOST: "http://[" };
  await assertRejects(() => createGcs(PLACE, env, Date.now), Error, "STORAGE_EMULATOR_HOST");
});

Deno.test("asking Google ends with its signal", async () => {
  await using double = new GcsDouble();
  const stop = new AbortController();
  double.refusal = () => {
    stop.abort(new Error("enough"));
    return null;
  };
  const registry = await createGcs(PLACE, envOf(double), Date.now);
  await assertRejects(() => registry.releases(stop.signal), Error, "enough");
});
