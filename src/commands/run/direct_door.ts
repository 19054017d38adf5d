import type { Config } from "../../config/config.ts";
import type { HeldSockets, WantedSocket } from "../../handover/held_sockets.ts";
import type { Upgrader } from "../../handover/upgrader.ts";
import { findProgram } from "../../platform/find_program.ts";
import { PublicSockets } from "../../runtime/public_sockets.ts";
import { type Front, noFront } from "./front.ts";
import { socketName } from "./socket_name.ts";

/** The public sockets where no proxy is in front of children. */
export interface DirectDoor {
  /** What children accept from. */
  readonly sockets: PublicSockets;
  /** What the rest of the program takes for a proxy. */
  readonly front: Front;
}

/** What {@linkcode openDirectDoor} has to know. */
export interface DoorOptions {
  /** Processes of a former life that may have the sockets. */
  heirs: readonly number[];
  /** Where programs are, as in `PATH`. */
  path: string | undefined;
}

/**
 * Opens the public sockets for children, or takes them from a service manager, from the liveroll
 * before, or from children of one that was killed.
 *
 * @throws {HoldError} When an address cannot be had.
 * @throws {TypeError} When they cannot be passed to children as is asked for.
 */
export async function openDirectDoor(
  config: Pick<Config, "host" | "ports" | "socketProtocol">,
  upgrader: Pick<Upgrader, "hold">,
  { heirs, path }: DoorOptions,
): Promise<DirectDoor> {
  const held = upgrader.hold(wantedSockets(config), heirs);
  try {
    const bash = await findProgram("bash", path);
    const sockets = new PublicSockets(held, config.socketProtocol, { bash });
    return { sockets, front: directFront(held) };
  } catch (error) {
    held.close();
    throw error;
  }
}

function wantedSockets({ host, ports }: Pick<Config, "host" | "ports">): WantedSocket[] {
  return ports.map(({ listen }) => ({
    name: socketName(listen, ports),
    address: { hostname: host, port: listen },
  }));
}

/** Requests do not come by: they cannot be counted, held or answered here. */
function directFront(held: Pick<HeldSockets, "close">): Front {
  const front = noFront();
  return {
    ...front,
    get counters() {
      return front.counters;
    },
    shutdown(options) {
      held.close();
      return front.shutdown(options);
    },
  };
}
