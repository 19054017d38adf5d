import { DEFAULT_LIMITS, type Limits } from "../../../../../src/proxy/limits.ts";
import { ByteWriter } from "../../../../../src/proxy/relay/byte_writer.ts";
import { latin1 } from "../../../../../src/proxy/relay/head/characters.ts";
import type {
  BadResponse,
  RequestContext,
  RequestHead,
  ResponseContext,
  ResponseHead,
} from "../../../../../src/proxy/relay/head/heads.ts";
import { readRequestHead } from "../../../../../src/proxy/relay/head/request_head.ts";
import { readResponseHead } from "../../../../../src/proxy/relay/head/response_head.ts";
import type { Refusal } from "../../../../../src/proxy/relay/refusal.ts";

/** What our lines say about the request of {@linkcode request}. */
export const OURS = [
  "X-Forwarded-For: 10.0.0.9",
  "X-Forwarded-Host: a",
  "X-Forwarded-Proto: http",
  "X-Forwarded-Port: 80",
  "X-Real-Ip: 10.0.0.9",
];

const REQUEST_CONTEXT: RequestContext = {
  ip: "10.0.0.9",
  trusted: false,
  proto: "http",
  limits: DEFAULT_LIMITS,
  forwarded: false,
  via: null,
};

const RESPONSE_CONTEXT: ResponseContext = {
  method: "GET",
  minor: 1,
  keepAlive: true,
  upgrade: null,
  limits: DEFAULT_LIMITS,
};

/** One byte for each character. */
export function octets(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

export function limits(changed: Partial<Limits>): Limits {
  return { ...DEFAULT_LIMITS, ...changed };
}

/** Reads bytes as a request's head; `sent` is what the backend gets. */
export function readRequest(
  text: string,
  context: Partial<RequestContext> = {},
): { head: RequestHead | Refusal; sent: string } {
  const out = new ByteWriter(16);
  // Neighbours on both sides, as in a connection's buffer.
  const bytes = octets(`\r\n${text}GET /next HTTP/1.1\r\n`);
  const end = 2 + text.length;
  const head = readRequestHead(bytes, 2, end, { ...REQUEST_CONTEXT, ...context }, out);
  return { head, sent: latin1(out.bytes, 0, out.length) };
}

/** A request of lines, `Host: a` included, that must be accepted. */
export function request(
  line: string,
  lines: readonly string[] = [],
  context: Partial<RequestContext> = {},
): RequestHead & { sent: string[] } {
  const { head, sent } = readRequest([line, "Host: a", ...lines, "", ""].join("\r\n"), context);
  if (head.kind === "refused") throw new Error(`Cannot read the head: ${head.detail}`);
  return { ...head, sent: sent.split("\r\n") };
}

/** The status that bytes are refused with, null when they are accepted. */
export function refusal(text: string, context: Partial<RequestContext> = {}): number | null {
  const { head, sent } = readRequest(text, context);
  if (head.kind === "request") return null;
  if (sent !== "") throw new Error("Cannot refuse: something was written");
  return head.status;
}

/** The status that a request with these header lines is refused with. */
export function refusalOf(lines: readonly string[], line = "POST / HTTP/1.1"): number | null {
  return refusal([line, "Host: a", ...lines, "", ""].join("\r\n"));
}

/** Reads bytes as an answer's head; `sent` is what the client gets. */
export function readResponse(
  text: string,
  context: Partial<ResponseContext> = {},
): { head: ResponseHead | BadResponse; sent: string } {
  const out = new ByteWriter(16);
  const bytes = octets(text);
  const head = readResponseHead(bytes, 0, bytes.length, { ...RESPONSE_CONTEXT, ...context }, out);
  return { head, sent: latin1(out.bytes, 0, out.length) };
}

/** An answer of lines, with a date, that must be good. */
export function response(
  line: string,
  lines: readonly string[] = [],
  context: Partial<ResponseContext> = {},
): ResponseHead & { sent: string[] } {
  const { head, sent } = readResponse([line, DATE, ...lines, "", ""].join("\r\n"), context);
  if (head.kind === "bad") throw new Error(`Cannot read the head: ${head.detail}`);
  return { ...head, sent: sent.split("\r\n").filter((sentLine) => sentLine !== DATE) };
}

/** Whether an answer with these lines is bad. */
export function isBad(
  line: string,
  lines: readonly string[] = [],
  context: Partial<ResponseContext> = {},
): boolean {
  return readResponse([line, ...lines, "", ""].join("\r\n"), context).head.kind === "bad";
}

const DATE = "Date: Sat, 21 Nov 2026 00:00:00 GMT";
