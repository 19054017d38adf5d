import { isIP } from "node:net";

const AF_INET = 2;
const AF_INET6 = 10;

/** Where a TCP socket listens. */
export interface SocketAddress {
  /** An IP address, or a name where it is what was asked for. */
  hostname: string;
  /** 0 where any is asked for. */
  port: number;
}

/** For messages: `host:port`, an IPv6 address in brackets. */
export function formatAddress({ hostname, port }: SocketAddress): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/**
 * Whether a socket at `bound` is what was asked for. Port 0 asks for any port; a name that is no IP
 * address is not looked up, and any address fits it.
 */
export function isSameAddress(asked: SocketAddress, bound: SocketAddress): boolean {
  if (asked.port !== 0 && asked.port !== bound.port) return false;
  return isIP(asked.hostname) === 0 || canonical(asked.hostname) === canonical(bound.hostname);
}

/** Reads a `sockaddr_in` or `sockaddr_in6`; null for any other kind of socket. */
export function decodeAddress(bytes: Uint8Array): SocketAddress | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) return null;
  const family = view.getUint16(0, true);
  const port = view.getUint16(2, false);
  if (family === AF_INET) return { hostname: bytes.subarray(4, 8).join("."), port };
  if (family !== AF_INET6 || bytes.length < 24) return null;
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(8 + 2 * i, false).toString(16));
  return { hostname: canonical(groups.join(":")), port };
}

/** The 4 or 16 bytes of an IP address; null for anything else. */
export function ipBytes(hostname: string): Uint8Array<ArrayBuffer> | null {
  const version = isIP(hostname);
  if (version === 4) return Uint8Array.from(hostname.split("."), Number);
  // A zone has no place among the bytes.
  if (version === 0 || hostname.includes("%")) return null;
  const [head = [], tail = []] = canonical(hostname).split("::")
    .map((part) => part.split(":").filter(Boolean));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  const groups = [...head, ...zeros, ...tail].map((group) => parseInt(group, 16));
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** The one way to write an IP address: `::1`, not `0:0:0:0:0:0:0:1`. */
function canonical(hostname: string): string {
  return hostname.includes(":") ? new URL(`http://[${hostname}]`).hostname.slice(1, -1) : hostname;
}
