import { assert, assertEquals, assertRejects } from "@std/assert";
import { createOci } from "../../../../src/source/oci/create_oci.ts";
import type { OciRegistry } from "../../../../src/source/oci/oci_registry.ts";
import { RegistryError, type RegistryErrorKind } from "../../../../src/source/registry.ts";
import { ImageDouble } from "../../../helpers/image_double.ts";

const never = new AbortController().signal;
const LOGIN = { DOCKER_USERNAME: "me", DOCKER_PASSWORD: "pässword" };
const BASIC = "Basic " + new TextEncoder().encode("me:pässword").toBase64();
const FIRST = "GET /v2/team/app/tags/list?n=1000";
const TOKEN = "GET /token?scope=repository%3Ateam%2Fapp%3Apull&service=double";

function registryOf(
  { host }: ImageDouble,
  env: Record<string, string> = {},
  date: () => number = () => 0,
): OciRegistry {
  return createOci({ host, repository: "team/app" }, env, date);
}

async function tagsOf(registry: OciRegistry): Promise<string[]> {
  return (await registry.releases(never)).map(({ tag }) => tag);
}

async function assertFails(
  work: () => Promise<unknown>,
  kind: RegistryErrorKind,
  words: string,
): Promise<void> {
  const error = await assertRejects(work, RegistryError, words);
  assertEquals(error.kind, kind);
  assert(!/secret|pässword/.test(Deno.inspect(error)), Deno.inspect(error));
}

Deno.test("tags are releases with one asset, which is the image", async () => {
  await using double = new ImageDouble();
  double.tags = ["latest", "v1.0.0"];
  const [, release] = await registryOf(double).releases(never);
  const ref = `${double.host}/team/app:v1.0.0`;
  const asset = { name: "image", size: null, sha256: null, isChosen: true, ref };
  assertEquals(release, { tag: "v1.0.0", publishedAt: null, assets: [asset] });
  assertEquals(double.asked(), [FIRST]);
});

Deno.test("an image is nothing to fetch, and nothing is put beside it", async () => {
  await using double = new ImageDouble();
  const registry = registryOf(double);
  assertEquals(registry.hasFiles, false);
  await assertFails(() => registry.fetch(), "invalid", "an engine has to pull it");
  await registry.report();
  assertEquals(double.asked(), []);
});

Deno.test("tags come page by page, each once", async () => {
  await using double = new ImageDouble();
  double.pageSize = 2;
  double.tags = ["v1", "v2", "v3", "v4", "v5"];
  assertEquals(await tagsOf(registryOf(double)), double.tags);
  assertEquals(double.asked(), [
    FIRST,
    "GET /v2/team/app/tags/list?last=v2&n=2",
    "GET /v2/team/app/tags/list?last=v4&n=2",
  ]);
});

Deno.test("a token is fetched when it is asked for, and used until it ends", async () => {
  await using double = new ImageDouble();
  double.tokens = new Set();
  double.tags = ["v1"];
  let now = 0;
  const registry = registryOf(double, {}, () => now);
  assertEquals(await tagsOf(registry), ["v1"]);
  assertEquals(double.asked(), [FIRST, TOKEN, FIRST]);
  now = 280_000;
  await tagsOf(registry);
  assertEquals(double.asked(), [FIRST]);
  now = 295_000;
  await tagsOf(registry);
  assertEquals(double.asked(), [FIRST, TOKEN, FIRST]);
  double.tokens = new Set();
  await tagsOf(registry);
  assertEquals(double.asked(), [FIRST, TOKEN, FIRST]);
});

Deno.test("a token that has ended already is used once", async () => {
  await using double = new ImageDouble();
  double.tokens = new Set();
  double.tokenAnswer = { expires_in: -5 };
  assertEquals(await tagsOf(registryOf(double)), []);
});

