const ROOT = new URL("../../", import.meta.url).pathname;

/**
 * The command line of the program under test: `main.ts`, or what `LIVEROLL_BIN` names, which is a
 * script for Deno or an executable.
 *
 * @param script Path of a script that takes the place of both.
 * @param verb The command. @default {"run"}
 */
export function programCommand(
  flags: Record<string, string | null>,
  script?: string,
  verb?: string,
): { command: string; args: string[] } {
  const words = Object.entries(flags)
    .flatMap(([name, value]) => value === null ? [] : [`--${name}=${value}`]);
  const args = verb === undefined ? words : [verb, ...words];
  const artifact = Deno.env.get("LIVEROLL_BIN");
  if (artifact === undefined || script !== undefined) {
    const main = script ?? `${ROOT}main.ts`;
    const run = ["run", "-A", "--config", `${ROOT}deno.json`, "--cached-only", main];
    return { command: Deno.execPath(), args: [...run, ...args] };
  }
  if (!/\.m?[jt]s$/.test(artifact)) return { command: artifact, args };
  const unstable = ["--unstable-net", "--unstable-no-legacy-abort"];
  const run = ["run", "-A", "--no-config", "--no-lock", ...unstable, artifact];
  return { command: Deno.execPath(), args: [...run, ...args] };
}
