import type { Framing } from "../body/filter.ts";
import type { Refusal } from "../refusal.ts";
import { isAuthority } from "./authority.ts";
import { isToken, latin1, REQUEST_TEXT } from "./characters.ts";
import { ConnectionOptions } from "./connection_options.ts";
import { Cuts, UNLESS_CHUNKED, UNLESS_UPGRADE } from "./cuts.ts";
import { FieldCursor } from "./field_cursor.ts";
import { ForwardingFields } from "./forwarding_fields.ts";
import { CHUNKED, codingFault, lengthFraming, NO_BODY, parseLength } from "./framing.ts";
import type { RequestContext } from "./heads.ts";
import {
  CONNECTION,
  CONTENT_LENGTH,
  EXPECT,
  FORWARDED_FOR,
  HOST,
  IDEMPOTENCY_KEY,
  MAX_FORWARDS,
  REQUEST_FIELDS,
  TE,
  TRAILER,
  TRANSFER_ENCODING,
  UPGRADE,
} from "./request_field_table.ts";
import type { RequestLine } from "./request_line.ts";

/** What the header lines of a request say, and which of them end here. */
export class RequestFields {
  /** The value of `Host`; -1: there is none. */
  host = -1;
  hostEnd = -1;
  /** -1: not given. */
  contentLength = -1;
  isChunked = false;
  expectsContinue = false;
  acceptsTrailers = false;
  /** All of `Upgrade` as a list in lower case; null: not given. */
  upgrade: string | null = null;
  hasIdempotencyKey = false;
  /** Of TRACE and OPTIONS; -1: not given. */
  maxForwards = -1;
  readonly forwarding = new ForwardingFields();
  readonly options = new ConnectionOptions();
  readonly cuts = new Cuts();
  readonly #cursor = new FieldCursor(REQUEST_TEXT);

  /**
   * Reads the lines after `line`, and forgets those of the request before.
   *
   * @param to Where the blank line begins.
   */
  read(bytes: Uint8Array, to: number, line: RequestLine, context: RequestContext): Refusal | null {
    this.#reset();
    const cursor = this.#cursor;
    let left = context.limits.maxHeaders;
    for (let at = line.next; at < to; at = cursor.next) {
      const fault = cursor.read(bytes, at);
      if (fault !== null) return refused(fault);
      if (cursor.next > to) return refused("The header section has no end.");
      if (left-- <= 0) return TOO_MANY_HEADERS;
      const field = REQUEST_FIELDS.find(bytes, at, cursor.nameEnd);
      if (field === 0) continue;
      if (field >= FORWARDED_FOR) {
        if (!this.forwarding.take(field, bytes, cursor, context.trusted)) this.cuts.add(cursor);
        continue;
      }
      const refusal = this.#take(field, bytes, line);
      if (refusal !== null) return refusal;
    }
    return this.#conclude(bytes, to, line);
  }

  /** How the request's body ends. */
  get framing(): Framing {
    if (this.isChunked) return CHUNKED;
    return this.contentLength < 0 ? NO_BODY : lengthFraming(this.contentLength);
  }

