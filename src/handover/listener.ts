import type { Socket } from "node:net";
import type { Descriptors } from "./descriptor.ts";
import { formatAddress, type SocketAddress } from "./socket_address.ts";
import type { SocketOrigin } from "./socket_origin.ts";
import { type Place, SteadyServer } from "./steady_server.ts";

/** Connections that the kernel keeps for us while nobody accepts. */
const BACKLOG = 4096;

/** Where and how a {@linkcode Listener} accepts. */
export interface ListenOptions {
  /** 0: any free port. */
  port: number;
  /** An IP address, or a name that leads to one. @default {"0.0.0.0"} */
  hostname?: string;
  /** Whether connections stay writable after the other side has ended. @default {false} */
  allowHalfOpen?: boolean;
  /** Whether nothing is read from a connection before its `resume()`. @default {false} */
  pauseOnConnect?: boolean;
}

/** Opens, or adopts, a listening socket; the listener is paused. */
export interface ListenerSource {
  name: string;
  /** Where it listens, or is to listen. */
  address: SocketAddress;
  /** What the program was configured to listen on. @default {address} */
  asked?: SocketAddress;
  options: Pick<ListenOptions, "allowHalfOpen" | "pauseOnConnect">;
  descriptors: Descriptors;
}

/** Where a socket comes from, and whether a `.socket` unit holds it, too. */
export interface Ancestry {
  origin: SocketOrigin;
  activated: boolean;
}

/**
 * A listening socket that can stop accepting and go on, here or in another process, with nobody
 * refused meanwhile: connections wait in the kernel's queue, which belongs to the socket.
 *
 * Sockets are adopted by `node:net`, the only one in Deno that takes descriptors; it sets
 * O_NONBLOCK, as every event loop does, and nothing here ever clears that.
 */
export class Listener {
  /** By which a successor asks for it. */
  readonly name: string;
  /** Where its socket comes from. */
  readonly origin: SocketOrigin;
  /** Whether a `.socket` unit holds the socket, too. */
  readonly activated: boolean;
  readonly #source: ListenerSource;
  #address: SocketAddress;
  /** The socket while nobody accepts. */
  #fd: number | null = null;
  #server: SteadyServer | null = null;
  #handle: ((socket: Socket) => void) | null = null;
  #onTrouble: (error: Error) => void = () => {};
  /** Came before there was anybody to handle them. */
  readonly #early: Socket[] = [];
  /** The program does not want anybody now. */
  #isPaused = true;
  /** Another process may accept now, so nobody here must. */
  #isWithheld = false;
  /** One of several connections that were accepted at once is being handed to somebody. */
  #isDelivering = false;
  #closed = false;

  private constructor(source: ListenerSource, { origin, activated }: Ancestry) {
    this.name = source.name;
    this.origin = origin;
    this.activated = activated;
    this.#source = source;
    this.#address = source.address;
  }

  /**
   * Takes a listening socket, which belongs to the listener from now on.
   *
   * @throws {SystemCallError} When it is not open.
   */
  static adopt(source: ListenerSource, fd: number, ancestry: Ancestry): Listener {
    const listener = new Listener(source, ancestry);
    listener.#fd = fd;
    source.descriptors.nonBlocking(fd);
    return listener;
  }

  /** Opens a socket. @throws {Error} When the address cannot be had. */
  static async bind(source: ListenerSource): Promise<Listener> {
    const listener = new Listener(source, { origin: "bound", activated: false });
    const { hostname, port } = source.address;
    try {
      await listener.#listen({ host: hostname, port, backlog: BACKLOG });
    } catch (cause) {
      throw new Error(
        `Cannot listen on ${formatAddress(source.address)} for ${source.name}: ${explain(cause)}`,
        { cause },
      );
    }
    listener.#end();
    return listener;
  }

  /** The IP address it has. */
  get hostname(): string {
    return this.#address.hostname;
  }

  /** The port it has, never 0. */
  get port(): number {
    return this.#address.port;
  }

  /** What the program has asked for: a service manager may have decided otherwise. */
  get asked(): SocketAddress {
    return this.#source.asked ?? this.#source.address;
  }

  /** Whether connections are accepted now. */
  get accepting(): boolean {
    return this.#server !== null && this.#mayAccept;
  }

