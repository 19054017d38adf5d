import type { SocketProtocol } from "../config/config.ts";
import type { HeldSockets } from "../handover/held_sockets.ts";
import { formatAddress, type SocketAddress } from "../handover/socket_address.ts";
import { become } from "./become.ts";

/** Where the first socket of `LISTEN_FDS` is. */
const FIRST_FD = 3;

/** Who has the sockets. */
type Lender = Pick<HeldSockets, "list" | "lend" | "lendAsInput" | "isHeldBy">;

/** How a child is started so that it has the public sockets. */
export interface Passed {
  /** What the shell runs. */
  readonly command: string;
  /** Tells the child of them. */
  readonly env: Readonly<Record<string, string>>;
  /** What standard input has to be. */
  readonly input: "null" | "inherit";
}

/**
 * The public sockets, for children that accept from them themselves.
 *
 * They never pass through the descriptors that `spawn` sets up: that would clear O_NONBLOCK for all
 * who share them, and an event loop that accepts then stands still.
 */
export class PublicSockets {
  readonly #held: Lender;
  readonly #protocol: SocketProtocol;
  readonly #isInPlace: boolean;
  #generation = 0;

  /** @throws {TypeError} When they cannot be passed by this protocol. */
  constructor(held: Lender, protocol: SocketProtocol) {
    this.#held = held;
    this.#protocol = protocol;
    this.#isInPlace = held.list.every(({ fd }, index) => fd === FIRST_FD + index);
    if (protocol === "systemd" && !this.#isInPlace && held.list.length > 1) {
      throw new TypeError(
        `Cannot pass ${held.list.length} sockets by LISTEN_FDS, which has to have them in a row: ` +
          "give one --port, or --socket-protocol server-starter, or start liveroll by a .socket unit",
      );
    }
  }

  /** Starts a child with them, in this very step. */
  spawn<T>(command: string, start: (how: Passed) => T): T {
    return this.#protocol === "systemd"
      ? this.#bySystemd(command, start)
      : this.#byServerStarter(command, start);
  }

  /** See {@linkcode HeldSockets.isHeldBy}. */
  isHeldBy(pid: number): boolean | null {
    return this.#held.isHeldBy(pid);
  }

  #byServerStarter<T>(command: string, start: (how: Passed) => T): T {
    const places = this.#held.list.map(({ address, fd }) => `${spell(address)}=${fd}`);
    const env = {
      SERVER_STARTER_PORT: places.join(";"),
      SERVER_STARTER_GENERATION: `${++this.#generation}`,
    };
    return this.#held.lend(() => start({ command, env, input: "null" }));
  }

  /** `LISTEN_PID` has to be the process that accepts: the shell says its own, and becomes it. */
  #bySystemd<T>(command: string, start: (how: Passed) => T): T {
    const { list } = this.#held;
    const env = {
      LISTEN_FDS: `${list.length}`,
      LISTEN_FDNAMES: list.map(({ name }) => name).join(":"),
    };
    const wrapped = `LISTEN_PID=$$ exec sh -c ${quote(become(command))}`;
    if (this.#isInPlace) {
      return this.#held.lend(() => start({ command: wrapped, env, input: "null" }));
    }
    // A plain shell can only name descriptors of one digit; ours may have any number.
    const moved = `exec ${FIRST_FD}<&0 </dev/null; ${wrapped}`;
    return this.#held.lendAsInput(() => start({ command: moved, env, input: "inherit" }));
  }
}

/** As Server::Starter has it: a port alone is one on all addresses of IPv4. */
function spell(address: SocketAddress): string {
  return address.hostname === "0.0.0.0" ? `${address.port}` : formatAddress(address);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
