const CR = 0x0d;
const LF = 0x0a;
const DIGITS = new TextEncoder().encode("0123456789abcdef");

/** Bytes to leave free before the data for {@linkcode writeChunkHeader}. */
export const CHUNK_HEADROOM = 10;
/** Bytes to leave free behind the data for {@linkcode writeChunkEnd}. */
export const CHUNK_TAILROOM = 2;
/** Ends a chunked body that has no trailers. */
export const LAST_CHUNK: Uint8Array = new TextEncoder().encode("0\r\n\r\n");

/**
 * Writes the size line of a chunk so that it ends just before `dataStart`, and returns where it
 * begins: at most {@linkcode CHUNK_HEADROOM} bytes earlier.
 *
 * @param size Bytes of data, 1 to 2³²−1: a chunk of 0 bytes would be the last one.
 */
export function writeChunkHeader(bytes: Uint8Array, dataStart: number, size: number): number {
  let at = dataStart;
  bytes[--at] = LF;
  bytes[--at] = CR;
  for (let left = size; left > 0; left = Math.floor(left / 16)) {
    bytes[--at] = DIGITS[left % 16] as number;
  }
  return at;
}

/** Writes the line end that follows the data of a chunk and returns the index behind it. */
export function writeChunkEnd(bytes: Uint8Array, dataEnd: number): number {
  bytes[dataEnd] = CR;
  bytes[dataEnd + 1] = LF;
  return dataEnd + CHUNK_TAILROOM;
}
