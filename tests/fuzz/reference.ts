/**
 * Reads one HTTP/1.1 message as RFC 9112 has it: slowly, plainly, all at once, and by nothing that
 * the relay uses. What two readers of the same bytes disagree about is where smuggling lives.
 *
 * Messages are latin1 text, one character for each byte.
 *
 * @module
 */

/** A message as the RFC reads it. */
export interface Message {
  /** The method of a request, the status of an answer. */
  what: string;
  /** The target in the form in which a gateway sends it on; empty for an answer. */
  target: string;
  /** Who is asked: the authority of an absolute target, else `Host`, else null. */
  host: string | null;
  minor: number;
  fields: Field[];
  framing: "none" | "length" | "chunked" | "close";
  body: string;
  trailers: Field[];
  /** Characters that belong to the message. */
  length: number;
}

/** A field line, as it was sent and as it is meant. */
export interface Field {
  line: string;
  /** In lower case. */
  name: string;
  value: string;
}

/** The text is no message, or an unclear one. */
export class Malformed extends Error {}
/** The text may be the beginning of a message. */
export class Incomplete extends Error {}

type Head = Pick<Message, "what" | "target" | "host" | "minor" | "fields">;
type Body = Pick<Message, "framing" | "body" | "trailers">;

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const REQUEST_LINE = new RegExp(`^(${TOKEN}) ([^\\x00-\\x20\\x7f]+) HTTP/1\\.([0-9])$`);
const STATUS_LINE = /^HTTP\/1\.([0-9]) ([1-9][0-9][0-9])( [^\0\r\n]*)?$/;
const FIELD_LINE = new RegExp(`^(${TOKEN}):[ \\t]*(.*?)[ \\t]*$`, "s");
// deno-lint-ignore no-control-regex
const REQUEST_CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/;
const RESPONSE_CONTROLS = /[\0\r\n]/;
const ABSOLUTE = /^https?:\/\/([^/?#]+)([/?#].*)?$/i;
const HOST = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~!$&'()*+,;=%]*)(:[0-9]*)?$/;
const CHUNK_LINE = /^([0-9A-Fa-f]{1,16})([ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/;

/** @throws {Malformed | Incomplete} */
export function parseRequest(text: string): Message {
  const reader = new Reader(text, REQUEST_CONTROLS);
  reader.skipEmptyLines();
  const [, what = "", target = "", minor = ""] = match(REQUEST_LINE, reader.line());
  const fields = reader.fields();
  const head = { what, minor: Number(minor), fields, ...locate(what, target, fields) };
  const hosts = values(fields, "host");
  if (hosts.length > 1) throw new Malformed("Host is repeated");
  if (hosts.length === 0 && head.minor > 0) throw new Malformed("Host is missing");
  if (!HOST.test(head.host ?? "") || !HOST.test(hosts[0] ?? "")) throw new Malformed("Host");
  const framing = framingOf(head) ?? "none";
  return { ...head, ...reader.body(framing), length: reader.at };
}

/**
 * @param method What the answer is for: it decides whether there is a body.
 * @throws {Malformed | Incomplete}
 */
export function parseResponse(text: string, method: string): Message {
  const reader = new Reader(text, RESPONSE_CONTROLS);
  const [, minor = "", what = ""] = match(STATUS_LINE, reader.line());
  const head = { what, target: "", host: null, minor: Number(minor), fields: reader.fields() };
  const isEmpty = method === "HEAD" || /^(1..|204|304)$/.test(what);
  const framing = isEmpty ? "none" : framingOf(head) ?? "close";
  return { ...head, ...reader.body(framing), length: reader.at };
}

/** RFC 9112, 3.2: what a gateway asks for, and whom. */
function locate(method: string, target: string, fields: Field[]): Pick<Head, "target" | "host"> {
  const host = values(fields, "host")[0] ?? null;
  if (method === "CONNECT") throw new Malformed("CONNECT");
  if (target.startsWith("/")) return { target, host };
  if (target === "*" && method === "OPTIONS") return { target, host };
  const [, authority = "", path = ""] = match(ABSOLUTE, target);
  if (path === "") return { target: method === "OPTIONS" ? "*" : "/", host: authority };
  return { target: path.startsWith("/") ? path : `/${path}`, host: authority };
}

/** RFC 9112, 6.3: a number is a length; null when the head does not say. */
function framingOf({ fields, minor, target }: Head): "chunked" | number | null {
  const codings = values(fields, "transfer-encoding");
  const lengths = values(fields, "content-length");
  const isRequest = target !== "";
  if (codings.length > 0) {
    if (minor === 0) throw new Malformed("Transfer-Encoding in HTTP/1.0");
    if (codings.join().toLowerCase() !== "chunked") throw new Malformed("coding");
    if (isRequest && lengths.length > 0) throw new Malformed("two framings");
    return "chunked";
  }
  if (lengths.length === 0) return null;
  if (!lengths.every((length) => /^[0-9]+$/.test(length))) throw new Malformed("length");
  if (new Set(lengths.map(BigInt)).size > 1) throw new Malformed("differing lengths");
  if (Number(lengths[0]) > Number.MAX_SAFE_INTEGER) throw new Malformed("length too large");
  return Number(lengths[0]);
}

class Reader {
  at = 0;
  readonly #text: string;
  readonly #controls: RegExp;

  constructor(text: string, controls: RegExp) {
    this.#text = text;
    this.#controls = controls;
  }

  skipEmptyLines(): void {
    while (this.#text.startsWith("\r\n", this.at)) this.at += 2;
  }

  line(): string {
    const end = this.#text.indexOf("\r\n", this.at);
    if (end < 0) throw new Incomplete("line");
    return this.take(end + 2 - this.at).slice(0, -2);
  }

  take(count: number): string {
    if (this.at + count > this.#text.length) throw new Incomplete("content");
    this.at += count;
    return this.#text.slice(this.at - count, this.at);
  }

  fields(): Field[] {
    const fields: Field[] = [];
    for (let line = this.line(); line !== ""; line = this.line()) {
      const [, name = "", value = ""] = match(FIELD_LINE, line);
      if (this.#controls.test(value)) throw new Malformed("control byte");
      fields.push({ line, name: name.toLowerCase(), value });
    }
    return fields;
  }

  body(framing: "none" | "close" | "chunked" | number): Body {
    if (typeof framing === "number") {
      return { framing: "length", body: this.take(framing), trailers: [] };
    }
    if (framing === "chunked") return { framing, body: this.#chunks(), trailers: this.fields() };
    const size = framing === "none" ? 0 : this.#text.length - this.at;
    return { framing, body: this.take(size), trailers: [] };
  }

  #chunks(): string {
    let content = "";
    while (true) {
      const size = Number(`0x${match(CHUNK_LINE, this.line())[1]}`);
      if (size === 0) return content;
      content += this.take(size);
      if (this.take(2) !== "\r\n") throw new Malformed("end of a chunk");
    }
  }
}

/** The values of all fields of a name. */
export function values(fields: readonly Field[], name: string): string[] {
  return fields.filter((field) => field.name === name).map(({ value }) => value);
}

function match(pattern: RegExp, text: string): RegExpExecArray {
  const found = pattern.exec(text);
  if (!found) throw new Malformed(`${pattern} does not match ${JSON.stringify(text)}`);
  return found;
}
