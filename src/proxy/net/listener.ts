import type { Clock } from "../../platform/clock.ts";
import type { Accepted, Acceptor } from "./stream.ts";
import { AcceptError } from "../operational_error.ts";

/** Before the next try when the system has nothing left; connections that end give it back. */
const PAUSE_MS = 100;

/** While the trouble lasts, it is told this often and no more. */
const REPORT_EVERY_MS = 10_000;

/** What a {@linkcode Listener} needs. */
export interface ListenerOptions {
  acceptor: Acceptor;
  /** Connections at the same time; more wait in the kernel's queue. 0: no limit. */
  maxConnections: number;
  clock: Clock;
  /**
   * Takes a connection; must not throw.
   *
   * @param done To be called when it has ended, whoever ended it; only the first call counts.
   */
  onConnection(accepted: Accepted, done: () => void): void;
  /** Told why nobody could be accepted; must not throw. */
  onError(error: unknown): void;
}

/** Accepts connections until it is closed, whatever happens meanwhile. */
export class Listener {
  readonly hostname: string;
  readonly port: number;
  readonly #options: ListenerOptions;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  #connections = 0;
  #onRoom: (() => void) | null = null;
  #reportedAt = -Infinity;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.hostname = options.acceptor.hostname;
    this.port = options.acceptor.port;
    this.#ended = this.#run();
  }

  /** Connections that were taken and have not ended. */
  get connections(): number {
    return this.#connections;
  }

  /**
   * Stops accepting at once. Resolves when no further connection will be handed over; a second call
   * joins the first. Never rejects.
   */
  close(): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort();
      this.#options.acceptor.close();
      this.#onRoom?.();
    }
    return this.#ended;
  }

  async #run(): Promise<void> {
    for (let goesOn = true; goesOn;) {
      if (this.#isFull()) await this.#room();
      // At the end, who was accepted is served whatever the limit.
      goesOn = await this.#acceptOne();
    }
  }

  #isFull(): boolean {
    const { maxConnections } = this.#options;
    return maxConnections > 0 && this.#connections >= maxConnections;
  }

  async #room(): Promise<void> {
    const { acceptor } = this.#options;
    if (this.#closing.signal.aborted) return;
    acceptor.pause?.();
    await new Promise<void>((resolve) => this.#onRoom = resolve);
    if (!this.#closing.signal.aborted) acceptor.resume?.();
  }

  /** @returns Whether there may be more. */
  async #acceptOne(): Promise<boolean> {
    let accepted: Accepted;
    try {
      accepted = await this.#options.acceptor.accept();
    } catch (error) {
      if (this.#closing.signal.aborted) return false;
      if (isOnlyThisClient(error)) return true;
      this.#report(error);
      await this.#options.clock.sleep(PAUSE_MS, this.#closing.signal).catch(() => {});
      return true;
    }
    this.#handOver(accepted);
    return true;
  }

  #handOver(accepted: Accepted): void {
    let open = true;
    this.#connections++;
    const done = () => {
      if (!open) return;
      open = false;
      this.#connections--;
      this.#onRoom?.();
      this.#onRoom = null;
    };
    this.#options.onConnection(accepted, done);
  }

  #report(cause: unknown): void {
    const now = this.#options.clock.now();
    if (now - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = now;
    this.#options.onError(new AcceptError(cause));
  }
}

/** A client that reset its connection while it waited in the queue: the next one may be fine. */
function isOnlyThisClient(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}
