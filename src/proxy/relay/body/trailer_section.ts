import { COLON, CR, latin1, LF, TOKEN } from "../head/characters.ts";
import { isTrailerAllowed } from "./trailer_names.ts";

/** A line must be complete before it is passed on; this bounds what a caller has to keep of it. */
const MAX_LINE_BYTES = 8192;

/** Limits of a trailer section. */
export interface TrailerLimits {
  /** Bytes of all lines, the empty one included. */
  readonly maxTrailerBytes: number;
  /** Number of fields. */
  readonly maxTrailers: number;
}

/** What became of a line: the empty one is the `"end"`; `"partial"` has to be offered again. */
export type TrailerVerdict =
  | "allowed"
  | "forbidden"
  | "end"
  | "partial"
  | "malformed"
  | "too large";

/** Reads the lines between the last chunk and the end of a message (RFC 9112, 7.1.2). */
export class TrailerSection {
  /** Index behind the line that was read last. */
  lineEnd = 0;
  readonly #text: Uint8Array;
  readonly #limits: TrailerLimits;
  #bytes = 0;
  #fields = 0;

  /** @param text Table with 1 for each byte that a value may have. */
  constructor(text: Uint8Array, limits: TrailerLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  /** Reads the line that begins at `at`, as far as `bytes[at, to)` has it. */
  readLine(bytes: Uint8Array, at: number, to: number): TrailerVerdict {
    const room = Math.min(this.#limits.maxTrailerBytes - this.#bytes, MAX_LINE_BYTES);
    const within = Math.min(to, at + room);
    const verdict = this.#parse(bytes, at, within);
    // What is malformed is so whatever follows; only a line that is still good can be too long.
    if (verdict === "partial" && within < to) return "too large";
    this.#bytes += this.lineEnd - at;
    return verdict;
  }

  #parse(bytes: Uint8Array, at: number, to: number): TrailerVerdict {
    this.lineEnd = at;
    if (at === to) return "partial";
    if (bytes[at] === CR) return this.#endLine(bytes, at, to, "end");
    if (this.#fields === this.#limits.maxTrailers) return "too large";
    const colon = skip(TOKEN, bytes, at, to);
    if (colon === to) return "partial";
    if (colon === at || bytes[colon] !== COLON) return "malformed";
    const end = skip(this.#text, bytes, colon + 1, to);
    if (end === to) return "partial";
    const verdict = isAllowed(bytes, at, colon) ? "allowed" : "forbidden";
    return this.#endLine(bytes, end, to, verdict);
  }

  /** A line ends with CR LF and nothing else. */
  #endLine(bytes: Uint8Array, at: number, to: number, verdict: TrailerVerdict): TrailerVerdict {
    if (bytes[at] !== CR) return "malformed";
    if (at + 1 === to) return "partial";
    if (bytes[at + 1] !== LF) return "malformed";
    this.lineEnd = at + 2;
    if (verdict !== "end") this.#fields++;
    return verdict;
  }
}

function isAllowed(bytes: Uint8Array, from: number, to: number): boolean {
  return isTrailerAllowed(latin1(bytes, from, to));
}

/** The first index whose byte is not in the table; `to` when all are. */
function skip(table: Uint8Array, bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && table[bytes[at] as number] !== 0) at++;
  return at;
}
