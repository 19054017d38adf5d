import type { Doorway } from "./http/http_server.ts";

const ONLY_WE = 0o600;

/** What the kernel takes: `sun_path` has 108 bytes, the last one is 0. */
const MAX_PATH_BYTES = 107;

/**
 * Makes room for a unix socket at `path`. The socket of a process that is gone is removed; the
 * caller has to know that it is gone.
 *
 * @throws {Error} When nothing can listen there.
 */
export function clearSocketPath(path: string): void {
  const bytes = new TextEncoder().encode(path).length;
  if (bytes > MAX_PATH_BYTES) {
    throw new Error(`the path has ${bytes} bytes, a socket may have ${MAX_PATH_BYTES}`);
  }
  const info = statOrNull(path);
  if (!info) return;
  if (!info.isSocket) throw new Error("something is there that is not a socket");
  Deno.removeSync(path);
}

/**
 * Listens at `path`, where only our user may connect; before, the directory keeps others out. Deno
 * removes the file when nothing waits for clients any more, whatever is at the path by then.
 *
 * @throws {Error} When nothing can listen there.
 */
export function listenAtPath(path: string): Doorway {
  const listener = Deno.listen({ transport: "unix", path });
  Deno.chmodSync(path, ONLY_WE);
  return listener;
}

function statOrNull(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
