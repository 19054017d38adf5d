import { EngineUnreachableError } from "./engine_error.ts";

/** What a container prints on. */
export type OutputStream = "stdout" | "stderr";

/** A piece of output. */
export interface OutputPiece {
  readonly stream: OutputStream;
  readonly bytes: Uint8Array;
}

/** Stream, three zeros, and the length as four bytes, the highest first. */
const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Takes apart what engines send of two streams in one; memory is bounded, however long a frame is.
 *
 * @throws {EngineUnreachableError} When it breaks off in the middle of a frame.
 * @throws What reading throws.
 */
export async function* demultiplex(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<OutputPiece> {
  const header = new Uint8Array(HEADER_BYTES);
  let filled = 0;
  let left = 0;
  for await (let rest of pieces) {
    while (rest.length > 0) {
      if (left === 0) {
        const part = rest.subarray(0, HEADER_BYTES - filled);
        header.set(part, filled);
        filled += part.length;
        rest = rest.subarray(part.length);
        if (filled < HEADER_BYTES) break;
        left = lengthIn(header);
        filled = 0;
      }
      const bytes = rest.subarray(0, left);
      rest = rest.subarray(bytes.length);
      left -= bytes.length;
      if (bytes.length > 0) yield { stream: streamIn(header), bytes };
    }
  }
  if (left > 0 || filled > 0) {
    throw new EngineUnreachableError("the output of the container broke off", "broken");
  }
}

function lengthIn(header: Uint8Array): number {
  return new DataView(header.buffer, header.byteOffset).getUint32(4);
}

function streamIn([stream]: Uint8Array): OutputStream {
  return stream === STDERR ? "stderr" : "stdout";
}
