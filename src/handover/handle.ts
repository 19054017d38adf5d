import type { Server, Socket } from "node:net";

/** What `node:net` calls a handle, as far as it is needed here; not documented. */
interface Handle {
  /** Only unix sockets have it. */
  fd?: number;
  fdForIpc?(): number;
}

/**
 * A new descriptor for the socket of a server or connection, closed to children. Deno has it for
 * handing sockets to its own child processes.
 *
 * @throws {TypeError} When this Deno does not have it, or the socket is closed.
 */
export function descriptorOf(socket: Server | Socket): number {
  const handle = (socket as unknown as { _handle?: Handle })._handle;
  const fd = typeof handle?.fdForIpc === "function" ? handle.fdForIpc() : -1;
  if (fd < 0) throw new TypeError("Cannot get the descriptor of a socket from this Deno");
  return fd;
}

/**
 * The descriptor of a unix server itself, which must not be closed; null when this Deno does not
 * tell it.
 */
export function ownDescriptorOf(server: Server): number | null {
  const { fd } = (server as unknown as { _handle?: Handle })._handle ?? {};
  return typeof fd === "number" && fd >= 0 ? fd : null;
}
