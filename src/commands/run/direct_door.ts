import type { Config } from "../../config/config.ts";
import type { HeldSockets, WantedSocket } from "../../handover/held_sockets.ts";
import type { Upgrader } from "../../handover/upgrader.ts";
import { PublicSockets } from "../../runtime/public_sockets.ts";
import { type Front, noFront } from "./front.ts";

/** The public sockets where no proxy is in front of children. */
export interface DirectDoor {
  /** What children accept from. */
  readonly sockets: PublicSockets;
  /** What the rest of the program takes for a proxy. */
  readonly front: Front;
}

/**
 * Opens the public sockets for children, or takes them from a service manager, from the liveroll
 * before, or from children of one that was killed.
 *
 * @param heirs The ids of such children.
 * @throws {HoldError} When an address cannot be had.
 * @throws {TypeError} When they cannot be passed to children as is asked for.
 */
export function openDirectDoor(
  config: Pick<Config, "host" | "ports" | "socketProtocol">,
  upgrader: Pick<Upgrader, "hold">,
  heirs: readonly number[],
): DirectDoor {
  const held = upgrader.hold(wantedSockets(config), heirs);
  try {
    return { sockets: new PublicSockets(held, config.socketProtocol), front: directFront(held) };
  } catch (error) {
    held.close();
    throw error;
  }
}

/** The first has the name that a service manager gives to the only one. */
function wantedSockets({ host, ports }: Pick<Config, "host" | "ports">): WantedSocket[] {
  return ports.map(({ listen }, index) => ({
    name: index === 0 ? "http" : `port-${listen}`,
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
