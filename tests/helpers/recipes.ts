import { capture, succeed } from "../../scripts/lib/command.ts";
import { programCommand } from "./program.ts";

const DOCUMENT = new URL("../../docs/recipes.md", import.meta.url);

/** Ports belong to the test; everything else is run as it is documented. */
const PORT_FLAGS = new Set(["port", "child-port1", "child-port2"]);

/** What stands in the document, and what a test puts in its place. */
export type Replacements = Record<string, string>;

/** A directory that recipes are tried in. */
export interface Workshop extends AsyncDisposable {
  readonly directory: string;
}

/** A directory that goes away with everything in it. */
export async function openWorkshop(): Promise<Workshop> {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-recipe-" });
  return {
    directory,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

/**
 * The code block of docs/recipes.md below `<!-- mark -->`.
 *
 * @throws {Error} When there is none, or when it does not contain what is to be replaced.
 */
export function codeBlock(mark: string, replacements: Replacements = {}): string {
  const text = Deno.readTextFileSync(DOCUMENT);
  const after = text.split(`<!-- ${mark} -->\n`)[1];
  let block = after === undefined ? undefined : /^\s*```sh\n(.*?)^```$/ms.exec(after)?.[1];
  if (block === undefined) throw new Error(`Cannot find recipe: no block marked ${mark}`);
  for (const [from, to] of Object.entries(replacements)) {
    if (!block.includes(from)) throw new Error(`Cannot replace ${from}: it is not in ${mark}`);
    block = block.replaceAll(from, to);
  }
  return block;
}

/** The arguments that a shell gives to `liveroll` in a block. */
export async function argumentsIn(block: string): Promise<string[]> {
  await using workshop = await openWorkshop();
  const { directory } = workshop;
  await writePrograms(directory, { liveroll: `printf '%s\\0' "$@" > '${directory}/arguments'` });
  await succeed("sh", ["-c", firstCommand(block)], { env: pathWith(directory), cwd: directory });
  return (await Deno.readTextFile(`${directory}/arguments`)).split("\0").slice(0, -1);
}

/** The flags of a recipe, without its ports. */
export async function recipeFlags(
  name: string,
  replacements: Replacements,
): Promise<Record<string, string>> {
  const [command, ...words] = await argumentsIn(codeBlock(`recipe: ${name}`, replacements));
  if (command !== "run") throw new Error(`Cannot use recipe ${name}: it does not run liveroll`);
  const flags: Record<string, string> = {};
  for (let at = 0; at < words.length; at += 2) {
    const [flag = "", value = ""] = [words[at]?.slice(2), words[at + 1]];
    if (!PORT_FLAGS.has(flag)) flags[flag] = value;
  }
  return flags;
}

/** Does what a unit block says, with `directory` for systemd's; @returns The unit's path. */
export async function installUnit(name: string, directory: string): Promise<string> {
  const block = codeBlock(`unit: ${name}`, { "/etc/systemd/system": directory });
  await using programs = await openWorkshop();
  const { command, args } = programCommand({});
  const liveroll = [command, ...args].map((word) => `'${word}'`).join(" ");
  await writePrograms(programs.directory, {
    liveroll: `exec ${liveroll} "$@"`,
    systemctl: "exit 0",
    useradd: "exit 0",
  });
  await succeed("sh", ["-ec", block], { env: pathWith(programs.directory) });
  return `${directory}/blog.service`;
}

/** What `systemd-analyze verify` says about a unit; nothing is best. */
export async function verifyUnit(path: string): Promise<string> {
  // A program that is missing is a finding as well.
  const text = (await Deno.readTextFile(path)).replace("=/usr/local/bin/liveroll ", "=/bin/sh ");
  await Deno.writeTextFile(path, text);
  const { stdout, stderr } = await capture("systemd-analyze", ["verify", "--man=no", path]);
  return stdout + stderr;
}

/** The block without what happens to the unit afterwards. */
function firstCommand(block: string): string {
  return block.slice(block.indexOf("liveroll ")).split("\n  > /etc/")[0]!.replace(/\\$/, "");
}

async function writePrograms(directory: string, programs: Record<string, string>): Promise<void> {
  for (const [name, script] of Object.entries(programs)) {
    await Deno.writeTextFile(`${directory}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
}

function pathWith(directory: string): Record<string, string> {
  return { PATH: `${directory}:${Deno.env.get("PATH") ?? ""}` };
}
