import type { ResolvedOptions } from "../../config/resolve.ts";
import { type Command, EXIT_USAGE, type Io } from "../command.ts";
import { withFileFlag } from "../compose.ts";
import { help } from "../help.ts";
import { withOptions } from "../with_options.ts";
import { fromUpdater, type Translation } from "./from_updater.ts";
import { missingFiles } from "./missing_files.ts";
import { PREFIX } from "./old_variable.ts";
import { tokenPath, writeToken } from "./token_file.ts";

/**
 * `liveroll updater`: `liveroll compose` by the variables of the updater of ProcessGit, and with its
 * API at its address.
 *
 * @returns The exit code.
 */
export async function updater(
  args: readonly string[],
  io: Io,
  commands: readonly Command[],
): Promise<number> {
  const ours = withFileFlag(args);
  const isQuestion = ours.some((arg) => /^(-h|--?help|--?version)$/.test(arg));
  const translation = isQuestion ? null : fromUpdater(ours, io.env);
  const problems = translation && [...translation.problems, ...missingFiles(translation.args, io)];
  for (const warning of translation?.warnings ?? []) io.err(`liveroll: warning: ${warning}`);
  if (problems !== null && problems.length > 0) {
    for (const problem of problems) io.err(`liveroll: ${problem}`);
    return EXIT_USAGE;
  }
  for (const note of translation?.notes ?? []) io.err(`liveroll: note: ${note}`);
  return await withOptions([...translation?.args ?? [], ...ours], io, {
    help: () => help(["updater"], io, commands),
    run: async (resolved) => await begin(resolved, translation!, io),
  }, translation?.defaults);
}

async function begin(
  { config }: ResolvedOptions,
  { env }: Translation,
  io: Io,
): Promise<number> {
  const token = io.env[`${PREFIX}TOKEN`];
  const { controlTokenFile: path, stateDir } = config;
  if (token && path !== null && path === tokenPath(stateDir)) {
    try {
      await writeToken(path, token);
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      io.err(`liveroll: ${PREFIX}STATE_DIR: the token cannot be kept in ${path}: ${why}`);
      return EXIT_USAGE;
    }
  }
  return await (await import("../run.ts")).run(config, env);
}
