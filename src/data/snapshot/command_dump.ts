import type { Redact } from "../../platform/output_tail.ts";
import { runTool } from "../../platform/run_tool.ts";
import { type ArchiveOptions, SnapshotError } from "./archiver.ts";

/** How a command is run. */
export interface CommandOptions extends ArchiveOptions {
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly redact: Redact;
}

/** Of files that hold what a command has printed. */
export const DUMP_SUFFIX = ".dump";

/**
 * Has a command of the operator print a snapshot into a file, for example `pg_dump`.
 *
 * @throws {SnapshotError} When it fails or does not end in time.
 */
export async function dumpByCommand(
  path: string,
  command: string,
  options: CommandOptions,
): Promise<void> {
  await run("the snapshot command", command, { ...options, stdoutPath: path });
}

/**
 * Has a command of the operator read a snapshot from its standard input.
 *
 * @param path A file whose bytes are checked already.
 * @throws {SnapshotError} When it fails or does not end in time.
 */
export async function restoreByCommand(
  path: string,
  command: string,
  options: CommandOptions,
): Promise<void> {
  await run("the restore command", command, { ...options, stdinPath: path });
}

async function run(
  what: string,
  command: string,
  options: CommandOptions & { stdoutPath?: string; stdinPath?: string },
): Promise<void> {
  const { code, lastLines, ...end } = await runTool({ ...options, words: ["sh", "-c", command] });
  if (code === 0) return;
  const how = "outcome" in end ? end.outcome.replace("_", " ") : `exit code ${code}`;
  const detail = lastLines.at(-1);
  throw new SnapshotError(
    `Cannot run ${what}: ${how}${detail === undefined ? "" : `: ${detail}`}`,
  );
}
