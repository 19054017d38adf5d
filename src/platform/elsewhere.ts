import { sweepEscapees } from "./escapees.ts";
import { listeningInodes } from "./listeners.ts";
import { pause, poll } from "./poll.ts";
import type {
  ProcessBody,
  ProcessExit,
  TerminateOptions,
  TerminateOutcome,
} from "./process_body.ts";

const LOOK_EVERY_MS = 1_000;
const SWEEP_GRACE_MS = 1_000;
const UNKNOWN_EXIT: ProcessExit = { code: -1, signal: null };

/** Where something may listen. */
export interface ListeningPlace {
  host: string;
  port: number;
}

/**
 * What may run where its processes are not to be seen from here: in a container, in another unit.
 * It counts as running as long as its port is held. No signal reaches it; a command may.
 */
export class Elsewhere implements ProcessBody {
  /** That of no process. */
  readonly pid = 0;
  readonly exited: Promise<ProcessExit>;
  readonly stdout = null;
  readonly stderr = null;

  readonly #place: ListeningPlace;
  readonly #token: string;
  readonly #released = new AbortController();
  readonly #reportExit: (exit: ProcessExit) => void;
  #exit: ProcessExit | null = null;

  /** Looks whether it runs, and goes on looking until it does not. */
  static async find(place: ListeningPlace, token: string): Promise<Elsewhere> {
    const elsewhere = new Elsewhere(place, token);
    await elsewhere.isGone();
    elsewhere.#watch();
    return elsewhere;
  }

  private constructor(place: ListeningPlace, token: string) {
    this.#place = place;
    this.#token = token;
    const { promise, resolve } = Promise.withResolvers<ProcessExit>();
    this.exited = promise;
    this.#reportExit = resolve;
  }

  get exit(): ProcessExit | null {
    return this.#exit;
  }

  signalGroup(): void {}

  async isGone(): Promise<boolean> {
    if (this.#exit !== null) return true;
    const { host, port } = this.#place;
    // Looking leaves the port alone: binding it could get in the way of a restart over there.
    if ((await listeningInodes(port, host)).size > 0) return false;
    this.#exit = UNKNOWN_EXIT;
    this.#reportExit(UNKNOWN_EXIT);
    this.release();
    return true;
  }

  includes(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** Waits if a command has asked it to end, and ends what that command may have left. */
  async terminate(
    { signal, timeoutMs, force }: TerminateOptions,
  ): Promise<TerminateOutcome> {
    const wasGone = await this.isGone();
    const waitMs = signal === null ? timeoutMs : 0;
    const isGone = await poll(() => this.isGone(), { timeoutMs: waitMs, signal: force });
    const swept = await sweepEscapees(this.#token, { graceMs: SWEEP_GRACE_MS, force });
    if (!isGone || swept === "survived") return "survived";
    return wasGone ? "already_gone" : "stopped";
  }

  release(): void {
    this.#released.abort();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#released;
    while (!signal.aborted && !await this.isGone()) await pause(LOOK_EVERY_MS, signal);
  }
}