  #take(field: number, bytes: Uint8Array, line: RequestLine): Refusal | null {
    const cursor = this.#cursor;
    const { value, valueEnd } = cursor;
    switch (field) {
      case HOST:
        return this.#takeHost(bytes, line);
      case CONTENT_LENGTH:
        return this.#takeLength(bytes);
      case TRANSFER_ENCODING:
        return this.#takeCoding(bytes, line);
      case CONNECTION:
        this.options.take(bytes, value, valueEnd);
        break;
      case EXPECT:
        return this.#takeExpect(bytes, line);
      case UPGRADE:
        this.upgrade = joined(this.upgrade, latin1(bytes, value, valueEnd).toLowerCase());
        this.cuts.add(cursor, UNLESS_UPGRADE);
        return null;
      case TE:
        if (line.minor === 1 && listsTrailers(bytes, value, valueEnd)) this.acceptsTrailers = true;
        break;
      case TRAILER:
        this.cuts.add(cursor, UNLESS_CHUNKED);
        return null;
      case MAX_FORWARDS:
        return this.#takeMaxForwards(bytes, line);
      case IDEMPOTENCY_KEY:
        this.hasIdempotencyKey = true;
        return null;
    }
    this.cuts.add(cursor);
    return null;
  }

  #takeHost(bytes: Uint8Array, line: RequestLine): Refusal | null {
    const { value, valueEnd } = this.#cursor;
    if (this.host >= 0) return refused("There is more than one Host header.");
    if (!isAuthority(bytes, value, valueEnd)) return refused("The Host header is invalid.");
    this.host = value;
    this.hostEnd = valueEnd;
    if (line.authority >= 0) this.cuts.add(this.#cursor);
    return null;
  }

  #takeLength(bytes: Uint8Array): Refusal | null {
    const length = parseLength(bytes, this.#cursor.value, this.#cursor.valueEnd);
    if (length < 0) return refused("The Content-Length header is invalid.");
    if (this.contentLength >= 0) {
      if (this.contentLength !== length) return refused("The Content-Length headers differ.");
      this.cuts.add(this.#cursor);
    }
    this.contentLength = length;
    return null;
  }

  #takeCoding(bytes: Uint8Array, line: RequestLine): Refusal | null {
    const { nameEnd, valueEnd } = this.#cursor;
    if (line.minor === 0) return refused("HTTP/1.0 has no Transfer-Encoding.");
    if (this.isChunked) return refused("There is more than one Transfer-Encoding header.");
    this.isChunked = true;
    return codingFault(bytes, nameEnd + 1, valueEnd);
  }

  /** An expectation in HTTP/1.0 is ignored, and so must not go on as HTTP/1.1 (RFC 9110, 10.1.1). */
  #takeExpect(bytes: Uint8Array, line: RequestLine): Refusal | null {
    const { value, valueEnd } = this.#cursor;
    if (!isToken(bytes, value, valueEnd, "100-continue")) return UNKNOWN_EXPECTATION;
    if (line.minor === 0) this.cuts.add(this.#cursor);
    else this.expectsContinue = true;
    return null;
  }

  #takeMaxForwards(bytes: Uint8Array, line: RequestLine): Refusal | null {
    if (line.method !== "TRACE" && line.method !== "OPTIONS") return null;
    const hops = parseLength(bytes, this.#cursor.value, this.#cursor.valueEnd);
    if (hops < 0 || this.maxForwards >= 0) return refused("The Max-Forwards header is invalid.");
    this.maxForwards = hops;
    this.cuts.add(this.#cursor);
    return null;
  }

  #conclude(bytes: Uint8Array, to: number, line: RequestLine): Refusal | null {
    const { names, listsEssential } = this.options;
    if (listsEssential) return refused("The Connection header lists an end-to-end header.");
    if (this.isChunked && this.contentLength >= 0) {
      return refused("There are both Content-Length and Transfer-Encoding.");
    }
    if (this.host < 0 && line.minor === 1) return refused("The Host header is missing.");
    if (!this.options.upgrade || line.minor === 0 || isRefusedUpgrade(this.upgrade)) {
      this.upgrade = null;
    }
    if (names !== null) this.cuts.addNamed(bytes, line.next, to, { names, cursor: this.#cursor });
    return null;
  }

  #reset(): void {
    this.host =
      this.hostEnd =
      this.contentLength =
      this.maxForwards =
        -1;
    this.isChunked =
      this.expectsContinue =
      this.acceptsTrailers =
      this.hasIdempotencyKey =
        false;
    this.upgrade = null;
    this.forwarding.reset();
    this.options.reset();
    this.cuts.reset();
  }
}

const TOO_MANY_HEADERS: Refusal = Object.freeze({
  kind: "refused",
  status: 431,
  detail: "The request has too many headers.",
});

const UNKNOWN_EXPECTATION: Refusal = Object.freeze({
  kind: "refused",
  status: 417,
  detail: "Only `100-continue` may be expected.",
});

function refused(detail: string): Refusal {
  return { kind: "refused", status: 400, detail };
}

function joined(list: string | null, more: string): string {
  return list === null ? more : `${list}, ${more}`;
}

function listsTrailers(bytes: Uint8Array, from: number, to: number): boolean {
  const codings = latin1(bytes, from, to).toLowerCase().split(",");
  return codings.some((coding) => coding.trim() === "trailers");
}

/** h2c would carry requests past everything that is checked here. */
function isRefusedUpgrade(upgrade: string | null): boolean {
  if (upgrade === null || upgrade === "") return true;
  return upgrade.split(/[ \t]*,[ \t]*/).includes("h2c");
}
