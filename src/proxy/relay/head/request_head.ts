import type { ByteWriter } from "../byte_writer.ts";
import type { Refusal } from "../refusal.ts";
import type { Limits } from "../../limits.ts";
import type { Span } from "./authority.ts";
import { CR, LF, SPACE } from "./characters.ts";
import { UNLESS_CHUNKED, UNLESS_UPGRADE } from "./cuts.ts";
import type { RequestContext, RequestHead } from "./heads.ts";
import { RequestFields } from "./request_fields.ts";
import { RequestLine, TARGET_TOO_LONG } from "./request_line.ts";

// Used again for every request: reading a head is one synchronous step.
const line = new RequestLine();
const fields = new RequestFields();

/**
 * Reads a request's head and appends the head for the backend to `out`: what passes byte for byte
 * and in order, then what we add. Nothing is written when the request is refused.
 *
 * @param end The index after the blank line, from `findHeadEnd`.
 */
export function readRequestHead(
  bytes: Uint8Array,
  start: number,
  end: number,
  context: RequestContext,
  out: ByteWriter,
): RequestHead | Refusal {
  if (bytes[end - 1] !== LF) return BARE_LINE_END;
  const { limits } = context;
  const lineRefusal = line.read(bytes, start, limits.maxTargetBytes);
  if (lineRefusal !== null) return lineRefusal;
  if (end - start > limits.maxHeadBytes) return HEAD_TOO_LARGE;
  if (bytes[end - 2] !== CR || line.next > end - 2) return BARE_LINE_END;
  const fieldsRefusal = fields.read(bytes, end - 2, line, context);
  if (fieldsRefusal !== null) return fieldsRefusal;
  if (limits.maxBodyBytes > 0 && fields.contentLength > limits.maxBodyBytes) return BODY_TOO_LARGE;
  write(bytes, start, end, context, out);
  return head();
}

/** Why a head is refused whose end is not among its first `maxHeadBytes` bytes. */
export function oversizedHead(
  bytes: Uint8Array,
  start: number,
  end: number,
  limits: Limits,
): Refusal {
  let at = start;
  while (at < end && bytes[at] !== SPACE && bytes[at] !== LF) at++;
  const target = ++at;
  while (at < end && bytes[at] !== SPACE && bytes[at] !== LF) at++;
  return at >= end || at - target > limits.maxTargetBytes ? TARGET_TOO_LONG : HEAD_TOO_LARGE;
}

function head(): RequestHead {
  return {
    kind: "request",
    method: line.method,
    minor: line.minor,
    framing: fields.framing,
    keepAlive: !fields.options.close && (line.minor === 1 || fields.options.keepAlive),
    expectsContinue: fields.expectsContinue,
    upgrade: fields.upgrade,
    idempotencyKey: fields.hasIdempotencyKey,
    isForUs: fields.maxForwards === 0,
  };
}

function write(
  bytes: Uint8Array,
  start: number,
  end: number,
  context: RequestContext,
  out: ByteWriter,
): void {
  const from = writeLine(bytes, start, out);
  const upgrade = fields.upgrade === null ? 0 : UNLESS_UPGRADE;
  const chunked = fields.isChunked ? UNLESS_CHUNKED : 0;
  fields.cuts.copyRest(bytes, from, end - 2, upgrade | chunked, out);
  fields.forwarding.write(bytes, host(), context, out);
  if (context.via !== null) out.ascii(`Via: 1.${line.minor} ${context.via}\r\n`);
  if (fields.maxForwards > 0) out.ascii(`Max-Forwards: ${fields.maxForwards - 1}\r\n`);
  if (fields.acceptsTrailers) out.ascii("TE: trailers\r\n");
  writeConnection(out);
  out.ascii("\r\n");
}

/** Writes the request line and a `Host` that is missing; returns where copying goes on. */
function writeLine(bytes: Uint8Array, start: number, out: ByteWriter): number {
  if (line.isVerbatim) return start;
  out.ascii(line.method);
  out.ascii(line.isServerWide ? " *" : line.lacksSlash ? " /" : " ");
  out.copy(bytes, line.target, line.targetEnd);
  out.ascii(" HTTP/1.1\r\n");
  if (line.authority >= 0 || fields.host < 0) {
    const { from, to } = host();
    out.ascii("Host: ");
    out.copy(bytes, from, to);
    out.ascii("\r\n");
  }
  return line.next;
}

function writeConnection(out: ByteWriter): void {
  const hasUpgrade = fields.upgrade !== null;
  if (!hasUpgrade && !fields.acceptsTrailers) return;
  const te = fields.acceptsTrailers ? "TE" : "";
  out.ascii(`Connection: ${hasUpgrade ? "Upgrade" : ""}${hasUpgrade && te ? ", " : ""}${te}\r\n`);
}

/** The authority that the client asked for; empty when it named none. */
function host(): Span {
  if (line.authority >= 0) return { from: line.authority, to: line.authorityEnd };
  return { from: Math.max(0, fields.host), to: Math.max(0, fields.hostEnd) };
}

const BARE_LINE_END: Refusal = Object.freeze({
  kind: "refused",
  status: 400,
  detail: "There is a bare CR or LF in the header section.",
});

const HEAD_TOO_LARGE: Refusal = Object.freeze({
  kind: "refused",
  status: 431,
  detail: "The request's header section is too large.",
});

const BODY_TOO_LARGE: Refusal = Object.freeze({
  kind: "refused",
  status: 413,
  detail: "The request's body is too large.",
});
