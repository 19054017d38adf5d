import { LastingServer } from "../../platform/lasting_server.ts";
import { AcceptError } from "../operational_error.ts";

/** What {@linkcode listen} needs. */
export interface ListenerOptions {
  hostname: string;
  /** 0 takes any free port. */
  port: number;
  handle: Deno.ServeHandler<Deno.NetAddr>;
  /** Told why it had to listen again; must not throw. */
  onError(error: unknown): void;
}

/**
 * Serves until it is closed, whatever happens to its socket.
 *
 * @throws {Deno.errors.AddrInUse} And the other errors of listening.
 */
export function listen(
  { hostname, port: wanted, handle, onError }: ListenerOptions,
): LastingServer<Deno.NetAddr> {
  return new LastingServer({
    serve: (addr: Deno.NetAddr | null) =>
      Deno.serve({
        hostname,
        port: addr?.port ?? wanted,
        onListen() {},
        // Called when a response body fails on the way: the client's connection is cut then.
        onError: () => new Response(null, { status: 502 }),
      }, handle),
    onTrouble: (cause) => onError(new AcceptError(cause)),
  });
}
