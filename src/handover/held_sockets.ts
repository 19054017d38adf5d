import { isCloseOnExec, keepOnExec } from "./descriptor.ts";
import { ERRNO, errno, type Libc, SystemCallError } from "./libc.ts";
import { openListeningSocket } from "./listening_socket.ts";
import type { Means } from "./means.ts";
import { formatAddress, type SocketAddress } from "./socket_address.ts";
import type { SocketOrigin } from "./socket_origin.ts";
import type { StartSockets } from "./start_sockets.ts";
import { filesOf, takeListeningSocket } from "./taken_socket.ts";

const STANDARD_INPUT = 0;

/** A socket that is asked for. */
export interface WantedSocket {
  /** By which a service manager calls it. */
  readonly name: string;
  /** Its host is an IP address. */
  readonly address: SocketAddress;
}

/** A socket that is held. */
export interface HeldSocket extends WantedSocket {
  readonly fd: number;
  readonly origin: SocketOrigin;
  /** Whether a `.socket` unit holds it, too. */
  readonly activated: boolean;
}

/** What {@linkcode HeldSockets.open} has to work with. */
export interface HoldOptions {
  /** Those that there are already. */
  readonly start: StartSockets;
  readonly means: Pick<Means, "mode" | "libc" | "descriptors">;
  /**
   * Processes of ours that may still have the sockets from a former life, which a taken address is
   * theirs by. @default None.
   */
  readonly heirs?: readonly number[];
}

/** An address cannot be listened on. */
export class HoldError extends Error {
  override readonly name = "HoldError";
}

/**
 * Listening sockets for children: they are held open here, and nobody here ever accepts from them.
 * So nobody is refused while no child lives; connections wait in the queues of the kernel.
 *
 * No flag that others see is changed. Among all children of this process only those that are
 * started by {@linkcode HeldSockets.lend} get them: it is synchronous, so nobody else can be started
 * in between. (Without foreign functions they were inherited, and every child gets them.)
 */
export class HeldSockets {
  readonly list: readonly HeldSocket[];
  readonly #means: HoldOptions["means"];
  #closed = false;

  private constructor(list: readonly HeldSocket[], means: HoldOptions["means"]) {
    this.list = list;
    this.#means = means;
  }

  /**
   * Takes what there is for these addresses, and opens the rest.
   *
   * @throws {HoldError} When one cannot be had; none is open then.
   */
  static open(wanted: readonly WantedSocket[], options: HoldOptions): HeldSockets {
    const list: HeldSocket[] = [];
    try {
      for (const one of wanted) list.push(hold(one, options));
    } catch (error) {
      for (const { fd } of list) options.means.descriptors.close(fd);
      throw error;
    }
    return new HeldSockets(list, options.means);
  }

  /** Children that `start` starts have the sockets, under the numbers that they have here. */
  lend<T>(start: () => T): T {
    const { libc } = this.#means;
    if (libc === null) return start();
    const closed = this.list.filter(({ fd }) => isCloseOnExec(libc, fd));
    try {
      for (const { fd } of closed) keepOnExec(libc, fd);
      return start();
    } finally {
      for (const { fd } of closed) this.#means.descriptors.closeOnExec(fd);
    }
  }

  /**
   * Children that `start` starts, and that inherit standard input, have the first of the sockets
   * there.
   *
   * @throws {TypeError} Without foreign functions.
   */
  lendAsInput<T>(start: () => T): T {
    const { libc, descriptors } = this.#means;
    const [first] = this.list;
    if (libc === null || first === undefined) {
      throw new TypeError("Cannot lend a socket as standard input without foreign functions");
    }
    const own = descriptors.duplicate(STANDARD_INPUT);
    try {
      moveTo(libc, first.fd, STANDARD_INPUT);
      return start();
    } finally {
      moveTo(libc, own, STANDARD_INPUT);
      descriptors.close(own);
    }
  }

  /** Whether a process has all of them, under any number; null when nobody may know. */
  isHeldBy(pid: number): boolean | null {
    const files = filesOf(pid);
    if (files === null) return null;
    const theirs = new Set(files.values());
    return this.list.every(({ fd }) => theirs.has(Deno.readLinkSync(`/proc/self/fd/${fd}`)));
  }

  /** Holds them no more. Safe to call again. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { fd } of this.list) this.#means.descriptors.close(fd);
  }
}

function hold({ name, address }: WantedSocket, options: HoldOptions): HeldSocket {
  const { libc, mode, descriptors } = options.means;
  const given = options.start.take(name, address);
  if (given !== null) return { name, ...given };
  const where = formatAddress(address);
  if (libc === null) {
    const why = mode.name === "full" ? "" : `: ${mode.why}`;
    throw new HoldError(
      `Cannot open ${where} for children${why}. Give liveroll --allow-ffi, or start it by a ` +
        ".socket unit that has the address",
    );
  }
  try {
    const fd = openListeningSocket(libc, address);
    const bound = descriptors.address(fd) ?? address;
    return { name, address: bound, fd, origin: "bound", activated: false };
  } catch (cause) {
    const fd = inherit(address, cause, options);
    if (fd !== null) return { name, address, fd, origin: "children", activated: false };
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HoldError(`Cannot listen on ${where}: ${why}`, { cause });
  }
}

/** Who was killed has left its sockets to its children. */
function inherit(
  address: SocketAddress,
  cause: unknown,
  { means: { libc, descriptors }, heirs = [] }: HoldOptions,
): number | null {
  const isTaken = cause instanceof SystemCallError && cause.errno === ERRNO.EADDRINUSE;
  if (!isTaken || libc === null) return null;
  for (const pid of heirs) {
    const fd = takeListeningSocket(pid, address, { libc, descriptors });
    if (fd !== null) return fd;
  }
  return null;
}

function moveTo(libc: Libc, from: number, to: number): void {
  if (libc.dup2(from, to) < 0) throw new SystemCallError("dup2", errno(libc));
}
