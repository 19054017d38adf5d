import type { EventLog } from "./event_log.ts";

/** Lines in an error: what follows one has to fit on the last page of a run with it. */
const LAST_LINES = 32;
const LEAST_LINES = 10;

/** Somebody whose log may tell why a test failed. */
export interface Writer {
  readonly pid: number;
  readonly log: EventLog;
}

/**
 * Runs `test`. When it fails, the logs are shown where it ran, and its error ends with their last
 * lines: of thousands of lines, only errors are repeated at the end of a run.
 *
 * @param writers Asked when it has failed.
 * @param part Of a test that has several, which one it is.
 */
export async function showingLogs(
  writers: () => readonly Writer[],
  test: () => Promise<void>,
  part?: string,
): Promise<void> {
  try {
    await test();
  } catch (thrown) {
    const error = unsuppressed(thrown);
    if (part !== undefined) error.message = `${part}: ${error.message}`;
    throw withLogs(error, writers());
  }
}

/** As {@linkcode showingLogs}, for one. */
export async function showingLog(
  writer: Writer,
  test: () => Promise<void>,
  part?: string,
): Promise<void> {
  await showingLogs(() => [writer], test, part);
}

function withLogs(error: Error, writers: readonly Writer[]): Error {
  const told = writers.filter(({ pid }) => !error.message.includes(title(pid)));
  for (const { pid, log } of told) console.error(`${title(pid)}\n${log.excerpt()}\n---`);
  const count = Math.max(LEAST_LINES, Math.floor(LAST_LINES / told.length));
  for (const { pid, log } of told) error.message += `\n${title(pid)}\n${log.last(count)}`;
  return error;
}

/** Stands in the message of who has told a log, and keeps others from telling it again. */
function title(pid: number): string {
  return `--- log of liveroll ${pid} ---`;
}

/** Where a clean-up fails after a test, neither error would be told. */
function unsuppressed(error: unknown): Error {
  if (error instanceof SuppressedError) {
    const first = unsuppressed(error.suppressed);
    first.message += `\n--- and cleaning up: ${unsuppressed(error.error).message}`;
    return first;
  }
  // The message of a DOMException is not to be changed.
  const isPlain = error instanceof Error && !(error instanceof DOMException);
  return isPlain ? error : new Error(String(error), { cause: error });
}
