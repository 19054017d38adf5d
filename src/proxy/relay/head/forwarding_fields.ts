import type { ByteWriter } from "../byte_writer.ts";
import { portStart, type Span } from "./authority.ts";
import { isPlainToken, latin1 } from "./characters.ts";
import type { FieldCursor } from "./field_cursor.ts";
import type { RequestContext } from "./heads.ts";
import {
  FORGED_FORWARDING,
  FORWARDED_FOR,
  FORWARDED_HOST,
  FORWARDED_PORT,
  FORWARDED_PROTO,
  REAL_IP,
} from "./request_field_table.ts";

/** What a request says about where it came from, and what we say about it. */
export class ForwardingFields {
  /** `X-Forwarded-For` so far, each address with a comma after it. */
  #forwardedFor = "";
  #saysHost = false;
  #saysProto = false;
  #saysPort = false;
  #saysRealIp = false;

  /** Forgets everything. */
  reset(): void {
    this.#forwardedFor = "";
    this.#saysHost =
      this.#saysProto =
      this.#saysPort =
      this.#saysRealIp =
        false;
  }

  /**
   * Looks at the line that `cursor` stands on.
   *
   * @param field Its id in `REQUEST_FIELDS`.
   * @param trusted Whether the peer may say such things.
   * @returns Whether the line passes as it is.
   */
  take(field: number, bytes: Uint8Array, cursor: FieldCursor, trusted: boolean): boolean {
    if (!trusted || field === FORGED_FORWARDING) return false;
    if (field === FORWARDED_FOR) {
      const { value, valueEnd } = cursor;
      if (valueEnd > value) this.#forwardedFor += latin1(bytes, value, valueEnd) + ", ";
      return false;
    }
    if (field === FORWARDED_HOST) this.#saysHost = true;
    else if (field === FORWARDED_PROTO) this.#saysProto = true;
    else if (field === FORWARDED_PORT) this.#saysPort = true;
    else if (field === REAL_IP) this.#saysRealIp = true;
    return true;
  }

  /** Writes our lines; what passes of a trusted peer's is not repeated. */
  write(bytes: Uint8Array, host: Span, context: RequestContext, out: ByteWriter): void {
    const ip = withoutZone(context.ip);
    const { from, to } = host;
    out.ascii("X-Forwarded-For: ");
    if (this.#forwardedFor !== "") out.ascii(this.#forwardedFor);
    out.ascii(ip);
    if (!this.#saysHost && to > from) {
      out.ascii("\r\nX-Forwarded-Host: ");
      out.copy(bytes, from, to);
    }
    if (!this.#saysProto) {
      out.ascii(
        context.proto === "http" ? "\r\nX-Forwarded-Proto: http" : "\r\nX-Forwarded-Proto: https",
      );
    }
    if (!this.#saysPort) writePort(bytes, host, context, out);
    if (!this.#saysRealIp) {
      out.ascii("\r\nX-Real-Ip: ");
      out.ascii(ip);
    }
    out.ascii("\r\n");
    if (context.forwarded) out.ascii(standard(latin1(bytes, from, to), ip, context));
  }
}

function writePort(
  bytes: Uint8Array,
  { from, to }: Span,
  context: RequestContext,
  out: ByteWriter,
): void {
  out.ascii("\r\nX-Forwarded-Port: ");
  const digits = portStart(bytes, from, to);
  if (digits < to) out.copy(bytes, digits, to);
  else out.ascii(context.proto === "https" ? "443" : "80");
}

/** One more element of the list that `Forwarded` is (RFC 7239, 4), as a line of its own. */
function standard(host: string, ip: string, { proto }: RequestContext): string {
  const node = ip.includes(":") ? `"[${ip}]"` : ip;
  const value = isPlainToken(host) ? host : `"${host}"`;
  return `Forwarded: for=${node};${host === "" ? "" : `host=${value};`}proto=${proto}\r\n`;
}

function withoutZone(ip: string): string {
  const zone = ip.indexOf("%");
  return zone < 0 ? ip : ip.slice(0, zone);
}
