/**
 * Builds what is given to people.
 *
 * - `bundle`: dist/liveroll.js, one executable file for machines that have Deno
 * - `compile`: dist/liveroll, for this machine; `--target T` for another one; `--all` for what a
 *   release consists of: every target and the bundle. SHA256SUMS goes with them.
 * - `handover`: dist/liveroll-handover-VERSION.tgz, the library in src/handover as an npm package
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import config from "../deno.json" with { type: "json" };
import { capture } from "./lib/command.ts";
import { packHandover } from "./lib/handover_package.ts";

/** What `deno compile` can build for, as far as liveroll runs there. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
] as const;

const ROOT = new URL("..", import.meta.url).pathname;

// A bundle is not accompanied by deno.json: its features are named here.
const SHEBANG = "#!/usr/bin/env -S deno run -A --quiet --no-config --no-lock " +
  "--unstable-net --unstable-no-legacy-abort\n";

const NO_RUNTIME = `
The runtime that \`deno compile\` puts the program into (denort) could not be downloaded.
Have it downloaded elsewhere and name the file: DENORT_BIN=/path/to/denort deno task compile
Without it there is still dist/liveroll.js, for machines with Deno: deno task bundle`;

/** Writes the bundle and returns its path. */
export async function bundle(directory: string): Promise<string> {
  await Deno.mkdir(directory, { recursive: true });
  const path = `${directory}/liveroll.js`;
  await deno(["bundle", "--quiet", "--platform", "deno", "-o", path, `${ROOT}main.ts`]);
  await Deno.writeTextFile(path, SHEBANG + await Deno.readTextFile(path));
  await Deno.chmod(path, 0o755);
  return path;
}

/** Compiles for one target (null: this machine) and returns the path of the executable. */
export async function compile(directory: string, target: string | null): Promise<string> {
  await Deno.mkdir(directory, { recursive: true });
  const path = `${directory}/liveroll${target === null ? "" : `-${target}`}`;
  const forTarget = target === null ? [] : ["--target", target];
  await deno(["compile", "--quiet", "-A", ...forTarget, "-o", path, `${ROOT}main.ts`]);
  return path;
}

/** Writes SHA256SUMS beside the files, in the form that `sha256sum --check` reads. */
export async function writeChecksums(directory: string, paths: readonly string[]): Promise<void> {
  const lines = await Promise.all(paths.toSorted().map(checksumLine));
  await Deno.writeTextFile(`${directory}/SHA256SUMS`, lines.join(""));
}

async function checksumLine(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  const name = path.slice(path.lastIndexOf("/") + 1);
  return `${new Uint8Array(digest).toHex()}  ${name}\n`;
}

function text(flag: unknown): string | null {
  return typeof flag === "string" && flag !== "" ? flag : null;
}

async function deno(args: string[]): Promise<void> {
  const result = await capture(Deno.execPath(), args, { cwd: ROOT, env: { NO_COLOR: "1" } });
  if (result.ok) return;
  const hint = /denort/.test(result.stderr) ? NO_RUNTIME : "";
  throw new Error(`Cannot ${args[0]}: deno says\n${result.stderr.trim()}\n${hint}`);
}

async function main(args: string[]): Promise<void> {
  const flags = parseArgs(args, { boolean: ["all"], string: ["target", "out"] });
  const directory = text(flags.out) ?? `${ROOT}dist`;
  if (flags._[0] === "bundle") return console.log(await bundle(directory));
  if (flags._[0] === "handover") return console.log(await packHandover(directory, config.version));
  if (flags._[0] !== "compile") {
    throw new TypeError("Cannot build: say bundle, compile or handover");
  }
  const targets = flags.all ? TARGETS : [text(flags.target)];
  const paths: string[] = [];
  for (const target of targets) {
    paths.push(await compile(directory, target));
    console.log(paths.at(-1));
  }
  if (flags.all) paths.push(await bundle(directory));
  await writeChecksums(directory, paths);
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
