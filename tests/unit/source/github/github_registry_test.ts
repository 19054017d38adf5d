import { assertEquals, assertRejects } from "@std/assert";
import { RegistryError } from "../../../../src/source/registry.ts";
import { GitHubDouble } from "../../../helpers/github_double.ts";
import { registryOf, START } from "./registry_of.ts";

const never = new AbortController().signal;
const RECORD = { tag: "v1.0.0", host: "Web", command: "server", at: 0, error: null };

Deno.test("releases are listed with their files; drafts and half of an upload are not", async () => {
  await using double = new GitHubDouble();
  const sha = "A".repeat(64);
  double.releases.push(
    { tag: "v2.0.0", draft: true, assets: [] },
    {
      tag: "v1.0.0",
      publishedAt: "1970-01-01T00:00:01Z",
      assets: [
        { name: "app.tgz", content: "12345", digest: `sha256:${sha}` },
        { name: "late.tgz", content: "1", state: "starter" },
      ],
    },
  );
  const ref = `${double.url}/repos/owner/app/releases/assets/v1.0.0%7Capp.tgz`;
  assertEquals(await registryOf(double).releases(never), [{
    tag: "v1.0.0",
    publishedAt: 1000,
    assets: [{ name: "app.tgz", size: 5, ref, sha256: sha.toLowerCase() }],
  }]);
});

Deno.test("a file comes from another server, which is not told our token", async () => {
  await using double = new GitHubDouble();
  double.tokens.add("ghp_secret");
  double.publish("v1.0.0", { "app.tgz": "0123456789" });
  const registry = registryOf(double, { GH_TOKEN: "ghp_secret" });
  const [release] = await registry.releases(never);
  for (const [offset, begin] of [[0, 0], [4, 4], [10, 0]] as const) {
    const answer = await registry.fetch(release!.assets[0]!, { offset, signal: never });
    assertEquals([answer.offset, answer.totalBytes], [begin, 10]);
    assertEquals(await new Response(answer.body).text(), "0123456789".slice(begin));
  }
  for (const { headers } of double.storageRequests) {
    assertEquals([headers.get("authorization"), headers.get("accept-encoding")], [
      null,
      "identity",
    ]);
  }
  assertEquals(double.storageRequests.length, 4);
});

Deno.test("a file that the API sends itself is resumed, too", async () => {
  await using double = new GitHubDouble();
  double.isDirect = true;
  double.publish("v1.0.0", { "app.tgz": "0123456789" });
  const registry = registryOf(double);
  const [release] = await registry.releases(never);
  double.asked();
  const { body, offset } = await registry.fetch(release!.assets[0]!, { offset: 4, signal: never });
  assertEquals([await new Response(body).text(), offset], ["456789", 4]);
  assertEquals(double.asked().length, 1);
});

Deno.test("a file that is listed on another server is fetched without our token", async () => {
  await using double = new GitHubDouble();
  await using other = new GitHubDouble();
  other.isDirect = true;
  other.publish("v1.0.0", { "app.tgz": "1" });
  const registry = registryOf(double, { GH_TOKEN: "ghp_secret" });
  const [release] = await registryOf(other).releases(never);
  const { body } = await registry.fetch(release!.assets[0]!, { offset: 0, signal: never });
  await body.cancel();
  assertEquals(other.requests.at(-1)?.headers.get("authorization"), null);
});

Deno.test("a record is added to its release, at the place the release names", async () => {
  await using double = new GitHubDouble();
  double.tokens.add("ghp_secret");
  const release = double.publish("v1.0.0");
  const registry = registryOf(double, { GITHUB_TOKEN: "ghp_secret" });
  await registry.releases(never);
  await registry.report("v1.0.0", RECORD, never);
  assertEquals(release.assets, [{
    name: "shipped_to_web_server_at_19700101T000000.000000000Z.txt",
    content: "shipped to web server at 19700101T000000.000000000Z",
  }]);
  assertEquals(double.requests.at(-1)?.headers.get("content-type"), "text/plain");
});

Deno.test("a record that arrived although its answer did not is no error the second time", async () => {
  await using double = new GitHubDouble();
  const release = double.publish("v1.0.0");
  const registry = registryOf(double);
  await registry.report("v1.0.0", RECORD, never);
  await registry.report("v1.0.0", RECORD, never);
  assertEquals(release.assets.length, 1);
});

Deno.test("a record on a release that was not listed looks for it; none is an error", async () => {
  await using double = new GitHubDouble();
  double.publish("v1.0.0");
  const registry = registryOf(double);
  await registry.report("v1.0.0", RECORD, never);
  assertEquals(double.asked()[0], "GET /repos/owner/app/releases/tags/v1.0.0 200");
  const error = await assertRejects(() => registry.report("v2", RECORD, never), RegistryError);
  assertEquals(error.kind, "not_found");
});

const IN_AN_HOUR = String(Math.floor(START / 1000) + 3600);
const LIMITS: readonly [string, number, Record<string, string>, string, number][] = [
  [
    "whose requests are used up",
    403,
    { "x-ratelimit-remaining": "0", "x-ratelimit-reset": IN_AN_HOUR },
    "",
    3600_000,
  ],
  ["that asks for rest", 429, { "retry-after": "7" }, "", 7000],
  ["that asks for rest by 403", 403, { "retry-after": "9" }, "", 9000],
  ["that does not say how long", 429, {}, "", 60_000],
  ["that says so in words", 403, {}, "You have exceeded a secondary rate limit", 60_000],
  ["that asks for a year", 429, { "retry-after": "31536000" }, "", 3600_000],
];

for (const [what, status, headers, body, retryAfterMs] of LIMITS) {
  Deno.test(`a server ${what} is left alone for as long`, async () => {
    await using double = new GitHubDouble();
    const date = new Date(START).toUTCString();
    double.refusal = () => new Response(body, { status, headers: { date, ...headers } });
    const error = await assertRejects(() => registryOf(double).releases(never), RegistryError);
    assertEquals([error.kind, error.retryAfterMs], ["rate_limited", retryAfterMs]);
  });
}

const REFUSALS: readonly [number, string][] = [
  [401, "unauthorized"],
  [403, "unauthorized"],
  [404, "not_found"],
  [500, "unreachable"],
  [418, "invalid"],
];

for (const [status, kind] of REFUSALS) {
  Deno.test(`an answer of ${status} is an error that holds no secret`, async () => {
    await using double = new GitHubDouble();
    double.refusal = () => new Response("ghp_secret", { status });
    const registry = registryOf(double, { GH_TOKEN: "ghp_secret" });
    const error = await assertRejects(() => registry.releases(never), RegistryError);
    assertEquals([error.kind, error.retryAfterMs], [kind, null]);
    assertEquals(Deno.inspect(error).includes("secret"), false, Deno.inspect(error));
  });
}

Deno.test("a token that cannot be sent is an error that does not show it", async () => {
  await using double = new GitHubDouble();
  const registry = registryOf(double, { GH_TOKEN: "ghp\nsecret" });
  const error = await assertRejects(() => registry.releases(never), RegistryError, "authorization");
  assertEquals(Deno.inspect(error).includes("secret"), false, Deno.inspect(error));
});

Deno.test("asking GitHub ends with its signal", async () => {
  await using double = new GitHubDouble();
  const stop = new AbortController();
  double.refusal = () => {
    stop.abort(new Error("enough"));
    return null;
  };
  await assertRejects(() => registryOf(double).releases(stop.signal), Error, "enough");
});
