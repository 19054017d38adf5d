import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { generateKeyPairSync } from "node:crypto";
import { createGitHub } from "../../../../src/source/github/create_github.ts";
import { RegistryError } from "../../../../src/source/registry.ts";
import { GitHubDouble } from "../../../helpers/github_double.ts";

const never = new AbortController().signal;
const HOUR_MS = 3600_000;
const REPO = { owner: "owner", repo: "app" };
const KEYS = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PUBLIC_KEY = KEYS.publicKey.export({ type: "spki", format: "pem" }).toString();
const PRIVATE_KEY = KEYS.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const APP = { GITHUB_APP_ID: "7", GITHUB_APP_INSTALLATION_ID: "8" };

function doubleWithApp(): GitHubDouble {
  const double = new GitHubDouble();
  double.app = { id: "7", installationId: "8", publicKey: PUBLIC_KEY, tokenLifeMs: HOUR_MS };
  double.publish("v1.0.0");
  return double;
}

function tokensAsked(double: GitHubDouble): number {
  return double.requests.filter(({ path }) => path.endsWith("/access_tokens")).length;
}

const WHO: readonly [string, Record<string, string>, string | null][] = [
  ["nobody without a token", {}, null],
  ["GITHUB_TOKEN", { GITHUB_TOKEN: "b" }, "Bearer b"],
  ["GH_TOKEN before GITHUB_TOKEN", { GH_TOKEN: "a", GITHUB_TOKEN: "b" }, "Bearer a"],
  ["a token from a file with a line break", { GH_TOKEN: "a\n" }, "Bearer a"],
];

for (const [who, env, authorization] of WHO) {
  Deno.test(`GitHub is asked by ${who}`, async () => {
    await using double = new GitHubDouble();
    await createGitHub(REPO, { GITHUB_API_URL: double.url, ...env }, Date.now).releases(never);
    assertEquals(double.requests[0]?.headers.get("authorization"), authorization);
  });
}

for (const variable of ["GITHUB_API_URL", "GITHUB_ENDPOINT"]) {
  Deno.test(`${variable} says where GitHub Enterprise is`, async () => {
    await using double = new GitHubDouble();
    await createGitHub(REPO, { [variable]: `${double.url}/` }, Date.now).releases(never);
    assertEquals(double.requests[0]?.path, "/repos/owner/app/releases?per_page=100");
  });
}

for (const [how, format] of [["PKCS#1", "pkcs1"], ["PKCS#8", "pkcs8"]] as const) {
  Deno.test(`an app asks with a token of its installation, its key is ${how}`, async () => {
    await using double = doubleWithApp();
    const GITHUB_APP_PRIVATE_KEY = KEYS.privateKey.export({ type: format, format: "pem" })
      .toString();
    // An app comes before a token.
    const env = { GITHUB_API_URL: double.url, ...APP, GITHUB_APP_PRIVATE_KEY, GH_TOKEN: "no" };
    const releases = await createGitHub(REPO, env, Date.now).releases(never);
    assertEquals(releases.map(({ tag }) => tag), ["v1.0.0"]);
    assertEquals(tokensAsked(double), 1);
  });
}

Deno.test("the key of an app may lie in a file, or have its line breaks written out", async () => {
  await using double = doubleWithApp();
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, PRIVATE_KEY);
    const keys: Record<string, string>[] = [
      { GITHUB_APP_PRIVATE_KEY_PATH: path },
      { GITHUB_APP_PRIVATE_KEY: PRIVATE_KEY.replaceAll("\n", "\\n") },
    ];
    for (const key of keys) {
      const env = { GITHUB_API_URL: double.url, ...APP, ...key };
      assertEquals((await createGitHub(REPO, env, Date.now).releases(never)).length, 1);
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a token of an app is used until five minutes before it ends", async () => {
  await using double = doubleWithApp();
  let now = Date.parse("2026-03-01T00:00:00Z");
  double.date = () => now;
  const env = { GITHUB_API_URL: double.url, ...APP, GITHUB_APP_PRIVATE_KEY: PRIVATE_KEY };
  const registry = createGitHub(REPO, env, () => now);
  const counts: number[] = [];
  for (const pass of [0, HOUR_MS - 5 * 60_000 - 1, 1]) {
    now += pass;
    await registry.releases(never);
    counts.push(tokensAsked(double));
  }
  assertEquals(counts, [1, 1, 2]);
});

Deno.test("a clock that is a minute ahead is no reason to refuse an app", async () => {
  await using double = doubleWithApp();
  const env = { GITHUB_API_URL: double.url, ...APP, GITHUB_APP_PRIVATE_KEY: PRIVATE_KEY };
  const registry = createGitHub(REPO, env, () => Date.now() + 55_000);
  assertEquals((await registry.releases(never)).length, 1);
});

Deno.test("a token of an app that was withdrawn is renewed", async () => {
  await using double = doubleWithApp();
  const env = { GITHUB_API_URL: double.url, ...APP, GITHUB_APP_PRIVATE_KEY: PRIVATE_KEY };
  const registry = createGitHub(REPO, env, Date.now);
  await registry.releases(never);
  double.tokens.clear();
  await assertRejects(() => registry.releases(never), RegistryError, "401");
  assertEquals((await registry.releases(never)).length, 1);
});

Deno.test("a key that is none is an error that does not show it", async () => {
  await using double = doubleWithApp();
  const env = { GITHUB_API_URL: double.url, ...APP, GITHUB_APP_PRIVATE_KEY: "secret" };
  const error = await assertRejects(
    () => createGitHub(REPO, env, Date.now).releases(never),
    RegistryError,
    "Cannot use the private key of the GitHub app",
  );
  assertEquals([error.kind, Deno.inspect(error).includes("secret")], ["unauthorized", false]);
});

const BAD: readonly [Record<string, string>, string][] = [
  [{ GITHUB_API_URL: "nowhere" }, 'GITHUB_API_URL="nowhere" is no URL'],
  [{ GITHUB_ENDPOINT: "ftp://host" }, 'GITHUB_ENDPOINT="ftp://host" is no URL'],
  [{ GITHUB_APP_ID: "1" }, "GITHUB_APP_INSTALLATION_ID is not set"],
  [APP, "GITHUB_APP_PRIVATE_KEY is not set"],
  [
    { ...APP, GITHUB_APP_PRIVATE_KEY_PATH: "/nowhere.pem" },
    "GITHUB_APP_PRIVATE_KEY_PATH=/nowhere.pem",
  ],
];

for (const [env, complaint] of BAD) {
  Deno.test(`GitHub cannot be asked: ${complaint}`, () => {
    assertThrows(() => createGitHub(REPO, env, Date.now), Error, complaint);
  });
}
