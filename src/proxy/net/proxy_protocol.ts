import { parseIp } from "../../platform/cidr.ts";
import { ipText } from "./address.ts";

/** Longest line of version 1, its CRLF included. */
const V1_MAX_BYTES = 107;

/** Where the line's own content begins. */
const V1_START = latin1("PROXY ");

/** Twelve bytes that no other protocol begins with. */
const V2_SIGNATURE = latin1("\r\n\r\n\0\r\nQUIT\n");

const V2_HEAD_BYTES = 16;

/** Addresses and all extensions; a kilobyte is much already. */
const V2_MAX_BYTES = 4096;

/** Bytes of source address, destination address and both ports by address family. */
const V2_ADDRESS_BYTES = { none: 0, ipv4: 12, ipv6: 36, unix: 216 } as const;

const V2_FAMILIES = ["none", "ipv4", "ipv6", "unix"] as const;

const V2_STREAM = 1;

const CR = 13;
const LF = 10;

/** Who a connection comes from. */
export interface ProxySource {
  readonly ip: string;
  readonly port: number;
}

/** What the beginning of a connection says. */
export type ProxyHeader =
  | { kind: "incomplete" }
  /** `source` is null where the proxy speaks for itself, or names no address. */
  | { kind: "header"; end: number; source: ProxySource | null }
  | { kind: "bad"; detail: string };

/**
 * Reads the header of the PROXY protocol, version 1 or 2, in `bytes` from `start` to `end`.
 *
 * @returns `incomplete` when more bytes are needed; what cannot become a header is `bad` at once.
 */
export function readProxyHeader(bytes: Uint8Array, start: number, end: number): ProxyHeader {
  if (end === start) return { kind: "incomplete" };
  if (begins(bytes, start, end, V2_SIGNATURE)) return readV2(bytes, start, end);
  if (begins(bytes, start, end, V1_START)) return readV1(bytes, start, end);
  return bad("the connection does not begin with a PROXY protocol header");
}

/** Whether there is nothing that differs from `expected`, as far as it goes. */
function begins(bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  const length = Math.min(end - start, expected.length);
  for (let i = 0; i < length; i++) if (bytes[start + i] !== expected[i]) return false;
  return true;
}

function readV1(bytes: Uint8Array, start: number, end: number): ProxyHeader {
  const last = Math.min(end, start + V1_MAX_BYTES);
  for (let at = start; at < last; at++) {
    if (bytes[at] === LF) return bad("a line feed without a carriage return");
    if (bytes[at] !== CR) continue;
    if (at + 1 === start + V1_MAX_BYTES) break;
    if (at + 1 === end) return { kind: "incomplete" };
    if (bytes[at + 1] !== LF) return bad("a carriage return without a line feed");
    return readLine(String.fromCharCode(...bytes.subarray(start, at)), at + 2);
  }
  if (end - start < V1_MAX_BYTES) return { kind: "incomplete" };
  return bad(`the line is longer than ${V1_MAX_BYTES} bytes`);
}

function readLine(line: string, end: number): ProxyHeader {
  const words = line.split(" ");
  if (words[1] === "UNKNOWN") return { kind: "header", end, source: null };
  const [, family = "", source = "", target = "", sourcePort = "", targetPort = ""] = words;
  const length = family === "TCP4" ? 4 : family === "TCP6" ? 16 : 0;
  if (length === 0) return bad("the protocol is neither TCP4, TCP6 nor UNKNOWN");
  const address = parseIp(source);
  if (words.length !== 6 || address?.length !== length || parseIp(target)?.length !== length) {
    return bad(`there are not two ${family} addresses`);
  }
  const port = readPort(sourcePort);
  if (port === null || readPort(targetPort) === null) return bad("there are not two ports");
  return { kind: "header", end, source: { ip: ipText(address), port } };
}

function readPort(text: string): number | null {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535 ? Number(text) : null;
}

function readV2(bytes: Uint8Array, start: number, end: number): ProxyHeader {
  if (end - start < V2_HEAD_BYTES) return { kind: "incomplete" };
  const [versionAndCommand = 0, familyAndTransport = 0, high = 0, low = 0] = bytes.subarray(
    start + V2_SIGNATURE.length,
    start + V2_HEAD_BYTES,
  );
  const command = versionAndCommand & 15;
  if (versionAndCommand >> 4 !== 2) return bad("the version is neither 1 nor 2");
  if (command > 1) return bad("the command is neither LOCAL nor PROXY");
  const length = high << 8 | low;
  if (length > V2_MAX_BYTES) return bad(`the header is longer than ${V2_MAX_BYTES} bytes`);
  const family = V2_FAMILIES[familyAndTransport >> 4];
  const transport = familyAndTransport & 15;
  if (family === undefined || transport > 2) return bad("the address family is unknown");
  const isLocal = command === 0;
  if (!isLocal && length < V2_ADDRESS_BYTES[family]) return bad("the addresses are too short");
  const at = start + V2_HEAD_BYTES;
  if (at + length > end) return { kind: "incomplete" };
  const hasSource = !isLocal && transport === V2_STREAM && (family === "ipv4" || family === "ipv6");
  const source = hasSource ? readSource(bytes, at, family === "ipv4" ? 4 : 16) : null;
  return { kind: "header", end: at + length, source };
}

/** Source and destination address come first, then their ports; extensions follow. */
function readSource(bytes: Uint8Array, at: number, length: number): ProxySource {
  const [high = 0, low = 0] = bytes.subarray(at + 2 * length);
  return { ip: ipText(bytes.subarray(at, at + length)), port: high << 8 | low };
}

function bad(detail: string): ProxyHeader {
  return { kind: "bad", detail: `Cannot read the PROXY header: ${detail}` };
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
