import { Socket } from "node:net";
import { errno, type Libc, SystemCallError } from "./libc.ts";
import { decodeAddress, type SocketAddress } from "./socket_address.ts";

const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const FD_CLOEXEC = 1;
const O_NONBLOCK = 0o4000;
/** The first descriptor that is none of standard input, output and error. */
const FIRST_FREE = 3;
const ADDRESS_BYTES = 128;
const SOL_SOCKET = 1;
const SO_ACCEPTCONN = 30;
const POLLIN = 1;
const POLL_BYTES = 8;

/** What has to be done with descriptors that are no resources of Deno. */
export interface Descriptors {
  close(fd: number): void;
  /** Another descriptor for the same thing, closed to children. */
  duplicate(fd: number): number;
  /**
   * Keeps a descriptor from children. Only this process's flag changes, never those that all who
   * share the socket see.
   */
  closeOnExec(fd: number): void;
  /**
   * Makes sure that accepting never waits; all who share the socket see it. Whoever accepts sets it,
   * but it must not wait until then: systemd has taken it away for our start, and another process
   * that accepts already would stand still.
   */
  nonBlocking(fd: number): void;
  /** Where a TCP socket is bound to; null for any other descriptor, or when nobody can tell. */
  address(fd: number): SocketAddress | null;
  /** Whether it is a socket that connections can be accepted from; null when nobody can tell. */
  isListening(fd: number): boolean | null;
  /** Whether connections wait on a listening socket; null when nobody can tell. */
  isWaiting(fd: number): boolean | null;
}

/** With foreign functions: everything. @throws {SystemCallError} For what is not open. */
export function foreignDescriptors(libc: Libc): Descriptors {
  return {
    close: (fd) => void libc.close(fd),
    duplicate: (fd) => control(libc, fd, F_DUPFD_CLOEXEC, FIRST_FREE),
    closeOnExec: (fd) => void control(libc, fd, F_SETFD, FD_CLOEXEC),
    nonBlocking: (fd) => void control(libc, fd, F_SETFL, control(libc, fd, F_GETFL) | O_NONBLOCK),
    address: (fd) => addressOfSocket(libc, fd),
    isListening: (fd) => acceptsConnections(libc, fd),
    isWaiting: (fd) => isReadable(libc, fd),
  };
}

/** Without: what `node:net` can do for listening sockets. */
export const plainDescriptors: Descriptors = {
  close: (fd) => void new Socket({ fd }).destroy(),
  duplicate: () => {
    throw new TypeError("Cannot duplicate a descriptor without foreign functions");
  },
  closeOnExec: () => {},
  nonBlocking: () => {},
  address: () => null,
  isListening: () => null,
  isWaiting: () => null,
};

/** Lets children that are started from now on have a descriptor. @throws {SystemCallError} */
export function keepOnExec(libc: Libc, fd: number): void {
  control(libc, fd, F_SETFD, 0);
}

/** Whether children do not get the descriptor. @throws {SystemCallError} When it is not open. */
export function isCloseOnExec(libc: Libc, fd: number): boolean {
  return (control(libc, fd, F_GETFD) & FD_CLOEXEC) !== 0;
}

/** Whether using it never waits. @throws {SystemCallError} When it is not open. */
export function isNonBlocking(libc: Libc, fd: number): boolean {
  return (control(libc, fd, F_GETFL) & O_NONBLOCK) !== 0;
}

function control(libc: Libc, fd: number, command: number, argument = 0): number {
  const result = libc.fcntl(fd, command, argument);
  if (result < 0) throw new SystemCallError("fcntl", errno(libc));
  return result;
}

function addressOfSocket(libc: Libc, fd: number): SocketAddress | null {
  const bytes = new Uint8Array(ADDRESS_BYTES);
  const length = new Uint32Array([ADDRESS_BYTES]);
  if (libc.getsockname(fd, bytes, length) < 0) return null;
  return decodeAddress(bytes.subarray(0, length[0]));
}

function acceptsConnections(libc: Libc, fd: number): boolean {
  const value = new Int32Array(1);
  const length = new Uint32Array([4]);
  return libc.getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, value, length) === 0 && value[0] === 1;
}

function isReadable(libc: Libc, fd: number): boolean {
  const entry = new DataView(new ArrayBuffer(POLL_BYTES));
  entry.setInt32(0, fd, true);
  entry.setInt16(4, POLLIN, true);
  return libc.peek(new Uint8Array(entry.buffer), 1n, 0) > 0;
}
