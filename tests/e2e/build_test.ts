import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { bundle, compile, writeChecksums } from "../../scripts/build.ts";
import { capture, succeed } from "../../scripts/lib/command.ts";
import { packHandover } from "../../scripts/lib/handover_package.ts";
import { needs, program } from "../helpers/skip.ts";

/** A directory that is gone in the end. */
async function scratch() {
  const path = await Deno.makeTempDir({ prefix: "liveroll-build-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("the bundle runs by itself from another directory with an empty home", async () => {
  await using directory = await scratch();
  await using home = await scratch();
  const path = await bundle(directory.path);
  const env = { HOME: home.path, DENO_DIR: "", NO_COLOR: "1", PATH: pathWithDeno() };
  const result = await capture(path, ["--version"], { cwd: home.path, env });
  assertEquals(result.stderr, "");
  assertStringIncludes(result.stdout, config.version);
});

Deno.test("the bundle names every unstable feature that deno.json switches on", async () => {
  await using directory = await scratch();
  const [shebang = ""] = (await Deno.readTextFile(await bundle(directory.path))).split("\n");
  for (const feature of config.unstable) assertStringIncludes(shebang, ` --unstable-${feature}`);
});

Deno.test("a compiled executable carries the unstable features of deno.json", async () => {
  await using directory = await scratch();
  const path = await withRuntime(Deno.execPath(), () => compile(directory.path, null));
  assert(((await Deno.stat(path)).mode ?? 0) & 0o111);
  assertStringIncludes(
    new TextDecoder("latin1").decode(await Deno.readFile(path)),
    `"features":${JSON.stringify(config.unstable)}`,
  );
});

Deno.test("a missing runtime is explained, with the way out", async () => {
  await using directory = await scratch();
  const failure = await assertRejects(() =>
    withRuntime("/nowhere/denort", () => compile(directory.path, null))
  );
  assertMatch(String(failure), /Cannot compile/);
  assertStringIncludes(String(failure), "DENORT_BIN=/path/to/denort");
  assertStringIncludes(String(failure), "deno task bundle");
});

Deno.test({
  name: "sha256sum accepts the checksums",
  ...needs(program("sha256sum")),
  fn: async () => {
    await using directory = await scratch();
    const paths = ["b", "a"].map((name) => `${directory.path}/liveroll-${name}`);
    for (const path of paths) await Deno.writeTextFile(path, path);
    await writeChecksums(directory.path, paths);
    const args = ["--check", "--strict", "SHA256SUMS"];
    const { stdout } = await capture("sha256sum", args, { cwd: directory.path });
    assertEquals(stdout, "liveroll-a: OK\nliveroll-b: OK\n");
  },
});

/** With the runtime that executables are made of; here Deno itself stands in for it. */
async function withRuntime<T>(path: string, work: () => Promise<T>): Promise<T> {
  const before = Deno.env.get("DENORT_BIN");
  Deno.env.set("DENORT_BIN", path);
  try {
    return await work();
  } finally {
    if (before === undefined) Deno.env.delete("DENORT_BIN");
    else Deno.env.set("DENORT_BIN", before);
  }
}

function pathWithDeno(): string {
  const directory = Deno.execPath().replace(/\/[^/]*$/, "");
  return `${directory}:${Deno.env.get("PATH") ?? ""}`;
}

Deno.test("the package of the hand-over library is typed, whole, and works where it is installed", async () => {
  await using directory = await scratch();
  const tarball = await packHandover(directory.path, config.version);
  const installed = `${directory.path}/node_modules/@liveroll/handover`;
  await Deno.mkdir(installed, { recursive: true });
  await succeed("tar", ["xzf", tarball, "-C", installed, "--strip-components=1"]);
  await Deno.writeTextFile(
    `${directory.path}/package.json`,
    JSON.stringify({ type: "module", dependencies: { "@liveroll/handover": "*" } }),
  );
  await Deno.writeTextFile(
    `${directory.path}/main.ts`,
    `import { handoverMode, type Upgrader, upgrader } from "@liveroll/handover";
     const up: Upgrader = await upgrader({ dir: Deno.args[0]!, onWarning: () => {} });
     const { port } = await up.listen("http", { hostname: "127.0.0.1", port: 0 });
     await up.ready();
     const ready: number = port;
     console.log(handoverMode().name, ready > 0, up.state satisfies string);
     await up.stop();`,
  );
  const args = ["run", "-A", "--check", "--node-modules-dir=manual", "--no-lock", "main.ts"];
  const { stdout, stderr } = await capture(Deno.execPath(), [...args, `${directory.path}/run`], {
    cwd: directory.path,
    env: { NO_COLOR: "1" },
  });
  assertMatch(stdout, /^(full|inherit_only) true owner\n$/, stderr);
});
