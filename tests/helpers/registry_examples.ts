import { succeed } from "../../scripts/lib/command.ts";

const DOCUMENT = new URL("../../docs/registries.md", import.meta.url);

/** What a shell would start. */
export interface ExampleCommand {
  readonly args: readonly string[];
  /** What the example sets, and nothing else. */
  readonly env: Readonly<Record<string, string>>;
}

/** Runs `script` in a shell where `liveroll` only tells how it was called. */
export async function runScript(script: string, directory: string): Promise<ExampleCommand> {
  const liveroll =
    `#!/bin/sh\nenv -0 > '${directory}/env'\nprintf '%s\\0' "$@" > '${directory}/args'\n`;
  await Deno.writeTextFile(`${directory}/liveroll`, liveroll, { mode: 0o755 });
  const path = `${directory}:${Deno.env.get("PATH") ?? ""}`;
  const given = ["-i", `PATH=${path}`, "sh", "-ec", script];
  await succeed("env", given, { cwd: directory });
  const ours = ["PATH", "PWD", "OLDPWD", "SHLVL", "_"];
  const env = (await lines(`${directory}/env`)).map((line) => line.split(/=(.*)/s));
  return {
    args: await lines(`${directory}/args`),
    env: Object.fromEntries(env.filter(([name = ""]) => !ours.includes(name))),
  };
}

/**
 * Runs the example of docs/registries.md below `<!-- registry: KIND -->` in a shell where `liveroll`
 * only tells how it was called.
 *
 * @param places What stands in the document, and what a test puts in its place.
 * @throws {Error} When there is no such example, or a place is not in it.
 */
export async function runExample(
  kind: string,
  directory: string,
  places: Readonly<Record<string, string>>,
): Promise<ExampleCommand> {
  return await runScript(exampleOf(kind, places), directory);
}

function exampleOf(kind: string, places: Readonly<Record<string, string>>): string {
  const after = Deno.readTextFileSync(DOCUMENT).split(`<!-- registry: ${kind} -->\n`)[1];
  let example = /^\s*```sh\n(.*?)^```$/ms.exec(after ?? "")?.[1];
  if (example === undefined) throw new Error(`Cannot find the example of ${kind}`);
  for (const [from, to] of Object.entries(places)) {
    if (!example.includes(from)) throw new Error(`Cannot replace ${from}: it is not in ${kind}`);
    example = example.replaceAll(from, to);
  }
  return example;
}

async function lines(path: string): Promise<string[]> {
  return (await Deno.readTextFile(path)).split("\0").slice(0, -1);
}
