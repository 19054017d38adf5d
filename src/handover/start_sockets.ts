import type { Descriptors } from "./descriptor.ts";
import type { InheritedSocket } from "./inherited_sockets.ts";
import type { SocketInfo } from "./messages.ts";
import { formatAddress, isSameAddress, type SocketAddress } from "./socket_address.ts";
import type { SocketOrigin } from "./socket_origin.ts";

/** A socket that the owner has given us. */
export interface HandedSocket extends SocketInfo {
  fd: number;
}

/** What {@linkcode StartSockets} is made of. */
export interface StartSocketsOptions {
  inherited: readonly InheritedSocket[];
  descriptors: Descriptors;
  onWarning: (message: string) => void;
}

/** A socket to begin with, and where it listens. */
export interface StartSocket {
  fd: number;
  address: SocketAddress;
  origin: SocketOrigin;
  /** Whether a `.socket` unit holds it, too. */
  activated: boolean;
}

const ORIGINS: Record<InheritedSocket["from"], SocketOrigin> = {
  LISTEN_FDS: "systemd_socket",
  SERVER_STARTER_PORT: "server_starter",
  FDSTORE: "store",
};

/**
 * The listening sockets that there are before anything is opened, and the rule by which a listener
 * gets one of them: from the service manager (`LISTEN_FDS`, then `SERVER_STARTER_PORT`, then what it
 * has kept for us), then from the owner before us. What is left has to be bound.
 */
export class StartSockets {
  readonly #inherited: InheritedSocket[];
  readonly #handed: HandedSocket[] = [];
  readonly #descriptors: Descriptors;
  readonly #warn: (message: string) => void;
  readonly #claimed = new Set<string>();

  /** @throws {TypeError} When a descriptor that we were promised is not open. */
  constructor({ inherited, descriptors, onWarning }: StartSocketsOptions) {
    this.#descriptors = descriptors;
    this.#warn = onWarning;
    for (const socket of inherited) this.#keepFromChildren(socket);
    this.#inherited = inherited.filter((socket) => this.#isForTcp(socket));
  }

  /** Adds what the owner has given us. */
  add(handed: readonly HandedSocket[]): void {
    this.#handed.push(...handed);
  }

  /**
   * The socket for the listener `name`; it belongs to who asked then.
   *
   * @returns Null when one has to be bound.
   */
  take(name: string, asked: SocketAddress): StartSocket | null {
    this.#claimed.add(name);
    return this.#takeGiven(name, asked) ?? this.#takeKept(name, asked) ??
      this.#takeHanded(name, asked);
  }

  /** Closes what nobody asked for, and says so. Safe to call again. */
  closeRest(): void {
    for (const { fd, name, from } of this.#inherited.splice(0)) {
      this.#warn(`Descriptor ${fd} of ${from} (${name ?? "no name"}) is not used: closed`);
      this.#descriptors.close(fd);
    }
    for (const { fd, name } of this.#handed.splice(0)) {
      if (!this.#claimed.has(name)) {
        this.#warn(`The socket ${name} was handed over and is not used: closed`);
      }
      this.#descriptors.close(fd);
    }
  }

