import { asksFor } from "./asks_for.ts";
import { EXIT_USAGE, type Io } from "./command.ts";
import { type OptionsHandler, withOptions } from "./with_options.ts";

/** There is nothing to run without. */
const NO_FILE = "--compose-file is required: give the compose file, for example -f compose.yaml";

/**
 * `liveroll compose`: `liveroll run` for services of a compose file.
 *
 * @param how What is done with the options.
 * @returns The exit code.
 */
export async function compose(
  args: readonly string[],
  io: Io,
  how: OptionsHandler,
): Promise<number> {
  const ours = withFileFlag(args);
  if (!asksFor("compose-file", ours, io.env)) {
    io.err(`liveroll: ${NO_FILE}`);
    return EXIT_USAGE;
  }
  return await withOptions(ours, io, how, { healthcheck: "tcp" });
}

/** Calls a compose file what the table of options calls it, where compose calls it `-f`. */
export function withFileFlag(args: readonly string[]): readonly string[] {
  return args.map((arg) => arg.replace(/^--?(f|file)(?==|$)/, "--compose-file"));
}
