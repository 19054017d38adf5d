import { type Command, EXIT_USAGE, type Io } from "../command.ts";
import { help } from "../help.ts";
import { withOptions } from "../with_options.ts";
import { fromDewy } from "./from_dewy.ts";

/**
 * `liveroll server`: `liveroll run` for releases, with options as Dewy has them.
 *
 * @returns The exit code.
 */
export async function server(
  args: readonly string[],
  io: Io,
  commands: readonly Command[],
): Promise<number> {
  const { args: ours, notes, problems } = fromDewy(args, Deno.cwd());
  if (problems.length > 0) {
    for (const problem of problems) io.err(`liveroll: ${problem}`);
    return EXIT_USAGE;
  }
  if (!asksForRegistry(ours, io.env)) {
    io.err("liveroll: --registry is required: give where releases are published");
    return EXIT_USAGE;
  }
  for (const note of notes) io.err(`liveroll: note: ${note}`);
  return await withOptions(ours, io, {
    help: () => help(["server"], io, commands),
    run: async ({ config }) => await (await import("../run.ts")).run(config),
  });
}

/** Or help is asked for, or a file that may have it. */
function asksForRegistry(args: readonly string[], env: Readonly<Record<string, string>>): boolean {
  const isGiven = args.some((arg) => /^(--?(registry|config|help|version)(=|$)|-h$)/.test(arg));
  return isGiven || Boolean(env.LIVEROLL_REGISTRY) || Boolean(env.LIVEROLL_CONFIG);
}
