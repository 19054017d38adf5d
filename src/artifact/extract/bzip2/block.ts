import { breathe, isBreathDue } from "../breathe.ts";
import type { BitReader } from "./bits.ts";
import { type BlockHeader, readBlockHeader } from "./block_header.ts";
import { broken } from "./huffman.ts";

/** So many symbols have one table. */
const GROUP_SYMBOLS = 50;
const GROUP_BYTES = 256;
const RUN_A = 0;
const RUN_B = 1;
/** After so many equal bytes comes one that says how many more there are. */
const RUN_LENGTH = 4;

/** A block while it is decoded: bytes in the order of its sorted rotations. */
export class Block {
  /** In the low byte what is at a place; above it, later on, the place that follows. */
  readonly #places: Uint32Array;
  readonly #counts = new Uint32Array(256);
  #length = 0;
  /** Where the next byte is, and how many are left. */
  #place = 0;
  #left = 0;
  /** The last byte, how often it came, and how often it still has to. */
  #before = -1;
  #run = 0;
  #owed = 0;

  /** @param size In bytes; memory for it is kept and used again for each {@linkcode read}. */
  constructor(size: number) {
    this.#places = new Uint32Array(size);
  }

  /** Reads the next block, from after its checksum. */
  async read(bits: BitReader): Promise<void> {
    const header = await readBlockHeader(bits);
    this.#length = 0;
    this.#counts.fill(0);
    await this.#readSymbols(bits, header);
    if (header.origin >= this.#length) throw broken();
    this.#link();
    this.#place = (this.#places[header.origin] ?? 0) >>> 8;
    this.#left = this.#length;
    [this.#before, this.#run, this.#owed] = [-1, 0, 0];
  }

  /**
   * Fills `chunk` with the bytes that come next, in their own order, with runs as long as they were.
   *
   * @returns How many there are; 0 at the end.
   */
  expand(chunk: Uint8Array): number {
    let length = 0;
    while (length < chunk.length && (this.#owed > 0 || this.#left > 0)) {
      if (this.#owed > 0) {
        const times = Math.min(this.#owed, chunk.length - length);
        chunk.fill(this.#before, length, length + times);
        this.#owed -= times;
        length += times;
        continue;
      }
      const entry = this.#places[this.#place] ?? 0;
      this.#place = entry >>> 8;
      this.#left--;
      const byte = entry & 0xff;
      if (this.#run === RUN_LENGTH) {
        this.#owed = byte;
        this.#run = 0;
        continue;
      }
      this.#run = byte === this.#before ? this.#run + 1 : 1;
      this.#before = byte;
      chunk[length++] = byte;
    }
    return length;
  }

  async #readSymbols(bits: BitReader, header: BlockHeader): Promise<void> {
    const { alphabet, selectors, tables } = header;
    const recent = alphabet.slice();
    const end = alphabet.length + 1;
    let run = 0;
    let runFactor = 1;
    for (const selector of selectors) {
      if (!bits.has(GROUP_BYTES)) await bits.fill(GROUP_BYTES);
      if (isBreathDue()) await breathe();
      const table = tables[selector];
      if (table === undefined) throw broken();
      for (let index = 0; index < GROUP_SYMBOLS; index++) {
        const symbol = table.read(bits);
        if (symbol === RUN_A || symbol === RUN_B) {
          run += (symbol + 1) * runFactor;
          runFactor *= 2;
          if (run > this.#places.length) throw broken();
          continue;
        }
        if (run > 0) this.#append(recent[0] ?? 0, run);
        [run, runFactor] = [0, 1];
        if (symbol === end) return;
        this.#append(toFront(recent, symbol - 1), 1);
      }
    }
    throw broken();
  }

  #append(byte: number, times: number): void {
    if (this.#length + times > this.#places.length) throw broken();
    this.#places.fill(byte, this.#length, this.#length + times);
    this.#counts[byte] = (this.#counts[byte] ?? 0) + times;
    this.#length += times;
  }

  /** Undoes the Burrows-Wheeler transform: finds, for each place, the one that follows in the text. */
  #link(): void {
    const next = new Uint32Array(256);
    for (let byte = 1; byte < 256; byte++) {
      next[byte] = (next[byte - 1] ?? 0) + (this.#counts[byte - 1] ?? 0);
    }
    for (let place = 0; place < this.#length; place++) {
      const byte = (this.#places[place] ?? 0) & 0xff;
      const from = next[byte] ?? 0;
      this.#places[from] = (this.#places[from] ?? 0) | place << 8;
      next[byte] = from + 1;
    }
  }
}

function toFront(recent: Uint8Array, place: number): number {
  const byte = recent[place] ?? 0;
  recent.copyWithin(1, 0, place);
  recent[0] = byte;
  return byte;
}
