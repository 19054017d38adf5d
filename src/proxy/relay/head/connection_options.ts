import { COMMA, isToken, latin1, SPACE, TAB } from "./characters.ts";

/** Fields that every recipient needs: nobody may have them dropped on the way. */
const ESSENTIAL: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "date",
  "expect",
  "host",
  "idempotency-key",
  "max-forwards",
  "range",
  "transfer-encoding",
  "x-idempotency-key",
]);

/** Fields about the way itself, which stay whatever the peer says. */
const KEPT: ReadonlySet<string> = new Set([
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-forwarded-server",
  "x-real-ip",
]);

/** What the `Connection` lines of a head say (RFC 9110, 7.6.1). */
export class ConnectionOptions {
  close = false;
  keepAlive = false;
  upgrade = false;
  /** An essential field was listed; it is not in {@linkcode names}. */
  listsEssential = false;
  /** Names of fields that end here, in lower case; null when there are none. */
  names: Set<string> | null = null;

  /** Forgets everything. */
  reset(): void {
    this.close =
      this.keepAlive =
      this.upgrade =
      this.listsEssential =
        false;
    this.names = null;
  }

  /** Adds the options of one line's value. */
  take(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to) {
      let end = at;
      while (end < to && bytes[end] !== COMMA) end++;
      this.#option(bytes, at, end);
      at = end + 1;
    }
  }

  #option(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    let to = end;
    while (from < to && isSpace(bytes[from])) from++;
    while (to > from && isSpace(bytes[to - 1])) to--;
    if (isToken(bytes, from, to, "keep-alive")) this.keepAlive = true;
    else if (isToken(bytes, from, to, "close")) this.close = true;
    else if (isToken(bytes, from, to, "upgrade")) this.upgrade = true;
    else if (to > from) this.#name(latin1(bytes, from, to).toLowerCase());
  }

  #name(name: string): void {
    if (ESSENTIAL.has(name)) this.listsEssential = true;
    else if (!KEPT.has(name)) (this.names ??= new Set()).add(name);
  }
}

function isSpace(code: number | undefined): boolean {
  return code === SPACE || code === TAB;
}
