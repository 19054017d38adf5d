import { createHash } from "node:crypto";
import { NotifySocket } from "../handover/notify_socket.ts";

/**
 * The socket of the child that carries `token`, under a name that follows from the token: when
 * liveroll is started again, the child goes on speaking where it did before. The name does not tell
 * the token, as everybody on the machine can list the names of sockets.
 *
 * @throws When it cannot be opened.
 */
export function childSocket(
  token: string,
  options: { ready?: boolean } = {},
): NotifySocket {
  const name = createHash("sha256").update(token).digest("hex").slice(0, 32);
  return new NotifySocket({ name, ...options });
}
