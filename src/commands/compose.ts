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
  const ours = args.map((arg) => arg.replace(/^--?(f|file)(?==|$)/, "--compose-file"));
  if (!asksFor("compose-file", ours, io.env)) {
    io.err(`liveroll: ${NO_FILE}`);
    return EXIT_USAGE;
  }
  return await withOptions(ours, io, {
    help: () => help(["compose"], io, commands),
    run: async ({ config }) => await (await import("./run.ts")).run(config),
  }, { healthcheck: "tcp" });
}
