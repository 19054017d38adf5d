import type { SocketProtocol } from "../config/config.ts";
import type { HeldSockets } from "../handover/held_sockets.ts";
import { formatAddress, type SocketAddress } from "../handover/socket_address.ts";
import { become } from "./become.ts";

/** Where the first socket of `LISTEN_FDS` is. */
const FIRST_FD = 3;

/** Who has the sockets. */
type Lender = Pick<HeldSockets, "list" | "lend" | "lendAsInput" | "isHeldBy">;

/** What {@linkcode PublicSockets} may need besides the sockets. */
export interface PassingOptions {
  /** Path of bash, without which several sockets cannot be moved; null: there is none. */
  bash: string | null;
}

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
 * who share them, and an event loop that accepts then stands still. (Standard input that is inherited
 * is left as it is, so one alone may come there.)
 */
export class PublicSockets {
  readonly #held: Lender;
  readonly #protocol: SocketProtocol;
  readonly #isInPlace: boolean;
  readonly #bash: string | null;
  #generation = 0;

  /** @throws {TypeError} When they cannot be passed by this protocol. */
  constructor(held: Lender, protocol: SocketProtocol, { bash }: PassingOptions) {
    this.#held = held;
    this.#protocol = protocol;
    this.#bash = bash;
    this.#isInPlace = held.list.every(({ fd }, index) => fd === FIRST_FD + index);
    const hasToMove = protocol === "systemd" && !this.#isInPlace && held.list.length > 1;
    if (hasToMove && bash === null) {
      throw new TypeError(
        `Cannot pass ${held.list.length} sockets by LISTEN_FDS, which has to have them in a row: ` +
          "install bash, or give one --port, or --socket-protocol server-starter",
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
    if (this.#bash !== null && list.length > 1) {
      const script = `${moving(list.map(({ fd }) => fd))}; ${wrapped}`;
      // -p: no file of the environment is read.
      const command = `exec ${quote(this.#bash)} -p -c ${quote(script)}`;
      return this.#held.lend(() => start({ command, env, input: "null" }));
    }
    const moved = `exec ${FIRST_FD}<&0 </dev/null; ${wrapped}`;
    return this.#held.lendAsInput(() => start({ command: moved, env, input: "inherit" }));
  }
}

/** Moves descriptors to {@linkcode FIRST_FD} and up; by a detour, as the places may overlap. */
function moving(fds: readonly number[]): string {
  const detour = Math.max(FIRST_FD + fds.length, ...fds.map((fd) => fd + 1));
  const away = fds.map((fd, index) => `${detour + index}<&${fd}`);
  const close = fds.map((fd) => `${fd}<&-`);
  const back = fds.map((_, index) => `${FIRST_FD + index}<&${detour + index} ${detour + index}<&-`);
  return `exec ${[...away, ...close, ...back].join(" ")}`;
}

/** As Server::Starter has it: a port alone is one on all addresses of IPv4. */
function spell(address: SocketAddress): string {
  return address.hostname === "0.0.0.0" ? `${address.port}` : formatAddress(address);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
