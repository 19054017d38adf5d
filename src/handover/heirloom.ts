import type { Listener } from "./listener.ts";
import type { Descriptors } from "./descriptor.ts";
import type { HeldSocket } from "./held_sockets.ts";
import type { SocketAddress } from "./socket_address.ts";

/** A listening socket that is handed on, whoever accepts from it. */
export type Heirloom = Pick<
  Listener,
  | "name"
  | "origin"
  | "activated"
  | "hostname"
  | "port"
  | "asked"
  | "closed"
  | "withhold"
  | "grant"
  | "duplicate"
  | "close"
>;

/**
 * A held socket as one that is handed on. Nobody accepts from it in this process, so there is
 * nothing to pause; closing it is left to whoever holds it.
 */
export function heldHeirloom(
  socket: HeldSocket,
  asked: SocketAddress,
  descriptors: Descriptors,
): Heirloom {
  return {
    name: socket.name,
    origin: socket.origin,
    activated: socket.activated,
    hostname: socket.address.hostname,
    port: socket.address.port,
    asked,
    closed: false,
    withhold() {},
    grant: () => Promise.resolve(),
    duplicate: () => descriptors.duplicate(socket.fd),
    close() {},
  };
}
