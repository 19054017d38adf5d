import { assertEquals, assertRejects } from "@std/assert";
import { DirectoryRegistry } from "../../../src/source/directory_registry.ts";
import { RegistryError } from "../../../src/source/registry.ts";

const never = new AbortController().signal;

async function directory(files: Record<string, string>): Promise<string> {
  const path = await Deno.makeTempDir({ prefix: "liveroll-registry-" });
  for (const [name, content] of Object.entries(files)) {
    await Deno.mkdir(`${path}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${path}/${name}`, content);
  }
  return path;
}

async function withDirectory(
  files: Record<string, string>,
  test: (registry: DirectoryRegistry, path: string) => Promise<void>,
): Promise<void> {
  const path = await directory(files);
  try {
    await test(new DirectoryRegistry(path), path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("a directory lists versions with their files; what is hidden is not published", async () => {
  const files = { "v1.0.0/app.tgz": "one", "v1.1.0/app.tgz": "two!", ".new/app.tgz": "", "x": "" };
  await withDirectory({ ...files, "v1.1.0/.part": "" }, async (registry) => {
    const releases = await registry.releases(never);
    const seen = releases.map((
      { tag, assets },
    ) => [tag, assets.map(({ name, size }) => [name, size])]);
    assertEquals(seen, [["v1.0.0", [["app.tgz", 3]]], ["v1.1.0", [["app.tgz", 4]]]]);
  });
});

Deno.test("a release is as old as its oldest file", async () => {
  await withDirectory({ "v1/a": "", "v1/b": "" }, async (registry, path) => {
    await Deno.utime(`${path}/v1/a`, 1000, 1000);
    const [release] = await registry.releases(never);
    assertEquals(release?.publishedAt, 1_000_000);
  });
});

Deno.test("bytes are read from where they are asked for, from the beginning if that is too far", async () => {
  await withDirectory({ "v1/a": "0123456789" }, async (registry) => {
    const [release] = await registry.releases(never);
    for (
      const [offset, begin, text] of [[0, 0, "0123456789"], [4, 4, "456789"], [
        11,
        0,
        "0123456789",
      ]] as const
    ) {
      const answer = await registry.fetch(release!.assets[0]!, { offset, signal: never });
      assertEquals([answer.offset, answer.totalBytes], [begin, 10]);
      assertEquals(await new Response(answer.body).text(), text);
    }
  });
});

Deno.test("an audit record lies beside the release", async () => {
  await withDirectory({ "v1/a": "" }, async (registry, path) => {
    await registry.report("v1", { tag: "v1", host: "Web", command: "server", at: 0, error: null });
    const [record] = (await Array.fromAsync(Deno.readDir(`${path}/v1`)))
      .map(({ name }) => name).filter((name) => name !== "a");
    assertEquals(record, "shipped_to_web_server_at_19700101T000000.000000000Z.txt");
  });
});

Deno.test("a directory that is not there is an error that names it", async () => {
  const registry = new DirectoryRegistry("/nowhere/releases");
  const error = await assertRejects(() => registry.releases(never), RegistryError, "/nowhere");
  assertEquals(error.kind, "not_found");
});
