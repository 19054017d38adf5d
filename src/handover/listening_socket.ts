import { errno, type Libc, SystemCallError } from "./libc.ts";
import { ipBytes, type SocketAddress } from "./socket_address.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM_CLOEXEC = 1 | 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
/** Connections that the kernel keeps while nobody accepts; `net.core.somaxconn` may allow less. */
const BACKLOG = 4096;

/**
 * Opens a listening socket that nobody accepts from yet. It is closed to children, and blocking, as
 * those of systemd are: who accepts sets what it needs.
 *
 * @param address An IP address and a port.
 * @throws {SystemCallError} When the address cannot be had.
 * @throws {TypeError} When the host is no IP address.
 */
export function openListeningSocket(libc: Libc, address: SocketAddress): number {
  const place = encodeAddress(address);
  const isSix = place.length > 16;
  const fd = libc.socket(isSix ? AF_INET6 : AF_INET, SOCK_STREAM_CLOEXEC, 0);
  if (fd < 0) throw new SystemCallError("socket", errno(libc));
  try {
    setOption(libc, fd, SOL_SOCKET, SO_REUSEADDR, 1);
    // `::` is for IPv4, too, whatever the machine has as its default.
    if (isSix) setOption(libc, fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (libc.bind(fd, place, place.length) < 0) throw new SystemCallError("bind", errno(libc));
    if (libc.listen(fd, BACKLOG) < 0) throw new SystemCallError("listen", errno(libc));
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

function setOption(libc: Libc, fd: number, level: number, name: number, value: number): void {
  if (libc.setsockopt(fd, level, name, new Int32Array([value]), 4) < 0) {
    throw new SystemCallError("setsockopt", errno(libc));
  }
}

/** A `sockaddr_in` or `sockaddr_in6`. */
function encodeAddress({ hostname, port }: SocketAddress): Uint8Array<ArrayBuffer> {
  const ip = ipBytes(hostname);
  if (ip === null) throw new TypeError(`Cannot listen on ${hostname}: it is no IP address`);
  const bytes = new Uint8Array(ip.length === 4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, ip.length === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  bytes.set(ip, ip.length === 4 ? 4 : 8);
  return bytes;
}
