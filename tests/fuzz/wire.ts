import type { BodyFilter } from "../../src/proxy/relay/body/filter.ts";
import { findHeadEnd } from "../../src/proxy/relay/head/head_end.ts";
import { toBytes, toText } from "./bytes.ts";

/** A filter must not ask for more than that at once. */
const MAX_UNDECIDED = 8192;

/** What arrived on a connection and was not used yet; packets come one by one. */
export class Wire {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  #packets: string[];
  /** Bytes that were used and dropped. */
  #dropped = 0;

  constructor(packets: readonly string[]) {
    this.#packets = [...packets];
  }

  get end(): number {
    return this.bytes.length;
  }

  /** How many bytes were used. */
  get used(): number {
    return this.#dropped + this.start;
  }

  /** Takes the next packet; false when there is none. */
  more(): boolean {
    const packet = this.#packets.shift();
    if (packet === undefined) return false;
    const held = this.bytes.subarray(this.start);
    const joined = new Uint8Array(held.length + packet.length);
    joined.set(held);
    joined.set(toBytes(packet), held.length);
    this.bytes = joined;
    this.#dropped += this.start;
    this.start = 0;
    return true;
  }

  /** The end of the head that begins at `start`; -1 when so much does not come. */
  headEnd(limit: number): number {
    let size = 0;
    while (true) {
      const end = findHeadEnd(this.bytes, this.start, this.start + size, this.end);
      if (end >= 0) return end;
      size = this.end - this.start;
      if (size > limit || !this.more()) return -1;
    }
  }

  /** Offers the body to the filter as a connection does; returns what is to be passed on. */
  body(filter: BodyFilter): string {
    let passed = "";
    while (!filter.done && filter.fault === null) {
      if (this.start < this.end) {
        const { start } = this;
        filter.take(this.bytes, start, this.end);
        check(filter, this.end - start);
        passed += toText(this.bytes.subarray(start, start + filter.kept));
        this.start += filter.consumed;
        if (filter.consumed > 0) continue;
      }
      if (!this.more()) break;
    }
    return passed;
  }
}

function check({ kept, consumed, done, fault }: BodyFilter, offered: number): void {
  if (kept < 0 || kept > consumed || consumed > offered) {
    throw new RangeError(`Cannot keep ${kept} of ${consumed} consumed of ${offered} bytes`);
  }
  if (!done && fault === null && offered - consumed > MAX_UNDECIDED) {
    throw new RangeError(`Cannot leave ${offered - consumed} bytes unconsumed`);
  }
}
