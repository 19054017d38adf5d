import type { BitReader } from "./bits.ts";
import { broken, HuffmanTable, MAX_CODE_BITS } from "./huffman.ts";

/** What it takes to decode the symbols of a block. */
export interface BlockHeader {
  /** Where the text begins, among all its rotations in their order. */
  readonly origin: number;
  /** The bytes that are in use. */
  readonly alphabet: Uint8Array;
  readonly tables: readonly HuffmanTable[];
  /** Which table each fifty symbols have. */
  readonly selectors: Uint8Array;
}

/** Reads what comes after the checksum of a block. */
export async function readBlockHeader(bits: BitReader): Promise<BlockHeader> {
  await bits.fill(64);
  if (bits.read(1) === 1) throw broken();
  const origin = bits.read(24);
  const alphabet = readAlphabet(bits);
  const tableCount = bits.read(3);
  const selectorCount = bits.read(15);
  if (tableCount < 2 || tableCount > 6 || selectorCount === 0) throw broken();
  const selectors = await readSelectors(bits, selectorCount, tableCount);
  const tables: HuffmanTable[] = [];
  while (tables.length < tableCount) tables.push(await readTable(bits, alphabet.length + 2));
  return { origin, alphabet, tables, selectors };
}

function readAlphabet(bits: BitReader): Uint8Array {
  const groups = bits.read(16);
  const bytes: number[] = [];
  for (let group = 0; group < 16; group++) {
    if ((groups << group & 0x8000) === 0) continue;
    const used = bits.read(16);
    for (let bit = 0; bit < 16; bit++) {
      if ((used << bit & 0x8000) !== 0) bytes.push(group * 16 + bit);
    }
  }
  if (bytes.length === 0) throw broken();
  return Uint8Array.from(bytes);
}

/** Each is told by how far it has moved from the front of a list. */
async function readSelectors(bits: BitReader, count: number, tables: number): Promise<Uint8Array> {
  const order = Uint8Array.from({ length: tables }, (_, index) => index);
  const selectors = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    if (!bits.has(8)) await bits.fill(8);
    let place = 0;
    while (bits.read(1) === 1) if (++place >= tables) throw broken();
    const selector = order[place] ?? 0;
    order.copyWithin(1, 0, place);
    order[0] = selector;
    selectors[index] = selector;
  }
  return selectors;
}

/** The length of each code is told by steps up and down from the one before. */
async function readTable(bits: BitReader, symbols: number): Promise<HuffmanTable> {
  const lengths = new Uint8Array(symbols);
  if (!bits.has(8)) await bits.fill(8);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbols; symbol++) {
    for (;;) {
      if (length < 1 || length > MAX_CODE_BITS) throw broken();
      if (!bits.has(8)) await bits.fill(8);
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return new HuffmanTable(lengths);
}
