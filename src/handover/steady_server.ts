import { createServer, type Server, type ServerOpts, type Socket } from "node:net";
import type { Descriptors } from "./descriptor.ts";
import { descriptorOf, ownDescriptorOf } from "./handle.ts";
import { StallWatch } from "./stall_watch.ts";

/** Deno does not tell what failed; in practice it is this. */
const STALLED = "connections wait and none is accepted: too many open files (LimitNOFILE=)";

/** Where a {@linkcode SteadyServer} listens: on a socket that there is, or on one that it opens. */
export type Place = { fd: number } | { path: string } | {
  host: string;
  port: number;
  backlog: number;
};

/** What a {@linkcode SteadyServer} needs. */
export interface SteadyServerOptions {
  accept?: ServerOpts;
  descriptors: Pick<Descriptors, "close" | "isWaiting">;
  onConnection(socket: Socket): void;
  /** Told while nobody can be accepted, several times a second; must not throw. */
  onTrouble(error: Error): void;
}

/**
 * A server of `node:net` that accepts again after the process has run out of file descriptors: the
 * socket gets a new server then.
 */
export class SteadyServer {
  readonly #options: SteadyServerOptions;
  readonly #watch: StallWatch;
  /** Null: the socket cannot be listened on for now. */
  #server: Server | null;
  /**
   * One more descriptor for the socket, had in advance: there may be none left when it is needed.
   * Null: there was none left.
   */
  #spare: number | null = null;

  /**
   * Resolves when it listens, or is closed before.
   *
   * @throws {Error} When the place cannot be had; a descriptor stays the caller's then.
   */
  readonly begun: Promise<void>;

  /** Begins to listen; on a socket that there is, it accepts from this moment. */
  constructor(place: Place, options: SteadyServerOptions) {
    this.#options = options;
    const server = this.#server = this.#newServer();
    this.begun = this.#listening(server, place);
    this.#keepSpare();
    this.#watch = new StallWatch({
      isWaiting: () => this.#isWaiting(),
      onStall: (isCertain) => this.#acceptAgain(isCertain),
    });
  }

  /** See `Server.address` of `node:net`. */
  address(): ReturnType<Server["address"]> {
    return this.#server?.address() ?? null;
  }

  /** See {@linkcode ownDescriptorOf}; one that is listened on again is closed to children. */
  get ownDescriptor(): number | null {
    return this.#server && ownDescriptorOf(this.#server);
  }

  /**
   * A new descriptor for the socket, closed to children; whoever asks has to close it.
   *
   * @throws {TypeError} When there is none left.
   */
  duplicate(): number {
    if (this.#server !== null) return descriptorOf(this.#server);
    throw new TypeError("Cannot duplicate a socket that cannot be listened on");
  }

  /**
   * Accepts nobody from now on; open connections are left alone.
   *
   * @returns A descriptor for the socket; whoever asks has to close it.
   * @throws {TypeError} When there is none left; it goes on then.
   */
  release(): number {
    // Closing the server closes its descriptor, so there has to be another one.
    const fd = this.#spare ?? this.duplicate();
    this.#spare = null;
    this.close();
    return fd;
  }

  /** Gives up the socket; open connections are left alone. Safe to call again. */
  close(): void {
    this.#watch[Symbol.dispose]();
    this.#server?.close();
    this.#server = null;
    if (this.#spare !== null) this.#options.descriptors.close(this.#spare);
    this.#spare = null;
  }

  #isWaiting(): boolean | null {
    this.#keepSpare();
    return this.#spare === null ? false : this.#options.descriptors.isWaiting(this.#spare);
  }

  #keepSpare(): void {
    if (this.#spare !== null || this.#server === null) return;
    try {
      this.#spare = descriptorOf(this.#server);
    } catch {
      // There is none left; the next look tries again.
    }
  }

  /**
   * Only a new server tries to accept again; all in one step, so that nobody sees the socket without
   * one. What that one cannot have either is for the next look.
   */
  #acceptAgain(isCertain: boolean): void {
    if (isCertain) this.#options.onTrouble(new Error(STALLED));
    const fd = this.#spare;
    if (fd === null) return;
    this.#server?.close();
    const server = this.#newServer();
    server.on("error", (error) => this.#options.onTrouble(error));
    server.listen({ fd });
    this.#server = server.listening ? server : null;
    this.#spare = server.listening ? null : fd;
    this.#keepSpare();
  }

  #newServer(): Server {
    const { accept = {}, onConnection } = this.#options;
    return createServer(accept).on("connection", (socket) => {
      this.#watch.accepted();
      onConnection(socket);
    });
  }

  async #listening(server: Server, place: Place): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject);
    // Whoever is closed before never says that it listens.
    server.once("close", resolve);
    server.listen(place, resolve);
    try {
      await promise;
      this.#keepSpare();
    } catch (error) {
      this.close();
      throw error;
    } finally {
      server.off("error", reject);
      server.off("close", resolve);
    }
  }
}