Deno.test("the login goes where tokens are handed out, and nowhere else", async () => {
  await using double = new ImageDouble();
  double.tokens = new Set();
  double.login = BASIC;
  await tagsOf(registryOf(double, LOGIN));
  const seen = double.requests.map(({ authorization }) => authorization);
  assertEquals(seen, [null, BASIC, "Bearer secret1"]);
  double.tokens = new Set();
  await assertFails(() => tagsOf(registryOf(double)), "unauthorized", "it answered 401");
});

Deno.test("an identity of docker login is exchanged for a token", async () => {
  await using double = new ImageDouble();
  const directory = await Deno.makeTempDir();
  try {
    const auths = { [double.host]: { auth: "", identitytoken: "secret-id" } };
    await Deno.writeTextFile(`${directory}/config.json`, JSON.stringify({ auths }));
    double.tokens = new Set();
    double.tokenAnswer = { token: undefined, access_token: "secret1" };
    double.login = "scope=repository%3Ateam%2Fapp%3Apull&service=double&" +
      "grant_type=refresh_token&client_id=liveroll&refresh_token=secret-id";
    assertEquals(await tagsOf(registryOf(double, { DOCKER_CONFIG: directory })), []);
    assertEquals(double.asked(), [FIRST, "POST /token", FIRST]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a registry that asks for a password gets it, after it has asked", async () => {
  await using double = new ImageDouble();
  double.tokens = new Set([BASIC]);
  double.challenge = 'Basic realm="here"';
  const registry = registryOf(double, LOGIN);
  await tagsOf(registry);
  await tagsOf(registry);
  assertEquals(double.requests.map(({ authorization }) => authorization), [null, BASIC, BASIC]);
  await assertFails(() => tagsOf(registryOf(double)), "unauthorized", "set DOCKER_USERNAME");
  double.tokens = new Set();
  await assertFails(() => tagsOf(registry), "unauthorized", "it answered 401");
});

const CHALLENGES: readonly [string, RegistryErrorKind, string][] = [
  ["Negotiate", "unauthorized", "it does not say how"],
  ['Bearer service="x"', "unauthorized", "it does not say how"],
  ['Bearer realm="nowhere"', "invalid", "a place that is no URL"],
  ['Bearer realm="file:///etc/passwd"', "invalid", "a place that is no URL"],
];

for (const [challenge, kind, words] of CHALLENGES) {
  Deno.test(`nobody is asked for a token because of ${challenge}`, async () => {
    await using double = new ImageDouble();
    double.tokens = new Set();
    double.challenge = challenge;
    await assertFails(() => tagsOf(registryOf(double, LOGIN)), kind, words);
    assertEquals(double.asked(), [FIRST]);
  });
}

const TOKEN_ANSWERS: readonly [string, () => Response, RegistryErrorKind, string][] = [
  ["no token", () => Response.json({ secret: 1 }), "invalid", "no token in it"],
  ["a token of lines", () => Response.json({ token: "secret\r\nx: y" }), "invalid", "no token"],
  ["a list", () => Response.json(["secret"]), "invalid", "is no JSON object"],
  ["no JSON", () => new Response("secret"), "invalid", "is no JSON"],
  ["another place", () => Response.redirect("http://127.0.0.1:1/secret", 307), "invalid", "307"],
  ["a failure", () => new Response("secret", { status: 503 }), "unreachable", "503"],
];

for (const [what, answer, kind, words] of TOKEN_ANSWERS) {
  Deno.test(`a token server that answers with ${what} is an error without secrets`, async () => {
    await using double = new ImageDouble();
    double.tokens = new Set();
    double.refusal = (path) => path === "/token" ? answer() : null;
    await assertFails(() => tagsOf(registryOf(double, LOGIN)), kind, words);
  });
}

function linked(target: string): () => Response {
  return () => Response.json({ tags: [] }, { headers: { link: `<${target}>; rel="next"` } });
}

const PAGES: readonly [string, () => Response, RegistryErrorKind, string][] = [
  ["no JSON", () => new Response("<html>"), "invalid", "is no JSON"],
  ["a list", () => Response.json({ tags: { v1: 1 } }), "invalid", "there is no list of tags"],
  ["numbers", () => Response.json({ tags: ["v1", 2] }), "invalid", "there is no list of tags"],
  ["11 MB", () => new Response("x".repeat(11 << 20)), "invalid", "is longer than 10485760"],
  ["itself as the next page", linked("?n=1000"), "invalid", "run in circles"],
  ["a next page elsewhere", linked("http://127.0.0.1:1/"), "invalid", "on another server"],
  ["404", () => Response.json({}, { status: 404 }), "not_found", "404"],
  ["429", () => new Response(null, { status: 429 }), "rate_limited", "429"],
];

for (const [what, answer, kind, words] of PAGES) {
  Deno.test(`a list of tags that is ${what} is an error`, async () => {
    await using double = new ImageDouble();
    double.refusal = answer;
    await assertFails(() => tagsOf(registryOf(double)), kind, words);
  });
}

Deno.test("pages without an end are an error, not the end of us", async () => {
  await using double = new ImageDouble();
  let page = 0;
  double.refusal = () => linked(`?page=${++page}`)();
  await assertFails(() => tagsOf(registryOf(double)), "invalid", "more than 100 pages");
  assertEquals(double.requests.length, 100);
});

Deno.test("all pages together are not longer than one may be", async () => {
  await using double = new ImageDouble();
  let page = 0;
  const tags = ["x".repeat(3 << 20)];
  double.refusal = () =>
    Response.json({ tags }, { headers: { link: `<?page=${++page}>; rel="next"` } });
  await assertFails(() => tagsOf(registryOf(double)), "invalid", "is longer than");
  assertEquals(page, 4);
});

Deno.test("an empty repository has no releases, and what is no tag is none", async () => {
  await using double = new ImageDouble();
  double.refusal = () => Response.json({ tags: null });
  assertEquals(await tagsOf(registryOf(double)), []);
  double.refusal = () => Response.json({ tags: ["v1", "-v2", "$(reboot)", "a/b", "v1", ""] });
  assertEquals(await tagsOf(registryOf(double)), ["v1"]);
});

Deno.test("a server that hangs is left alone when nobody wants to know any more", async () => {
  await using double = new ImageDouble();
  const { promise, resolve } = Promise.withResolvers<Response>();
  const over = new AbortController();
  double.refusal = () => {
    over.abort(new Error("enough"));
    return promise;
  };
  await assertRejects(() => registryOf(double).releases(over.signal), Error, "enough");
  resolve(new Response());
});

const HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

Deno.test("a tag is pinned by what the registry says, else by what it sends", async () => {
  await using double = new ImageDouble();
  const digest = `sha256:${"a".repeat(64)}`;
  double.refusal = () => new Response("test", { headers: { "docker-content-digest": digest } });
  const registry = registryOf(double);
  assertEquals(await registry.pinned("v1", never), `${double.host}/team/app@${digest}`);
  assertEquals(double.asked(), ["HEAD /v2/team/app/manifests/v1"]);
  double.refusal = () => new Response("test");
  assertEquals(await registry.pinned("v1", never), `${double.host}/team/app@sha256:${HASH}`);
});

Deno.test("a digest that is none, or another's, is an error", async () => {
  await using double = new ImageDouble();
  const registry = registryOf(double);
  const told = (digest: string) => () =>
    new Response("test", { headers: { "docker-content-digest": digest } });
  double.refusal = told("md5:1");
  await assertFails(() => registry.pinned("v1", never), "invalid", "is no SHA-256");
  let asked = 0;
  double.refusal = () => asked++ === 0 ? new Response() : told(`sha256:${"b".repeat(64)}`)();
  await assertFails(() => registry.pinned("v1", never), "invalid", "not what its digest says");
});
