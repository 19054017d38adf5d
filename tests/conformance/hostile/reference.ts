/**
 * A strict reader of HTTP/1.1 requests, written from RFC 9112 alone and slowly: regular expressions
 * over whole texts. What it refuses, no proxy may send.
 */
import type { Message } from "./request_case.ts";

/** A request with everything that was on the wire. */
export interface ReadRequest extends Message {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly trailers: readonly (readonly [name: string, value: string])[];
  readonly version: string;
}

/** What a connection carried. */
export interface Reading {
  readonly requests: readonly ReadRequest[];
  /** Where the last complete request ends. */
  readonly end: number;
  /** `null` when everything was complete, or may become so with more bytes. */
  readonly fault: string | null;
  /** The head of the request that is not complete yet, if that much is there. */
  readonly pending: string | null;
}

/** Who speaks: clients may do a few things that a proxy must not pass on. */
export type Speaker = "client" | "proxy";

class Fault extends Error {}
class Incomplete extends Error {}

type Fields = [string, string][];

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const REQUEST_LINE = new RegExp(`^(${TOKEN}) ([\\x21-\\x7e\\x80-\\xff]+) (HTTP/1\\.\\d)$`);
const FIELD_LINE = new RegExp(`^(${TOKEN}):[ \\t]*([\\x21-\\x7e\\x80-\\xff \\t]*?)[ \\t]*$`);
const HOST = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~!$&'()*+,;=%]*)(:\d*)?$/;
const CHUNK_LINE: Record<Speaker, RegExp> = {
  client: /^([0-9A-Fa-f]{1,16})(?:[ \t]*;[\x21-\x7e\x80-\xff \t]*)?$/,
  proxy: /^([0-9A-Fa-f]{1,16})$/,
};

/** Reads every request in `bytes`. */
export function readRequests(bytes: string, speaker: Speaker): Reading {
  const requests: ReadRequest[] = [];
  let end = 0;
  try {
    while (end < bytes.length) {
      const start = speaker === "client" ? end + emptyLines(bytes.slice(end)) : end;
      if (start === bytes.length) break;
      const { request, length } = readRequest(bytes.slice(start), speaker);
      requests.push(request);
      end = start + length;
    }
    return { requests, end, fault: null, pending: null };
  } catch (error) {
    if (error instanceof Incomplete) return { requests, end, fault: null, pending: error.message };
    if (error instanceof Fault) return { requests, end, fault: error.message, pending: null };
    throw error;
  }
}

function emptyLines(bytes: string): number {
  return /^(\r\n)*/.exec(bytes)?.[0].length ?? 0;
}

function readRequest(bytes: string, speaker: Speaker): { request: ReadRequest; length: number } {
  const { lines, length } = section(bytes);
  const [, method = "", target = "", version = ""] = REQUEST_LINE.exec(lines[0] ?? "") ??
    fault(`request line ${JSON.stringify(lines[0])}`);
  const fields = lines.slice(1).map(field);
  if (speaker === "proxy") checkProxy(method, target, version);
  checkHost(fields, version);
  const rest = bytes.slice(length);
  const { body, trailers, used } = readBody(rest, fields, version, speaker, bytes.slice(0, length));
  return {
    request: { method, target, version, fields, body, trailers },
    length: length + used,
  };
}

function checkProxy(method: string, target: string, version: string): void {
  if (version !== "HTTP/1.1") fault(`version ${version}`);
  const isOrigin = target.startsWith("/") || (method === "OPTIONS" && target === "*");
  if (!isOrigin || method === "CONNECT") fault(`${method} ${target}`);
}

/** The lines up to an empty one; `length` counts that one, too. */
function section(bytes: string): { lines: string[]; length: number } {
  const lines: string[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    // Whatever comes behind a bare LF or CR, this line is wrong already.
    const soFar = bytes.slice(at, lineEnd < 0 ? undefined : lineEnd).replace(/\r$/, "");
    if (/[\r\n\0]/.test(soFar)) fault(`line ${JSON.stringify(soFar)}`);
    if (lineEnd < 0) throw new Incomplete("");
    const line = bytes.slice(at, lineEnd);
    at = lineEnd + 2;
    if (line === "") return { lines, length: at };
    lines.push(line);
  }
}

function field(line: string): [string, string] {
  const [, name = "", value = ""] = FIELD_LINE.exec(line) ?? fault(`field ${JSON.stringify(line)}`);
  return [name.toLowerCase(), value];
}

function valuesOf(fields: Fields, name: string): string[] {
  return fields.filter(([other]) => other === name).map(([, value]) => value);
}

function checkHost(fields: Fields, version: string): void {
  const hosts = valuesOf(fields, "host");
  if (hosts.length > 1 || (hosts.length === 0 && version !== "HTTP/1.0")) {
    fault(`${hosts.length} Host fields`);
  }
  const [host = ""] = hosts;
  if (!HOST.test(host) || /%(?![0-9A-Fa-f]{2})/.test(host)) fault(`Host ${JSON.stringify(host)}`);
}

interface Body {
  body: string;
  trailers: Fields;
  used: number;
}

function readBody(
  bytes: string,
  fields: Fields,
  version: string,
  speaker: Speaker,
  head: string,
): Body {
  const codings = valuesOf(fields, "transfer-encoding");
  const lengths = valuesOf(fields, "content-length");
  if (codings.length > 0) {
    if (lengths.length > 0) fault("both framings");
    if (version === "HTTP/1.0") fault("chunks in HTTP/1.0");
    if (codings.join().toLowerCase() !== "chunked") fault(`coding ${codings.join()}`);
    return readChunks(bytes, speaker, head);
  }
  const allowed = speaker === "client" ? new Set(lengths).size : lengths.length;
  if (allowed > 1) fault("several lengths");
  const [text = "0"] = lengths;
  if (!/^\d+$/.test(text) || Number(text) > Number.MAX_SAFE_INTEGER) fault(`length ${text}`);
  const length = Number(text);
  if (bytes.length < length) throw new Incomplete(head);
  return { body: bytes.slice(0, length), trailers: [], used: length };
}

function readChunks(bytes: string, speaker: Speaker, head: string): Body {
  let body = "";
  let at = 0;
  try {
    for (;;) {
      const { size, next } = chunkSize(bytes, at, speaker);
      at = next;
      if (size === 0) break;
      if (bytes.length < at + size + 2) checkCut(bytes.slice(at + size));
      if (!bytes.startsWith("\r\n", at + size)) fault("no line end after a chunk");
      body += bytes.slice(at, at + size);
      at += size + 2;
    }
    const { lines, length } = section(bytes.slice(at));
    return { body, trailers: lines.map(field), used: at + length };
  } catch (error) {
    throw error instanceof Incomplete ? new Incomplete(head) : error;
  }
}

function chunkSize(bytes: string, at: number, speaker: Speaker): { size: number; next: number } {
  const end = bytes.indexOf("\r\n", at);
  const line = bytes.slice(at, end < 0 ? undefined : end);
  if (end < 0 && CHUNK_LINE[speaker].test(line.replace(/\r$/, "") || "0")) throw new Incomplete();
  const [, digits = ""] = CHUNK_LINE[speaker].exec(line) ?? fault(`chunk ${JSON.stringify(line)}`);
  const size = parseInt(digits, 16);
  if (size > Number.MAX_SAFE_INTEGER) fault(`chunk size ${digits}`);
  return { size, next: end + 2 };
}

function checkCut(end: string): void {
  if ("\r\n".startsWith(end)) throw new Incomplete();
}

function fault(detail: string): never {
  throw new Fault(detail);
}
