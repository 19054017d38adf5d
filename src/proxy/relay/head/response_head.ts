import type { ByteWriter } from "../byte_writer.ts";
import type { Framing } from "../body/filter.ts";
import { CR, LF } from "./characters.ts";
import { UNLESS_CHUNKED, UNLESS_LENGTH, UNLESS_UPGRADE } from "./cuts.ts";
import { CHUNKED, lengthFraming, NO_BODY, UNTIL_CLOSE } from "./framing.ts";
import type { BadResponse, ResponseContext, ResponseHead } from "./heads.ts";
import { httpDate } from "./http_date.ts";
import { ResponseFields } from "./response_fields.ts";
import { StatusLine } from "./status_line.ts";

const SWITCHING_PROTOCOLS = 101;
const NO_CONTENT = 204;
const NOT_MODIFIED = 304;
const UPGRADE_REQUIRED = 426;

// Used again for every answer: reading a head is one synchronous step.
const line = new StatusLine();
const fields = new ResponseFields();

/**
 * Reads an answer's head and appends the head for the client to `out`: what passes byte for byte
 * and in order, then what we add. Nothing is written when the answer is bad.
 *
 * Interim answers (1xx) come this way, too; HTTP/1.0 clients must not get them.
 *
 * @param end The index after the blank line, from `findHeadEnd`.
 */
export function readResponseHead(
  bytes: Uint8Array,
  start: number,
  end: number,
  context: ResponseContext,
  out: ByteWriter,
): ResponseHead | BadResponse {
  const fault = read(bytes, start, end, context);
  if (fault !== null) return { kind: "bad", detail: fault };
  const head = shape(context);
  write(bytes, start, end - 2, context, head, out);
  return head;
}

function read(
  bytes: Uint8Array,
  start: number,
  end: number,
  { limits, upgrade }: ResponseContext,
): string | null {
  if (end - start > limits.maxHeadBytes) return "the header section is too large";
  if (bytes[end - 1] !== LF || bytes[end - 2] !== CR) return "a line ends in a bare LF";
  const fault = line.read(bytes, start);
  if (fault !== null) return fault;
  if (line.next > end - 2) return "a line ends in a bare LF";
  const fieldFault = fields.read(bytes, end - 2, line, limits.maxHeaders);
  if (fieldFault !== null) return fieldFault;
  return line.status === SWITCHING_PROTOCOLS ? upgradeFault(upgrade) : null;
}

/** Whether the protocols that the backend switches to are among those asked for. */
function upgradeFault(wanted: string | null): string | null {
  if (wanted === null) return "it switches protocols without being asked to";
  const offered = elements(wanted);
  const taken = elements(fields.upgrade);
  const isOffered = taken.length > 0 && taken.every((protocol) => offered.includes(protocol));
  return isOffered ? null : "it switches to a protocol that was not asked for";
}

function shape(context: ResponseContext): ResponseHead {
  const framing = bodyFraming(context);
  const clientFraming = framing.kind === "chunked" || framing.kind === "close"
    ? context.minor === 1 ? CHUNKED : UNTIL_CLOSE
    : framing;
  return {
    kind: "response",
    status: line.status,
    framing,
    clientFraming,
    keepAlive: context.keepAlive && clientFraming.kind !== "close",
    reusable: isReusable(framing),
    idleTimeoutMs: fields.idleTimeoutMs,
  };
}

/** RFC 9112, 6.3. */
function bodyFraming({ method }: ResponseContext): Framing {
  if (method === "HEAD" || isBodiless()) return NO_BODY;
  if (fields.isChunked) return CHUNKED;
  return fields.contentLength < 0 ? UNTIL_CLOSE : lengthFraming(fields.contentLength);
}

function isBodiless(): boolean {
  return line.status < 200 || line.status === NO_CONTENT || line.status === NOT_MODIFIED;
}

/** A backend that announces a body where none may be might also send one. */
function isReusable(framing: Framing): boolean {
  if (line.minor === 0 || fields.options.close || framing.kind === "close") return false;
  if (line.status === SWITCHING_PROTOCOLS) return false;
  if (fields.isChunked) return fields.contentLength < 0 && !isBodiless();
  return line.status !== NO_CONTENT || fields.contentLength <= 0;
}

function write(
  bytes: Uint8Array,
  start: number,
  blank: number,
  context: ResponseContext,
  head: ResponseHead,
  out: ByteWriter,
): void {
  const passesUpgrade = keepsUpgrade(context);
  fields.cuts.copyRest(bytes, writeLine(bytes, start, out), blank, reasons(context), out);
  if (head.framing.kind === "close" && head.clientFraming.kind === "chunked") {
    out.ascii("Transfer-Encoding: chunked\r\n");
  }
  if (line.status >= 200 && !fields.hasDate) out.ascii(`Date: ${httpDate(Date.now())}\r\n`);
  if (passesUpgrade) out.ascii("Connection: Upgrade\r\n");
  if (line.status >= 200) writePersistence(head, context, out);
  out.ascii("\r\n");
}

/** Writes the status line if it must change; returns where copying goes on. */
function writeLine(bytes: Uint8Array, start: number, out: ByteWriter): number {
  if (line.isVerbatim) return start;
  out.ascii("HTTP/1.1 ");
  if (!line.lacksSpace) {
    out.copy(bytes, line.code, line.next);
    return line.next;
  }
  out.ascii(`${line.status} \r\n`);
  return line.next;
}

function writePersistence(head: ResponseHead, context: ResponseContext, out: ByteWriter): void {
  if (!head.keepAlive) out.ascii("Connection: close\r\n");
  else if (context.minor === 0) out.ascii("Connection: keep-alive\r\n");
}

/** Which of the lines pass that depend on the kind of answer. */
function reasons(context: ResponseContext): number {
  const upgrade = keepsUpgrade(context) ? UNLESS_UPGRADE : 0;
  if (line.status < 200 || line.status === NO_CONTENT) return upgrade;
  const length = fields.isChunked ? 0 : UNLESS_LENGTH;
  const chunked = context.minor === 1 && fields.isChunked && !isBodiless() ? UNLESS_CHUNKED : 0;
  return upgrade | length | chunked;
}

/** 426 must say what to upgrade to (RFC 9110, 15.5.22). */
function keepsUpgrade({ minor }: ResponseContext): boolean {
  if (fields.upgrade === "" || minor === 0) return false;
  return line.status === SWITCHING_PROTOCOLS || line.status === UPGRADE_REQUIRED;
}

function elements(list: string): string[] {
  return list.split(",").map((element) => element.trim()).filter((element) => element !== "");
}
