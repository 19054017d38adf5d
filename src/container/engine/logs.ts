import { LineSplitter } from "../../platform/lines.ts";
import { demultiplex, type OutputPiece, type OutputStream } from "./demultiplex.ts";
import type { Transport } from "./transport.ts";

/** A line that a container printed. */
export interface LogLine {
  readonly stream: OutputStream;
  readonly text: string;
}

/** Which lines are wanted. */
export interface LogOptions {
  /**
   * Goes on until the container ends. Docker may leave out a last line that has no end then: what a
   * container said last is better read after its end. @default {false}
   */
  readonly follow?: boolean;
  /** So many of the last lines. @default {all} */
  readonly tail?: number;
  /** Milliseconds since 1970; what is older is left out. @default {from the beginning} */
  readonly since?: number;
  /** The container has a terminal: {@linkcode ContainerInfo.isTty}. @default {false} */
  readonly isTty?: boolean;
}

/** As {@linkcode Containers.logs}. */
export async function* readLogs(
  transport: Transport,
  id: string,
  { follow = false, tail, since, isTty = false }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const pieces = transport.stream({
    what: `read the output of container ${id}`,
    method: "GET",
    path: `/containers/${encodeURIComponent(id)}/logs`,
    query: {
      stdout: true,
      stderr: true,
      follow,
      tail: tail ?? "all",
      since: since === undefined ? undefined : (since / 1000).toFixed(3),
    },
    signal,
    timeoutMs: null,
  });
  yield* linesOf(isTty ? inOneStream(pieces) : demultiplex(pieces));
}

/** Lines of both streams, each as soon as it is complete. */
export async function* linesOf(pieces: AsyncIterable<OutputPiece>): AsyncGenerator<LogLine> {
  const splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };
  for await (const { stream, bytes } of pieces) {
    for (const text of splitters[stream].push(bytes)) yield { stream, text };
  }
  for (const stream of ["stdout", "stderr"] as const) {
    for (const text of splitters[stream].end()) yield { stream, text };
  }
}

async function* inOneStream(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<OutputPiece> {
  for await (const bytes of pieces) yield { stream: "stdout", bytes };
}
