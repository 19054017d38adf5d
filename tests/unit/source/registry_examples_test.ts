// What docs/registries.md says to do is done here, with nothing replaced but where things are.
import { assertEquals } from "@std/assert";
import { succeed } from "../../../scripts/lib/command.ts";
import { main } from "../../../src/commands/mod.ts";
import { expandTemplates } from "../../../src/runtime/template.ts";
import { Catalog } from "../../../src/source/catalog.ts";
import { createRegistry, wishOf } from "../../../src/source/create_registry.ts";
import { registryTarget } from "../../../src/source/registry_target.ts";
import { GcsDouble } from "../../helpers/gcs_double.ts";
import { GitHubDouble } from "../../helpers/github_double.ts";
import { GrpcServer } from "../../helpers/grpc_server.ts";
import { ImageRegistry } from "../../helpers/image_registry.ts";
import { type ExampleCommand, runExample } from "../../helpers/registry_examples.ts";
import { S3Server } from "../../helpers/s3_server.ts";
import { needs, program } from "../../helpers/skip.ts";
import { fakeIo } from "../commands/fake_io.ts";

const never = new AbortController().signal;
const CONTENT = "what is in the file";
const FILE = "app_linux_amd64.tar.gz";
const KEY = `apps/blog/v1.0.0/${FILE}`;
const OTHER_FILE = "app_linux_arm64.tar.gz";
const RECORD_FILE = "shipped_to_web1_server_at_19700101T000000.000000000Z.txt";

async function withDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-registries-" });
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Finds the newest release as the example asks to, has its file and leaves a record. */
async function use({ args, env }: ExampleCommand, local: Record<string, string> = {}) {
  const [command, flag, url = "", ...rest] = args;
  assertEquals([command, flag, rest], ["server", "--registry", ["--", "./current/app"]]);
  const { registry, choice } = await newest(url, { ...env, ...local });
  assertEquals([choice.release.tag, choice.asset.name], ["v1.0.0", FILE]);
  const { body } = await registry.fetch(choice.asset, { offset: 0, signal: never });
  assertEquals(await new Response(body).text(), CONTENT);
  const record = { tag: "v1.0.0", host: "web1", command: "server", at: 0, error: null };
  await registry.report("v1.0.0", record, never);
}

async function newest(url: string, env: Record<string, string>) {
  const target = registryTarget.parse(url);
  const registry = await createRegistry(target, { env, date: Date.now });
  const catalog = new Catalog(registry, {
    ...wishOf(target, env),
    slot: null,
    platform: { os: "linux", arch: "amd64" },
    allowDowngrade: false,
    date: Date.now,
  });
  const choice = await catalog.newest(null, never);
  if (choice.outcome !== "chosen") throw new Error(Deno.inspect(choice));
  return { registry, choice };
}

Deno.test("the example of ghr:// works", async () => {
  await using double = new GitHubDouble("linyows/app");
  double.tokens.add("github_pat_11EXAMPLE");
  const release = double.publish("v1.0.0", { [FILE]: CONTENT, [OTHER_FILE]: "" });
  await withDirectory(async (directory) => {
    await use(await runExample("github", directory, {}), { GITHUB_API_URL: double.url });
  });
  assertEquals(release.assets.at(-1)?.name, RECORD_FILE);
});

Deno.test("the example of s3:// works", async () => {
  await using server = await S3Server.start();
  await server.put(KEY, CONTENT);
  const places = { "https://minio.example.org:9000": server.endpoint };
  await withDirectory(async (directory) => use(await runExample("s3", directory, places)));
  assertEquals((await server.get(`apps/blog/v1.0.0/${RECORD_FILE}`))?.content, "");
});

