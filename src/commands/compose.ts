import { asksFor } from "./asks_for.ts";
import { type Command, EXIT_USAGE, type Io } from "./command.ts";
import { help } from "./help.ts";
import { withOptions } from "./with_options.ts";

/** There is nothing to run without. */
const NO_FILE = "--compose-file is required: give the compose file, for example -f compose.yaml";

/**
 * `liveroll compose`: `liveroll run` for services of a compose file.
 *
 * @returns The exit code.
 */
export async function compose(
  args: readonly string[],
  io: Io,
  commands: readonly Command[],
): Promise<number> {
  const ours = withFileFlag(args);
  if (!asksFor("compose-file", ours, io.env)) {
    io.err(`liveroll: ${NO_FILE}`);
    return EXIT_USAGE;
  }
  return await withOptions(ours, io, {
    help: () => help(["compose"], io, commands),
    run: async ({ config }) => await (await import("./run.ts")).run(config),
  }, { healthcheck: "tcp" });
}

/** Calls a compose file what the table of options calls it, where compose calls it `-f`. */
export function withFileFlag(args: readonly string[]): readonly string[] {
  return args.map((arg) => arg.replace(/^--?(f|file)(?==|$)/, "--compose-file"));
}
