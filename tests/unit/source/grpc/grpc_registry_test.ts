import { assert, assertEquals, assertRejects } from "@std/assert";
import { createRegistry } from "../../../../src/source/create_registry.ts";
import { type Registry, RegistryError } from "../../../../src/source/registry.ts";
import { registryTarget } from "../../../../src/source/registry_target.ts";
import { GcsDouble } from "../../../helpers/gcs_double.ts";
import { GitHubDouble } from "../../../helpers/github_double.ts";
import { GrpcServer } from "../../../helpers/grpc_server.ts";
import { RudeGrpc, sending } from "../../../helpers/rude_grpc.ts";
import { S3_KEYS, S3Server } from "../../../helpers/s3_server.ts";

const never = new AbortController().signal;

function registryOf(host: string, env: Record<string, string> = {}): Promise<Registry> {
  const target = registryTarget.parse(`grpc://${host}?no-tls=true`);
  return createRegistry(target, { env, date: Date.now });
}

/** What is fetched, from `offset` on, when the server names `artifact_url`. */
async function fetched(artifact_url: string, env: Record<string, string>, offset = 0) {
  await using server = await GrpcServer.start();
  server.current = { id: "1", tag: "v1.0.0", artifact_url };
  const registry = await registryOf(server.host, env);
  const [release] = await registry.releases(never);
  const body = await registry.fetch(release!.assets[0]!, { offset, signal: never });
  return { name: release!.assets[0]!.name, text: await new Response(body.body).text() };
}

Deno.test("a file of a release on GitHub is fetched from there", async () => {
  await using github = new GitHubDouble();
  github.tokens.add("ghp_secret");
  github.publish("v1.0.0", { "other.tgz": "x", "app.tgz": "0123456789" });
  const env = { GITHUB_API_URL: github.url, GH_TOKEN: "ghp_secret" };
  const url = "ghr://owner/app/tag/v1.0.0/app.tgz";
  assertEquals(await fetched(url, env, 4), { name: "app.tgz", text: "456789" });
  const missing = "ghr://owner/app/tag/v1.0.0/none.tgz";
  const error = await assertRejects(() => fetched(missing, env), RegistryError, "no such file");
  assertEquals(error.kind, "not_found");
});

Deno.test("a file in a bucket is fetched from there", async () => {
  await using s3 = await S3Server.start();
  await s3.put("app/v1/a b.tgz", "0123456789");
  const url = `s3://eu-west-1/releases/app/v1/a b.tgz?endpoint=${s3.endpoint}`;
  assertEquals(await fetched(url, S3_KEYS, 3), { name: "a b.tgz", text: "3456789" });
});

Deno.test("a file in a bucket of Google is fetched from there", async () => {
  await using gcs = new GcsDouble();
  gcs.objects.set("app/v1/a.tgz", "0123456789");
  const env = { STORAGE_EMULATOR_HOST: gcs.host };
  assertEquals((await fetched("gs://releases/app/v1/a.tgz", env, 3)).text, "3456789");
});

Deno.test("an image in place of a file is refused, and it is said what to do", async () => {
  const error = await assertRejects(
    () => fetched("img://ghcr.io/owner/app:v1.0.0", {}),
    RegistryError,
    'Cannot use the artifact "img://ghcr.io/owner/app:v1.0.0": an image is no file, give its ' +
      "repository as --registry img://HOST/REPO",
  );
  assertEquals(error.kind, "invalid");
});

const BAD: readonly [string, string, string][] = [
  ["no tag", "00000000030a0131", "names no tag"],
  ["no message", "0000000002ffff", "it is cut off"],
  ["a tag of another type", "00000000021005", "names no tag"],
];

for (const [what, hex, words] of BAD) {
  Deno.test(`a release with ${what} is an error`, async () => {
    await using server = await RudeGrpc.start(sending(Uint8Array.fromHex(hex)));
    const registry = await registryOf(server.host);
    const error = await assertRejects(() => registry.releases(never), RegistryError, words);
    assertEquals(error.kind, "invalid");
    assert(error.message.includes(server.host));
  });
}
