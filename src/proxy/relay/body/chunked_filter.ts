import { CR, LF, REQUEST_TEXT, RESPONSE_TEXT, SPACE, TAB } from "../head/characters.ts";
import type { Refusal } from "../refusal.ts";
import { firstDigit, MAX_SIZE_DIGITS, parseSize, skipDigits } from "./chunk_size.ts";
import type { BodyFilter } from "./filter.ts";
import { type TrailerLimits, TrailerSection } from "./trailer_section.ts";

const MAX_EXTENSION_BYTES = 4096;
const SEMICOLON = 0x3b;
const FAULTY = -1;
const TOO_LARGE = "A chunk size is too large";

/** What a {@linkcode ChunkedFilter} lets pass. */
export interface ChunkedOptions extends TrailerLimits {
  /** False: only the content remains, for a recipient that does not know chunks. */
  readonly keepFraming: boolean;
  /** Bytes of content; 0: no limit. */
  readonly maxBodyBytes: number;
  readonly trailers: "keep" | "drop";
  /** A client's mistake is answered with 400, 413 or 431; every mistake of a backend with 502. */
  readonly sender: "client" | "backend";
}

type State = "size" | "data" | "data end" | "trailers";

/**
 * A chunked body (RFC 9112, 7.1), strictly: what another parser could read in another way is a
 * fault. Extensions and leading zeros of sizes are cut out, so that only the plainest form goes on.
 *
 * A size line or a trailer line stays unconsumed until it is complete; none needs more than 8 KiB.
 * When a fault is found, what came before it has been consumed, whatever the pieces were.
 */
export class ChunkedFilter implements BodyFilter {
  consumed = 0;
  kept = 0;
  done = false;
  fault: Refusal | null = null;
  content = 0;
  readonly #options: ChunkedOptions;
  #state: State = "size";
  /** Bytes that the current chunk still has. */
  #left = 0;
  #extensionBytes = 0;
  #trailers: TrailerSection | null = null;
  /** Where the next byte that is kept goes. */
  #target = 0;

  constructor(options: ChunkedOptions) {
    this.#options = options;
  }

  take(bytes: Uint8Array, from: number, to: number): void {
    this.#target = from;
    let at = from;
    while (at < to && !this.done && this.fault === null) {
      const next = this.#step(bytes, at, to);
      if (next === at) break;
      at = next;
    }
    this.consumed = at - from;
    this.kept = this.#target - from;
  }

  completeAtEnd(): boolean {
    return this.done;
  }

  /** Deals with the next part of the body; returns `at` when that is not complete, or faulty. */
  #step(bytes: Uint8Array, at: number, to: number): number {
    switch (this.#state) {
      case "size":
        return this.#sizeLine(bytes, at, to);
      case "data":
        return this.#data(bytes, at, to);
      case "data end":
        return this.#dataEnd(bytes, at, to);
      case "trailers":
        return this.#trailer(bytes, at, to);
    }
  }

  #sizeLine(bytes: Uint8Array, at: number, to: number): number {
    const end = skipDigits(bytes, at, Math.min(to, at + MAX_SIZE_DIGITS + 1));
    if (end - at > MAX_SIZE_DIGITS) return this.#fail(at, 400, TOO_LARGE);
    if (end === to) return at;
    if (end === at) return this.#fail(at, 400, "A chunk does not begin with its size");
    const size = parseSize(bytes, at, end);
    if (size > Number.MAX_SAFE_INTEGER) return this.#fail(at, 400, TOO_LARGE);
    const cr = this.#extensions(bytes, end, to);
    if (cr === FAULTY) return this.#fail(at, 400, "The line of a chunk size is malformed");
    if (cr + 1 >= to) return at;
    if (bytes[cr + 1] !== LF) return this.#fail(at, 400, "A chunk size ends with a bare CR");
    if (this.#exceedsLimit(size)) return this.#fail(at, 413, "The body is too large");
    this.#extensionBytes += cr - end;
    this.#keepFraming(bytes, firstDigit(bytes, at, end), end);
    this.#keepFraming(bytes, cr, cr + 2);
    this.#left = size;
    this.#state = size === 0 ? "trailers" : "data";
    return cr + 2;
  }

  /** The index of the CR behind the extensions, if any; `to` when it is not there yet. */
  #extensions(bytes: Uint8Array, from: number, to: number): number {
    const limit = from + MAX_EXTENSION_BYTES - this.#extensionBytes;
    let named = false;
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number;
      if (byte === CR) return at === from || named ? at : FAULTY;
      if (byte === SEMICOLON) named = true;
      // Only white space may stand between the size and the first semicolon.
      const isGood = named ? REQUEST_TEXT[byte] === 1 : byte === SPACE || byte === TAB;
      if (!isGood || at >= limit) return FAULTY;
    }
    return to;
  }

  #exceedsLimit(size: number): boolean {
    const { maxBodyBytes } = this.#options;
    return maxBodyBytes > 0 && size > maxBodyBytes - this.content;
  }

  #data(bytes: Uint8Array, at: number, to: number): number {
    const size = Math.min(this.#left, to - at);
    this.#keep(bytes, at, at + size);
    this.content += size;
    this.#left -= size;
    if (this.#left === 0) this.#state = "data end";
    return at + size;
  }

  #dataEnd(bytes: Uint8Array, at: number, to: number): number {
    if (bytes[at] !== CR) return this.#fail(at, 400, "A chunk is longer than its size");
    if (at + 1 === to) return at;
    if (bytes[at + 1] !== LF) return this.#fail(at, 400, "A chunk ends with a bare CR");
    this.#keepFraming(bytes, at, at + 2);
    this.#state = "size";
    return at + 2;
  }

  #trailer(bytes: Uint8Array, at: number, to: number): number {
    this.#trailers ??= new TrailerSection(this.#text(), this.#options);
    const verdict = this.#trailers.readLine(bytes, at, to);
    if (verdict === "malformed") return this.#fail(at, 400, "A trailer field is malformed");
    if (verdict === "too large") return this.#fail(at, 431, "The trailer fields are too large");
    if (verdict === "partial") return at;
    const { lineEnd } = this.#trailers;
    this.done = verdict === "end";
    const isKept = this.done || (verdict === "allowed" && this.#options.trailers === "keep");
    if (isKept) this.#keepFraming(bytes, at, lineEnd);
    return lineEnd;
  }

  #text(): Uint8Array {
    return this.#options.sender === "client" ? REQUEST_TEXT : RESPONSE_TEXT;
  }

  #keepFraming(bytes: Uint8Array, from: number, to: number): void {
    if (this.#options.keepFraming) this.#keep(bytes, from, to);
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    if (this.#target !== from) bytes.copyWithin(this.#target, from, to);
    this.#target += to - from;
  }

  #fail(at: number, status: number, detail: string): number {
    const isClient = this.#options.sender === "client";
    this.fault = { kind: "refused", status: isClient ? status : 502, detail };
    return at;
  }
}
