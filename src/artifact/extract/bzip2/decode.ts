import { breathe } from "../breathe.ts";
import { ByteSource } from "../byte_source.ts";
import type { Bytes } from "../entry.ts";
import { badArchive } from "../refuse.ts";
import { BitReader } from "./bits.ts";
import { Block } from "./block.ts";
import { bzip2Crc } from "./crc.ts";
import { broken } from "./huffman.ts";

const MAGIC = 0x425a68;
const BLOCK_MAGIC = [0x314159, 0x265359] as const;
const END_MAGIC = [0x177245, 0x385090] as const;
const LEVEL_BYTES = 100_000;
const CHUNK_BYTES = 64 * 1024;

/**
 * What was compressed by bzip2: one stream or several.
 *
 * @throws {ArtifactRefusedError} While iterating, when it is broken, cut off, or has something after
 * its end.
 */
export async function* decodeBzip2(chunks: Bytes): AsyncGenerator<Uint8Array> {
  await using source = new ByteSource(chunks);
  const bits = new BitReader(source);
  await bits.fill(4);
  for (let isFirst = true; isFirst || !bits.isAtEnd; isFirst = false) {
    yield* stream(bits, isFirst);
    bits.align();
    await bits.fill(4);
  }
}

async function* stream(bits: BitReader, isFirst: boolean): AsyncGenerator<Uint8Array> {
  const level = readLevel(bits);
  if (level === null) {
    throw badArchive(isFirst ? "it is not bzip2 data" : "something is after its end");
  }
  const block = new Block(level * LEVEL_BYTES);
  let whole = 0;
  while (await isBlock(bits)) {
    const crc = bits.read32();
    whole = ((whole << 1 | whole >>> 31) ^ crc) >>> 0;
    await block.read(bits);
    yield* content(block, crc);
  }
  if (bits.read32() !== whole) throw broken();
}

function readLevel(bits: BitReader): number | null {
  const isMagic = bits.read(24) === MAGIC;
  const level = bits.read(8) - 0x30;
  return isMagic && level >= 1 && level <= 9 ? level : null;
}

/** Whether another block follows, and not the end of the stream. */
async function isBlock(bits: BitReader): Promise<boolean> {
  await bits.fill(16);
  const magic = [bits.read(24), bits.read(24)];
  if (magic.every((part, index) => part === BLOCK_MAGIC[index])) return true;
  if (magic.every((part, index) => part === END_MAGIC[index])) return false;
  throw broken();
}

async function* content(block: Block, expected: number): AsyncGenerator<Uint8Array> {
  let crc = 0;
  for (;;) {
    const whole = new Uint8Array(CHUNK_BYTES);
    const chunk = whole.subarray(0, block.expand(whole));
    if (chunk.length === 0) break;
    crc = bzip2Crc(chunk, crc);
    yield chunk;
    await breathe();
  }
  if (crc !== expected) throw badArchive("its bzip2 data does not match its checksum");
}