  /** Of several with one name, the one at the right address. */
  #takeGiven(name: string, asked: SocketAddress): StartSocket | null {
    const given = this.#inherited.filter(({ from }) => from !== "FDSTORE");
    const named = given.filter((socket) => socket.name === name);
    const socket = named.find((socket) => isSameAddress(asked, this.#where(socket, asked))) ??
      named[0] ?? given.find((socket) => this.#fits(socket, given.length, asked));
    if (socket === undefined) return null;
    const { address, ...found } = this.#claim(socket, asked);
    if (!isSameAddress(asked, address)) {
      this.#warn(
        `The socket ${name} of ${socket.from} listens on ${formatAddress(address)}, not on ` +
          `${formatAddress(asked)}: the address of the service manager counts`,
      );
    }
    return { ...found, address };
  }

  /** It was us who chose its address: one that is not asked for any more does not count. */
  #takeKept(name: string, asked: SocketAddress): StartSocket | null {
    const kept = this.#inherited.filter((socket) =>
      socket.from === "FDSTORE" && isSameAddress(asked, this.#where(socket, asked))
    );
    const socket = kept.find((socket) => socket.name === name) ??
      kept.find(({ fd }) => asked.port !== 0 && this.#descriptors.address(fd) !== null);
    return socket === undefined ? null : this.#claim(socket, asked);
  }

  #claim(socket: InheritedSocket, asked: SocketAddress): StartSocket {
    this.#inherited.splice(this.#inherited.indexOf(socket), 1);
    const { fd, from } = socket;
    const address = this.#where(socket, asked);
    return { fd, address, origin: ORIGINS[from], activated: from === "LISTEN_FDS" };
  }

  #takeHanded(name: string, asked: SocketAddress): StartSocket | null {
    const socket = this.#handed.find((socket) => socket.name === name);
    if (socket === undefined) return null;
    if (!isMeant(socket, asked)) {
      this.#warn(
        `The socket ${name} that was handed over listens on ${formatAddress(socket)}: ` +
          `${formatAddress(asked)} is opened anew`,
      );
      return null;
    }
    this.#handed.splice(this.#handed.indexOf(socket), 1);
    const { fd, hostname, port, activated = false } = socket;
    return { fd, address: { hostname, port }, origin: "directory", activated };
  }

  /** Whether it is the one at this address; where nobody can tell, the only one there is. */
  #fits(socket: InheritedSocket, among: number, asked: SocketAddress): boolean {
    const bound = this.#descriptors.address(socket.fd);
    if (bound !== null && asked.port !== 0) {
      return isSameAddress(asked, bound) || isEverywhere(asked, bound);
    }
    if (socket.port !== null && asked.port !== 0) return socket.port === asked.port;
    return among === 1 && !isNamed(socket);
  }

  #where(socket: InheritedSocket, asked: SocketAddress): SocketAddress {
    const bound = this.#descriptors.address(socket.fd);
    return bound ?? { hostname: asked.hostname, port: socket.port ?? asked.port };
  }

  /**
   * Variables can be inherited by accident, and the number is that of something else then, without
   * which nothing here works any more: that is not ours to close.
   */
  #isForTcp({ fd, from }: InheritedSocket): boolean {
    const listens = this.#descriptors.isListening(fd);
    if (listens === null || (listens && this.#descriptors.address(fd) !== null)) return true;
    this.#warn(
      `Descriptor ${fd} of ${from} is no TCP socket that listens: it is left alone. Unset the ` +
        "variable if it is not meant for this program",
    );
    return false;
  }

  #keepFromChildren({ fd, from }: InheritedSocket): void {
    try {
      this.#descriptors.closeOnExec(fd);
    } catch (cause) {
      throw new TypeError(`Cannot use ${from}: descriptor ${fd} is not open`, { cause });
    }
  }
}

/** Whether the owner took it for what is asked for now. */
function isMeant(socket: HandedSocket, asked: SocketAddress): boolean {
  const { hostname, port } = socket.asked ?? socket;
  if (hostname === asked.hostname && port === asked.port) return true;
  return isSameAddress(asked, socket) || isEverywhere(asked, socket);
}

/** systemd listens on `::` when only a port is given, which is any IPv4 address, too. */
function isEverywhere(asked: SocketAddress, bound: SocketAddress): boolean {
  return asked.hostname === "0.0.0.0" && bound.hostname === "::" && asked.port === bound.port;
}

/** Whether somebody gave it a name: systemd makes one up from the name of the unit. */
function isNamed({ name }: InheritedSocket): boolean {
  return name !== null && name !== "unknown" && !name.endsWith(".socket");
}
