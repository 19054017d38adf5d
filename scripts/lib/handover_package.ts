import { capture } from "./command.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const MODULE = `${ROOT}src/handover/mod.ts`;

/**
 * Packs the library that hands sockets over, and nothing else of liveroll, as npm takes it. What
 * JSR would say to it is asked as well, without publishing anything.
 *
 * @returns The path of the tarball.
 * @throws {Error} When a file is missing or the types of the public part are not explicit.
 */
export async function packHandover(directory: string, version: string): Promise<string> {
  const stage = await Deno.makeTempDir({ prefix: "liveroll-handover-" });
  try {
    await fillStage(stage, version);
    await deno(["publish", "--dry-run", "--allow-dirty"], stage);
    await Deno.mkdir(directory, { recursive: true });
    const path = `${directory}/liveroll-handover-${version}.tgz`;
    await deno(["pack", "--allow-dirty", "--output", path], stage);
    return path;
  } finally {
    await Deno.remove(stage, { recursive: true });
  }
}

async function fillStage(stage: string, version: string): Promise<void> {
  for (const path of await modules()) {
    await Deno.copyFile(path, `${stage}/${path.slice(path.lastIndexOf("/") + 1)}`);
  }
  await Deno.copyFile(`${ROOT}LICENSE`, `${stage}/LICENSE`);
  await Deno.copyFile(`${ROOT}docs/self-upgrade.md`, `${stage}/README.md`);
  const config = { name: "@liveroll/handover", version, license: "MIT", exports: "./mod.ts" };
  await Deno.writeTextFile(`${stage}/deno.json`, JSON.stringify(config, null, 2));
}

/** The files that the library consists of; all are in one folder. */
async function modules(): Promise<string[]> {
  const info: { modules: { local?: string }[] } = JSON.parse(
    await deno(["info", "--json", MODULE], ROOT),
  );
  return info.modules.flatMap(({ local }) => local === undefined ? [] : [local]);
}

async function deno(args: string[], cwd: string): Promise<string> {
  const result = await capture(Deno.execPath(), args, { cwd, env: { NO_COLOR: "1" } });
  if (result.ok) return result.stdout;
  throw new Error(`Cannot ${args[0]}: deno says\n${result.stderr.trim()}`);
}
