import type { Subject } from "../config/assets_rules.ts";
import { type Defaults, type ResolvedOptions, resolveOptions } from "../config/resolve.ts";
import { check } from "./check.ts";
import { EXIT_USAGE, type Io } from "./command.ts";
import { version } from "./version.ts";

/** What a command that takes options does with them. */
export interface OptionsHandler {
  /** @default {"program"} */
  readonly subject?: Subject;
  help(): number;
  run(resolved: ResolvedOptions): Promise<number>;
}

/**
 * Resolves the options; answers `--help`, `--version`, `--check` and errors itself, and leaves
 * the rest to `handler`.
 *
 * @param defaults In place of those of the table.
 *
 * @returns The exit code.
 */
export async function withOptions(
  args: readonly string[],
  io: Io,
  handler: OptionsHandler,
  defaults: Defaults = {},
): Promise<number> {
  const resolution = resolveOptions({
    args,
    env: io.env,
    cwd: Deno.cwd(),
    defaults,
    readFile: io.readFile,
    subject: handler.subject ?? "program",
  });
  switch (resolution.kind) {
    case "help":
      return handler.help();
    case "version":
      return version([], io);
    case "errors":
      return refuse(resolution.errors, io);
    case "check":
      warn(resolution.resolved, io);
      return check(resolution.resolved, io);
    case "config":
      warn(resolution.resolved, io);
      return await handler.run(resolution.resolved);
  }
}

function refuse(errors: readonly string[], io: Io): number {
  for (const error of errors) io.err(`liveroll: ${error}`);
  io.err(`Run "liveroll help" for all options`);
  return EXIT_USAGE;
}

function warn(resolved: ResolvedOptions, io: Io): void {
  for (const warning of resolved.warnings) io.err(`liveroll: warning: ${warning}`);
}