  /** Whether the socket is given up. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Hands every connection to `handle`, which must not throw; the last one given counts.
   *
   * @param onTrouble Told while nobody can be accepted, several times a second; must not throw.
   * @default Nobody is told.
   */
  serve(handle: (socket: Socket) => void, onTrouble: (error: Error) => void = () => {}): void {
    this.#handle = handle;
    this.#onTrouble = onTrouble;
    for (const socket of this.#early.splice(0)) handle(socket);
  }

  /**
   * Begins to accept, or goes on; while another process may accept, as soon as it may not.
   *
   * @throws {Error} When the descriptor is no listening socket.
   */
  async resume(): Promise<void> {
    this.#isPaused = false;
    await this.#begin();
  }

  /** Accepts nobody from now on; open connections are left alone. */
  pause(): void {
    this.#isPaused = true;
    this.#end();
  }

  /** @ignore Accepts as the program wants it again. @throws {Error} As `resume()`. */
  async grant(): Promise<void> {
    this.#isWithheld = false;
    await this.#begin();
  }

  /** @ignore Accepts nobody, whatever the program wants. @throws {TypeError} When it cannot end. */
  withhold(): void {
    this.#isWithheld = true;
    this.#end();
  }

  /**
   * A new descriptor for the socket, closed to children; whoever asks has to close it.
   *
   * @throws {TypeError} When the listener is closed.
   */
  duplicate(): number {
    if (this.#server !== null) return this.#server.duplicate();
    if (this.#fd !== null) return this.#source.descriptors.duplicate(this.#fd);
    throw new TypeError(`Cannot give away the socket of ${this.name}: it is closed`);
  }

  /** Gives up the socket; open connections are left alone. Safe to call again. */
  close(): void {
    this.#closed = true;
    const server = this.#server;
    this.#server = null;
    if (this.#isDelivering) queueMicrotask(() => server?.close());
    else server?.close();
    if (this.#fd !== null) this.#source.descriptors.close(this.#fd);
    this.#fd = null;
    for (const socket of this.#early.splice(0)) socket.destroy();
  }

  get #mayAccept(): boolean {
    return !this.#isPaused && !this.#isWithheld;
  }

  async #begin(): Promise<void> {
    const fd = this.#fd;
    if (fd === null || !this.#mayAccept) return;
    this.#fd = null;
    try {
      await this.#listen({ fd });
    } catch (cause) {
      this.#fd = fd;
      throw new Error(`Cannot accept connections for ${this.name}: ${explain(cause)}`, { cause });
    }
  }

  #end(): void {
    if (this.#server === null) return;
    if (this.#isDelivering) return queueMicrotask(() => this.#endNow());
    this.#fd = this.#server.release();
    this.#server = null;
  }

  /** Nobody is there any more who could be told that it cannot end: it goes on. */
  #endNow(): void {
    if (this.#mayAccept) return;
    try {
      this.#end();
    } catch (error) {
      this.#onTrouble(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #listen(place: Place): Promise<void> {
    const { options, descriptors } = this.#source;
    const server = new SteadyServer(place, {
      accept: { ...options, noDelay: true, keepAlive: true },
      descriptors,
      onConnection: (socket) => this.#onConnection(socket),
      onTrouble: (error) => this.#onTrouble(error),
    });
    // It accepts from this moment, and has to be there for who ends that.
    this.#server = server;
    try {
      await server.begun;
    } catch (error) {
      if (this.#server === server) this.#server = null;
      throw error;
    }
    if (this.#server === server) this.#address = addressOf(server) ?? this.#address;
  }

  #onConnection(socket: Socket): void {
    if (this.#handle === null) return void this.#early.push(socket);
    // A server that closes now loses those that were accepted with this one.
    this.#isDelivering = true;
    this.#handle(socket);
    this.#isDelivering = false;
  }
}

function addressOf(server: SteadyServer): SocketAddress | null {
  const address = server.address();
  if (address === null || typeof address === "string") return null;
  return { hostname: address.address, port: address.port };
}

function explain(cause: unknown): string {
  const { code, message = String(cause) } = cause as NodeJS.ErrnoException;
  return code === "EADDRINUSE"
    ? `${message}. If a .socket unit holds it, say Sockets= in the service and ` +
      "FileDescriptorName= in the socket"
    : message;
}
