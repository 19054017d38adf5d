import type { OwnAnswer } from "../error_response.ts";
import type { ByteWriter } from "./byte_writer.ts";
import type { RequestHead } from "./head/heads.ts";
import { httpDate } from "./head/http_date.ts";

/** What a `TRACE` to us must not give away (RFC 9110, 9.3.8). */
const SECRET_FIELD = /^(authorization|cookie|proxy-authorization)[ \t]*:/i;

/** Puts an answer of ours on the wire. @returns Bytes of its content that the client gets. */
export function writeOwnAnswer(answer: OwnAnswer, method: string, out: ByteWriter): number {
  out.ascii(`HTTP/1.1 ${answer.status} ${answer.reason}\r\nDate: ${httpDate(Date.now())}\r\n`);
  for (const [name, value] of answer.headers) out.ascii(`${name}: ${value}\r\n`);
  out.ascii("\r\n");
  if (method === "HEAD") return 0;
  out.copy(answer.body, 0, answer.body.length);
  return answer.body.length;
}

/** The answer to a request that may be forwarded no more (`Max-Forwards: 0`). */
export function finalRecipientAnswer({ method }: RequestHead, head: Uint8Array): OwnAnswer {
  const body = method === "TRACE" ? withoutSecrets(head) : new Uint8Array();
  const headers: [string, string][] = [["Content-Length", String(body.length)]];
  if (method === "TRACE") headers.unshift(["Content-Type", "message/http"]);
  return { status: 200, reason: "OK", headers, body };
}

function withoutSecrets(head: Uint8Array): Uint8Array<ArrayBuffer> {
  const lines = Array.from(head, (byte) => String.fromCharCode(byte)).join("").split("\r\n");
  const kept = lines.filter((line) => !SECRET_FIELD.test(line)).join("\r\n");
  return Uint8Array.from(kept, (char) => char.charCodeAt(0));
}
