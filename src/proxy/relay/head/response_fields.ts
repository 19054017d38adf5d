import { hasText, isToken, latin1, RESPONSE_TEXT } from "./characters.ts";
import { ConnectionOptions } from "./connection_options.ts";
import { Cuts, UNLESS_CHUNKED, UNLESS_LENGTH, UNLESS_UPGRADE } from "./cuts.ts";
import { FieldCursor } from "./field_cursor.ts";
import { FieldTable } from "./field_table.ts";
import { parseLength } from "./framing.ts";
import type { StatusLine } from "./status_line.ts";

const CONTENT_LENGTH = 1;
const TRANSFER_ENCODING = 2;
const CONNECTION = 3;
const KEEP_ALIVE = 4;
const UPGRADE = 5;
const TRAILER = 6;
const DATE = 7;
const ENDS_HERE = 8;

const TIMEOUT = "timeout=";

const RESPONSE_FIELDS = new FieldTable([
  { name: "content-length", id: CONTENT_LENGTH },
  { name: "transfer-encoding", id: TRANSFER_ENCODING },
  { name: "connection", id: CONNECTION },
  { name: "keep-alive", id: KEEP_ALIVE },
  { name: "upgrade", id: UPGRADE },
  { name: "trailer", id: TRAILER },
  { name: "date", id: DATE },
  { name: "te", id: ENDS_HERE },
  { name: "proxy-authenticate", id: ENDS_HERE },
  { name: "proxy-connection", id: ENDS_HERE },
]);

/** What the header lines of an answer say, and which of them end here. */
export class ResponseFields {
  /** -1: not given. */
  contentLength = -1;
  isChunked = false;
  hasDate = false;
  /** All of `Upgrade` as a list in lower case; empty: not given. */
  upgrade = "";
  /** The backend's `Keep-Alive: timeout` in milliseconds; null: not given. */
  idleTimeoutMs: number | null = null;
  readonly options = new ConnectionOptions();
  readonly cuts = new Cuts();
  readonly #cursor = new FieldCursor(RESPONSE_TEXT);

  /**
   * Reads the lines after `line`, and forgets those of the answer before.
   *
   * @param to Where the blank line begins.
   * @returns What is wrong with them, or null.
   */
  read(bytes: Uint8Array, to: number, line: StatusLine, maxHeaders: number): string | null {
    this.#reset();
    const cursor = this.#cursor;
    let left = maxHeaders;
    for (let at = line.next; at < to; at = cursor.next) {
      const fault = cursor.read(bytes, at);
      if (fault !== null) return fault;
      if (cursor.next > to) return "the header section has no end";
      if (left-- <= 0) return "too many headers";
      const field = RESPONSE_FIELDS.find(bytes, at, cursor.nameEnd);
      if (field === 0) continue;
      const refusal = this.#take(field, bytes, line);
      if (refusal !== null) return refusal;
    }
    const { names } = this.options;
    if (names !== null) this.cuts.addNamed(bytes, line.next, to, { names, cursor });
    return null;
  }

  #take(field: number, bytes: Uint8Array, line: StatusLine): string | null {
    const { value, valueEnd } = this.#cursor;
    switch (field) {
      case CONTENT_LENGTH:
        return this.#takeLength(bytes);
      case TRANSFER_ENCODING:
        return this.#takeCoding(bytes, line);
      case DATE:
        this.hasDate = true;
        return null;
      case TRAILER:
        this.cuts.add(this.#cursor, UNLESS_CHUNKED);
        return null;
      case UPGRADE:
        this.upgrade += (this.upgrade && ",") + latin1(bytes, value, valueEnd).toLowerCase();
        this.cuts.add(this.#cursor, UNLESS_UPGRADE);
        return null;
      case CONNECTION:
        this.options.take(bytes, value, valueEnd);
        break;
      case KEEP_ALIVE:
        this.idleTimeoutMs = timeoutMs(bytes, value, valueEnd);
        break;
    }
    this.cuts.add(this.#cursor);
    return null;
  }

  #takeLength(bytes: Uint8Array): string | null {
    const { value, valueEnd } = this.#cursor;
    const length = parseLength(bytes, value, valueEnd);
    if (length < 0) return "the Content-Length header is invalid";
    if (this.contentLength >= 0 && this.contentLength !== length) {
      return "the Content-Length headers differ";
    }
    if (this.contentLength >= 0) this.cuts.add(this.#cursor);
    else this.cuts.add(this.#cursor, UNLESS_LENGTH);
    this.contentLength = length;
    return null;
  }

  #takeCoding(bytes: Uint8Array, line: StatusLine): string | null {
    const { value, valueEnd } = this.#cursor;
    if (line.minor === 0) return "HTTP/1.0 has no Transfer-Encoding";
    if (this.isChunked) return "there is more than one Transfer-Encoding header";
    if (!isToken(bytes, value, valueEnd, "chunked")) return "the transfer coding is not `chunked`";
    this.isChunked = true;
    this.cuts.add(this.#cursor, UNLESS_CHUNKED);
    return null;
  }

  #reset(): void {
    this.contentLength = -1;
    this.isChunked = this.hasDate = false;
    this.upgrade = "";
    this.idleTimeoutMs = null;
    this.options.reset();
    this.cuts.reset();
  }
}

/** The `timeout` parameter of `Keep-Alive` in milliseconds. */
function timeoutMs(bytes: Uint8Array, from: number, to: number): number | null {
  // Nearly everybody sends just this, with every answer.
  const alone = hasText(bytes, from, TIMEOUT) ? parseLength(bytes, from + TIMEOUT.length, to) : -1;
  if (alone >= 0) return alone * 1000;
  for (const parameter of latin1(bytes, from, to).split(",")) {
    const [name = "", seconds = ""] = parameter.split("=");
    const number = Number.parseInt(seconds.trim(), 10);
    if (name.trim().toLowerCase() === "timeout" && number >= 0) return number * 1000;
  }
  return null;
}
