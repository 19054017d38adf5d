import { EXIT } from "./exit_codes.ts";

const ENCODER = new TextEncoder();
const DEFAULT_SIZE = { columns: 80, rows: 24 };
const RETRY_MS = 5;

/** Standard output or standard error. */
export interface OutputStream {
  readonly isTerminal: boolean;
  /** Columns of the terminal; 80 if it is none. */
  columns(): number;
  /** Lines of the terminal; 24 if it is none. */
  rows(): number;
  /** Writes `text` as it is. */
  write(text: string): void;
}

/** A stream of this process. When its reader has left, there is nobody to go on for. */
export function systemStream(stream: typeof Deno.stdout | typeof Deno.stderr): OutputStream {
  const isTerminal = stream.isTerminal();
  return {
    isTerminal,
    columns: () => (isTerminal ? terminalSize() : DEFAULT_SIZE).columns,
    rows: () => (isTerminal ? terminalSize() : DEFAULT_SIZE).rows,
    write(text) {
      try {
        writeAll(stream, ENCODER.encode(text));
      } catch (error) {
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
        Deno.exit(EXIT.ok);
      }
    },
  };
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length;) {
    try {
      start += stream.writeSync(bytes.subarray(start));
    } catch (error) {
      // Another process made the pipe non-blocking, and its reader is slow.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

function terminalSize(): { columns: number; rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || DEFAULT_SIZE.columns, rows: rows || DEFAULT_SIZE.rows };
  } catch {
    return DEFAULT_SIZE;
  }
}
