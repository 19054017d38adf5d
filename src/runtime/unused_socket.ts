import type { Log } from "../platform/log.ts";
import type { Instance } from "../roll/instance.ts";

/** What programs say that want to bind an address which somebody has. */
const TAKEN = /EADDRINUSE|address (?:is )?already in use/i;

/**
 * Says what is wrong with an instance that was given the public sockets, ends, and has said that an
 * address is taken: it wanted to open one of them itself.
 */
export async function hintAtUnusedSocket(
  instance: Pick<Instance, "id" | "port" | "exited" | "lastLines">,
  log: Log,
): Promise<void> {
  await instance.exited;
  if (!instance.lastLines().some((line) => TAKEN.test(line))) return;
  const { id, port } = instance;
  log.warn(
    `${id}@${port} wanted to bind an address that is taken: with --engine direct the application ` +
      "accepts from the descriptor that SERVER_STARTER_PORT or LISTEN_FDS tells of, and must not " +
      "bind the public port",
    { event: "socket.unused", id, port },
  );
}
