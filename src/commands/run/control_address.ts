import { denoErrorText } from "../../control/listen_error.ts";
import { listenersOn } from "../../platform/listeners.ts";
import { processName } from "../../platform/proc.ts";

/** Nobody can be let in where it was asked for. Nothing was started yet. */
export class ControlListenError extends Error {
  override readonly name = "ControlListenError";
}

/**
 * Makes sure that the control API can be had by TCP. Asked before anything is begun, and before
 * anybody stops serving for us: later, there would be no way back.
 *
 * @param listen Null: it is not wanted there.
 * @param predecessor The process that this one takes the place of; what it has, it lets go of.
 * @throws {ControlListenError} When the address cannot be listened on; the message says why.
 */
export async function assertControlAddress(
  listen: { readonly host: string; readonly port: number } | null,
  predecessor: number | null = null,
): Promise<void> {
  if (listen === null) return;
  const { port } = listen;
  const hostname = listen.host.replace(/^\[(.*)\]$/, "$1");
  try {
    Deno.listen({ hostname, port }).close();
  } catch (cause) {
    const holders = cause instanceof Deno.errors.AddrInUse ? await listenersOn(hostname, port) : [];
    if (predecessor !== null && holders.length > 0 && holders.every((p) => p === predecessor)) {
      return;
    }
    const at = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
    const message = `Cannot listen on ${at}: ${denoErrorText(cause)}${await named(holders)}`;
    throw new ControlListenError(message, { cause });
  }
}

async function named(holders: readonly number[]): Promise<string> {
  const names = await Promise.all(
    holders.map(async (pid) => `${await processName(pid)} (pid ${pid})`),
  );
  return names.length === 0 ? "" : `, by ${names.join(" and ")}`;
}
