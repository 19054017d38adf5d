import { badArchive } from "../refuse.ts";
import type { BitReader } from "./bits.ts";

/** The longest code there is. */
export const MAX_CODE_BITS = 20;

/** One table of codes: canonical, so that the lengths say it all. */
export class HuffmanTable {
  /** Symbols in the order of their codes. */
  readonly #symbols: Uint16Array;
  /** The highest code of each length, and what to subtract for a place in `#symbols`. */
  readonly #limits = new Int32Array(MAX_CODE_BITS + 1).fill(-1);
  readonly #offsets = new Int32Array(MAX_CODE_BITS + 1);
  readonly #shortest: number;

  constructor(lengths: Uint8Array) {
    this.#symbols = new Uint16Array(lengths.length);
    this.#shortest = lengths.reduce((least, length) => Math.min(least, length), MAX_CODE_BITS);
    let code = 0;
    let place = 0;
    for (let length = this.#shortest; length <= MAX_CODE_BITS; length++) {
      this.#offsets[length] = code - place;
      for (let symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] !== length) continue;
        this.#symbols[place++] = symbol;
        this.#limits[length] = code++;
      }
      code <<= 1;
    }
  }

  /** The next symbol. At most {@linkcode MAX_CODE_BITS} bits are read. */
  read(bits: BitReader): number {
    let length = this.#shortest;
    let code = bits.read(length);
    while (code > (this.#limits[length] ?? -1)) {
      if (++length > MAX_CODE_BITS) throw broken();
      code = code << 1 | bits.read(1);
    }
    const symbol = this.#symbols[code - (this.#offsets[length] ?? 0)];
    if (symbol === undefined) throw broken();
    return symbol;
  }
}

/** What no compressor writes. */
export function broken(): Error {
  return badArchive("its bzip2 data is broken");
}