Deno.test("the example of gs:// works", async () => {
  await using double = new GcsDouble();
  double.tokens = new Set();
  double.objects.set(KEY, CONTENT);
  await withDirectory(async (directory) => {
    const path = `${directory}/google.json`;
    await Deno.writeTextFile(path, JSON.stringify(double.keyFile()));
    const example = await runExample("gcs", directory, { "/etc/liveroll/google.json": path });
    await use(example, { STORAGE_EMULATOR_HOST: double.host });
  });
  assertEquals(double.objects.get(`apps/blog/v1.0.0/${RECORD_FILE}`), "");
});

Deno.test("the example of file:// works", async () => {
  await withDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/${FILE}`, CONTENT);
    await Deno.writeTextFile(`${directory}/${OTHER_FILE}`, "");
    await use(
      await runExample("directory", directory, { "/srv/releases": `${directory}/releases` }),
    );
    await Deno.stat(`${directory}/releases/v1.0.0/${RECORD_FILE}`);
  });
});

Deno.test("the example of https:// works", async () => {
  const document = await Deno.readTextFile(new URL("../../../docs/registries.md", import.meta.url));
  const index = /^```json\n(.*?)^```$/ms.exec(document)?.[1] ?? "";
  const files: Record<string, string> = {
    "/apps/index.json": index,
    [`/apps/v1.0.0/${FILE}`]: CONTENT,
  };
  const at = { hostname: "127.0.0.1", port: 0, onListen() {} };
  await using server = Deno.serve(at, ({ url }) => {
    const text = files[new URL(url).pathname];
    return text === undefined ? new Response("", { status: 404 }) : new Response(text);
  });
  const places = { "https://example.org": `http://127.0.0.1:${server.addr.port}` };
  await withDirectory(async (directory) => use(await runExample("index", directory, places)));
});

for (const kind of ["files", "served"]) {
  Deno.test(`the example of ${kind} is understood`, () =>
    withDirectory(async (directory) => {
      const { args } = await runExample(kind, directory, {});
      const io = fakeIo();
      assertEquals([await main([...args, "--check"], io), io.complained], [0, []]);
    }));
}

Deno.test("the example of grpc:// works", async () => {
  await using server = await GrpcServer.start();
  await using bucket = await S3Server.start();
  await bucket.put(KEY, CONTENT);
  const artifact_url = `s3://eu-west-1/releases/${KEY}?endpoint=${bucket.endpoint}`;
  server.current = { id: "1", tag: "v1.0.0", artifact_url };
  // With TLS it would need a certificate that somebody vouches for: tests/unit/source/grpc/tls_test.ts
  const places = { "releases.example.org:9000": `${server.host}?no-tls=true` };
  await withDirectory(async (directory) => use(await runExample("grpc", directory, places)));
  assertEquals(server.requests.map(({ name }) => name), ["Current", "Report"]);
});

Deno.test({
  name: "the example of img:// works",
  ...needs(program("docker-registry")),
  fn: async () => {
    await using images = await ImageRegistry.start({ hasPasswords: false });
    await images.push("owner/app", ["v1.0.0", "v0.9.0", "latest"]);
    await withDirectory(async (directory) => {
      const { args, env } = await runExample("image", directory, { "ghcr.io": images.host });
      const [command, flag, url = "", exec, start = ""] = args;
      assertEquals([command, flag, exec, args.length], ["run", "--registry", "--exec", 5]);
      const { choice } = await newest(url, env);
      assertEquals(choice.release.tag, "v1.0.0");
      const engine = "#!/bin/sh\nprintf '%s\\0' \"$@\"";
      await Deno.writeTextFile(`${directory}/docker`, engine, { mode: 0o755 });
      const values = { port: 9101, healthcheck: "/", id: choice.release.tag };
      const text = expandTemplates(start, values);
      const given = [`PATH=${directory}:/usr/bin:/bin`, `LIVEROLL_ID=${values.id}`];
      const said = await succeed("env", [...given, "sh", "-c", text]);
      const image = `${images.host}/owner/app:v1.0.0`;
      assertEquals(said.split("\0").slice(0, -1), [
        "run",
        "--rm",
        "-p",
        "127.0.0.1:9101:8080",
        image,
      ]);
    });
  },
});
