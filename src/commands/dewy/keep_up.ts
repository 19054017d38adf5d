import type { Subject } from "../../config/assets_rules.ts";
import { asksFor } from "../asks_for.ts";
import { EXIT_USAGE, type Io } from "../command.ts";
import { type OptionsHandler, withOptions } from "../with_options.ts";
import { badDelay, defaultsOf } from "./defaults.ts";
import { fromDewy } from "./from_dewy.ts";

/** What each command of Dewy keeps at the newest release. */
export const SUBJECT_OF = {
  server: "program",
  assets: "assets",
  container: "program",
} as const satisfies Record<string, Subject>;

/** Commands of Dewy that there is something for. */
export type DewyCommand = keyof typeof SUBJECT_OF;

/** There is nothing to run without. */
export const NO_REGISTRY = "--registry is required: give where releases are published";

/** There is nothing to run without. */
const NO_IMAGE = "--image is required: give the image that is to be run, or --registry img://…";

/**
 * `liveroll server`, `liveroll assets` and `liveroll container`: `liveroll run` for releases and
 * images, with options as Dewy has them.
 *
 * @param how What is done with the options.
 * @returns The exit code.
 */
export async function keepUp(
  command: DewyCommand,
  args: readonly string[],
  io: Io,
  how: OptionsHandler,
): Promise<number> {
  const { args: ours, notes, problems } = fromDewy(command, args, Deno.cwd());
  if (problems.length > 0) {
    for (const problem of problems) io.err(`liveroll: ${problem}`);
    return EXIT_USAGE;
  }
  const missing = whatIsMissing(command, ours, io.env) ?? badDelay(command, io.env);
  if (missing !== null) {
    io.err(`liveroll: ${missing}`);
    return EXIT_USAGE;
  }
  for (const note of notes) io.err(`liveroll: note: ${note}`);
  const subject = SUBJECT_OF[command];
  return await withOptions(ours, io, { ...how, subject }, defaultsOf(command, ours, io.env));
}

/** What the command cannot do without; null: nothing is missing. */
export function whatIsMissing(
  command: DewyCommand,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): string | null {
  if (command !== "container") return asksForRegistry(args, env) ? null : NO_REGISTRY;
  return asksFor("image", args, env) ? null : NO_IMAGE;
}

/** Whether a registry is given, or help is asked for, or a file that may have one. */
function asksForRegistry(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): boolean {
  return asksFor("registry", args, env);
}
