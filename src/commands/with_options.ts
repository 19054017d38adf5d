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
      return await checkStack(resolution.resolved, io) ?? check(resolution.resolved, io);
    case "config":
      warn(resolution.resolved, io);
      return await handler.run(resolution.resolved);
  }
}

/** Looks at the stack, if there is one, before it is said that all is well. */
async function checkStack({ config }: ResolvedOptions, io: Io): Promise<number | null> {
  if (config.compose === null) return null;
  const { openStack, describeStack } = await import("./run/open_stack.ts");
  try {
    const stack = await openStack(config, io.env);
    for (const line of describeStack(stack!, config.compose)) io.out(line);
    io.out("");
    return null;
  } catch (error) {
    io.err(`liveroll: ${error instanceof Error ? error.message : error}`);
    return EXIT_USAGE;
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
