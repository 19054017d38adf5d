import { assertEquals, assertRejects } from "@std/assert";
import { createRegistry, wishOf } from "../../../src/source/create_registry.ts";
import { registryTarget } from "../../../src/source/registry_target.ts";

const CONTEXT = { env: {}, date: () => 0 };

const KINDS: readonly [string, string][] = [
  ["file:///srv/releases", "DirectoryRegistry"],
  ["https://example.org/index.json", "IndexRegistry"],
  ["ghr://owner/app", "GitHubRegistry"],
  ["s3://eu-west-1/bucket/prefix", "BucketRegistry"],
  ["gs://bucket/prefix", "BucketRegistry"],
  ["img://docker.io/app", "OciRegistry"],
  ["grpc://releases.example:9000", "GrpcRegistry"],
];

for (const [text, name] of KINDS) {
  Deno.test(`${text} is a ${name}`, async () => {
    const registry = await createRegistry(registryTarget.parse(text), CONTEXT);
    assertEquals(registry.constructor.name, name);
  });
}

Deno.test("a variable that makes no sense is told at once", async () => {
  const context = { ...CONTEXT, env: { GITHUB_API_URL: "nowhere" } };
  const target = registryTarget.parse("ghr://owner/app");
  await assertRejects(() => createRegistry(target, context), Error, "GITHUB_API_URL");
});

const ARTIFACTS: readonly [string, Record<string, string>, string | null][] = [
  ["ghr://owner/app", {}, null],
  ["ghr://owner/app", { GITHUB_ARTIFACT: "a.tgz" }, "a.tgz"],
  ["ghr://owner/app?artifact=b.tgz", { GITHUB_ARTIFACT: "a.tgz" }, "b.tgz"],
  ["gs://bucket", { GITHUB_ARTIFACT: "a.tgz" }, null],
];

for (const [text, env, artifact] of ARTIFACTS) {
  Deno.test(`${text} with ${JSON.stringify(env)} asks for the artifact ${artifact}`, () => {
    assertEquals(wishOf(registryTarget.parse(text), env).artifact, artifact);
  });
}
