import { createZstdDecompress } from "node:zlib";
import { ByteSource } from "./byte_source.ts";
import type { Bytes } from "./entry.ts";
import { badArchive } from "./refuse.ts";
import { through } from "./through.ts";

const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const PIECE_BYTES = 64 * 1024;

/**
 * What was compressed by zstd.
 *
 * Frames are found here, by their headers (RFC 8878, 3.1.1), and decoded one by one: the decoder
 * that we have ends without a word where its input does, and ignores what follows the first frame.
 *
 * @throws {ArtifactRefusedError} While iterating, when it is broken or cut off.
 */
export async function* decodeZstd(chunks: Bytes): AsyncGenerator<Uint8Array> {
  await using source = new ByteSource(chunks);
  for (let isFirst = true;; isFirst = false) {
    const magic = await source.take(4);
    if (magic.length === 0 && !isFirst) return;
    const number = magic.length === 4 ? littleEndian(magic) : 0;
    if (number === FRAME) {
      yield* through(createZstdDecompress(), frame(source, magic), "zstd");
    } else if (isFirst || (number & ~0xf) >>> 0 !== SKIPPABLE) {
      throw badArchive(isFirst ? "it is not zstd data" : "there is something after its end");
    } else await skip(source);
  }
}

/** The bytes of one frame, from its magic number on. */
async function* frame(source: ByteSource, magic: Uint8Array): AsyncGenerator<Uint8Array> {
  yield magic;
  const descriptor = await exactly(source, 1);
  yield descriptor;
  yield await exactly(source, headerRest(descriptor[0] ?? 0));
  for (let isLast = false; !isLast;) {
    const header = await exactly(source, 3);
    yield header;
    const bits = littleEndian(header);
    isLast = (bits & 1) === 1;
    // A run of one byte (type 1) is one byte long.
    yield* piecewise(source, (bits >> 1 & 3) === 1 ? 1 : bits >> 3);
  }
  const hasChecksum = ((descriptor[0] ?? 0) & 4) !== 0;
  if (hasChecksum) yield await exactly(source, 4);
}

/** How long the rest of a frame's header is: window, dictionary and size of the content. */
function headerRest(descriptor: number): number {
  const isSingle = (descriptor & 0x20) !== 0;
  const size = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  return (isSingle ? 0 : 1) + dictionary + size;
}

async function skip(source: ByteSource): Promise<void> {
  const length = littleEndian(await exactly(source, 4));
  for await (const _ of piecewise(source, length));
}

async function* piecewise(source: ByteSource, length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0;) {
    const piece = await exactly(source, Math.min(left, PIECE_BYTES));
    left -= piece.length;
    yield piece;
  }
}

async function exactly(source: ByteSource, length: number): Promise<Uint8Array> {
  const bytes = await source.take(length);
  if (bytes.length < length) throw badArchive("it is cut off: its zstd data ends early");
  return bytes;
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
