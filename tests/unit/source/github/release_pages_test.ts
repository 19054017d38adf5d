import { assertEquals, assertRejects } from "@std/assert";
import { RegistryError } from "../../../../src/source/registry.ts";
import { GitHubDouble } from "../../../helpers/github_double.ts";
import { registryOf, START } from "./registry_of.ts";

const never = new AbortController().signal;
const FIRST = "GET /repos/owner/app/releases?per_page=100";
const SECOND = `${FIRST}&page=2`;

Deno.test("a poll in which nothing changed is one request, and its answer has no body", async () => {
  await using double = new GitHubDouble();
  double.publish("v1.0.0");
  const registry = registryOf(double);
  const first = await registry.releases(never);
  for (let round = 0; round < 3; round++) assertEquals(await registry.releases(never), first);
  assertEquals(double.asked(), [`${FIRST} 200`, `${FIRST} 304`, `${FIRST} 304`, `${FIRST} 304`]);
});

Deno.test("all pages are read; once nothing changes, a poll is one request", async () => {
  await using double = new GitHubDouble();
  for (let n = 0; n < 150; n++) double.publish(`v1.0.${n}`);
  const registry = registryOf(double);
  const tags = (await registry.releases(never)).map(({ tag }) => tag);
  assertEquals([tags.length, tags[0], tags[149]], [150, "v1.0.149", "v1.0.0"]);
  await registry.releases(never);
  await registry.releases(never);
  assertEquals(double.asked(), [
    `${FIRST} 200`,
    `${SECOND} 200`,
    // Releases could have moved from page to page while they were read.
    `${FIRST} 304`,
    `${SECOND} 304`,
    `${FIRST} 304`,
  ]);
});

Deno.test("when the first page changes, later pages are not taken from memory unasked", async () => {
  await using double = new GitHubDouble();
  for (let n = 0; n < 150; n++) double.publish(`v1.0.${n}`);
  const registry = registryOf(double);
  for (let round = 0; round < 3; round++) await registry.releases(never);
  double.asked();
  double.publish("v1.0.150");
  const tags = (await registry.releases(never)).map(({ tag }) => tag);
  assertEquals(new Set(tags).size, 151);
  assertEquals(tags, double.releases.map(({ tag }) => tag));
  assertEquals(double.asked(), [`${FIRST} 200`, `${SECOND} 200`]);
});

Deno.test("a release that went missing while pages were read is there at the next poll", async () => {
  await using double = new GitHubDouble();
  for (let n = 0; n < 150; n++) double.publish(`v1.0.${n}`);
  const registry = registryOf(double);
  let isFirst = true;
  double.refusal = () => {
    // Removed after the first page was sent: the first of the second page is on neither.
    if (!isFirst) double.releases.splice(0, 1);
    isFirst = false;
    return null;
  };
  assertEquals((await registry.releases(never)).length, 149);
  double.refusal = null;
  const tags = (await registry.releases(never)).map(({ tag }) => tag);
  assertEquals(tags, double.releases.map(({ tag }) => tag));
});

Deno.test("a change on a later page is seen after ten minutes", async () => {
  await using double = new GitHubDouble();
  for (let n = 0; n < 150; n++) double.publish(`v1.0.${n}`);
  let now = START;
  const registry = registryOf(double, {}, () => now);
  for (let round = 0; round < 3; round++) await registry.releases(never);
  double.releases.pop();
  double.asked();
  assertEquals((await registry.releases(never)).length, 150);
  now += 10 * 60_000;
  assertEquals((await registry.releases(never)).length, 149);
  assertEquals(double.asked(), [`${FIRST} 304`, `${FIRST} 304`, `${SECOND} 200`]);
});

Deno.test("a page that appears behind a full one is seen, although the full one has not changed", async () => {
  await using double = new GitHubDouble();
  for (let n = 0; n < 100; n++) double.publish(`v1.0.${n}`);
  const registry = registryOf(double);
  for (let round = 0; round < 2; round++) await registry.releases(never);
  double.releases.push({ tag: "v0.9.0", assets: [] });
  double.asked();
  assertEquals((await registry.releases(never)).at(-1)?.tag, "v0.9.0");
  assertEquals(double.asked(), [`${FIRST} 304`, `${SECOND} 200`]);
});

Deno.test("when a later page fails, nothing is remembered of the first one", async () => {
  await using double = new GitHubDouble();
  for (let n = 0; n < 150; n++) double.publish(`v1.0.${n}`);
  const registry = registryOf(double);
  for (let round = 0; round < 3; round++) await registry.releases(never);
  double.publish("v1.0.150");
  let count = 0;
  double.refusal = () => ++count === 2 ? new Response("", { status: 502 }) : null;
  await assertRejects(() => registry.releases(never), RegistryError, "it answered 502");
  double.refusal = null;
  assertEquals((await registry.releases(never)).length, 151);
});

Deno.test("a next page on another server is not asked for", async () => {
  await using double = new GitHubDouble();
  const link = `<https://elsewhere.example/releases?page=2>; rel="next"`;
  double.refusal = () => Response.json([], { headers: { link } });
  const registry = registryOf(double, { GH_TOKEN: "ghp_secret" });
  const error = await assertRejects(() => registry.releases(never), RegistryError);
  assertEquals([error.kind, error.message.includes("on another server")], ["invalid", true]);
});

Deno.test("pages that never end are left", async () => {
  await using double = new GitHubDouble();
  const circle = (path: string) => `<${double.url}${path}?per_page=100>; rel="next"`;
  double.refusal = (path) => Response.json([], { headers: { link: circle(path) } });
  await assertRejects(() => registryOf(double).releases(never), RegistryError, "in circles");

  let page = 0;
  double.refusal = (path) =>
    Response.json([], { headers: { link: `<${path}?page=${++page}>; rel="next"` } });
  await registryOf(double).releases(never);
  assertEquals(page, 20);
});
