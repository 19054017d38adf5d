import { type Clock, withDeadline } from "../../platform/clock.ts";
import type { HistoryEntry, RequestStatus, Status } from "../operator.ts";
import type { ControlClient } from "./control_client.ts";
import { ConnectionLostError, NoAnswerError, NotRunningError, RefusedError } from "./errors.ts";
import type { EventFeed } from "./event_feed.ts";

const POLL_MS = 500;
/** How long a liveroll that is gone is waited for; a service manager starts it again in seconds. */
const RETURN_MS = 60_000;
const RECENT_ROLLS = 20;

/** An order that was accepted. */
export interface Accepted {
  readonly request: number;
  /** The liveroll that accepted it: numbers of requests begin anew with every start. */
  readonly life: Pick<Status, "pid" | "startedAt">;
  /** The newest roll before the order; 0: none. */
  readonly lastRoll: number;
  /** What its roll says that it was started by. */
  readonly trigger: HistoryEntry["trigger"];
}

/** How the waiting came to its end. */
export type WaitEnd =
  | { readonly kind: "ended"; readonly request: RequestStatus }
  /** Nobody wanted to wait any more; it goes on. */
  | { readonly kind: "detached" | "timed_out"; readonly request: RequestStatus }
  /** What became of it cannot be told. */
  | { readonly kind: "lost"; readonly request: RequestStatus; readonly detail: string };

/** What happens while one waits; for the looks. */
export interface Onlooker {
  status(status: Status): void;
  /** liveroll cannot be reached; it is tried on. */
  broken(error: Error): void;
}

/** How to wait. */
export interface AwaitOptions {
  clock: Clock;
  timeoutMs: number;
  /** Ends the waiting, not the roll. */
  signal: AbortSignal;
  onlooker: Onlooker;
}

/**
 * Waits until an order has come to its end. The answers to questions count; events only make them
 * come sooner. A liveroll that was started again is asked what became of the roll.
 */
export async function awaitRequest(
  client: ControlClient,
  accepted: Accepted,
  events: EventFeed,
  { clock, timeoutMs, signal, onlooker }: AwaitOptions,
): Promise<WaitEnd> {
  const wait = new Wait(client, accepted, events, clock, onlooker);
  try {
    const end = await withDeadline(clock, timeoutMs, signal, (signal) => wait.run(signal));
    return end === "timed_out" ? { kind: "timed_out", request: wait.last } : end;
  } catch (error) {
    if (signal.aborted) return { kind: "detached", request: wait.last };
    throw error;
  }
}

/** One waiting. */
class Wait {
  readonly #client: ControlClient;
  readonly #accepted: Accepted;
  readonly #events: EventFeed;
  readonly #clock: Clock;
  readonly #onlooker: Onlooker;
  /** What is known. */
  last: RequestStatus;
  #brokenSince: number | null = null;

  constructor(
    client: ControlClient,
    accepted: Accepted,
    events: EventFeed,
    clock: Clock,
    onlooker: Onlooker,
  ) {
    this.#client = client;
    this.#accepted = accepted;
    this.#events = events;
    this.#clock = clock;
    this.#onlooker = onlooker;
    this.last = { request: accepted.request, outcome: null, roll: null, detail: "" };
  }

  async run(signal: AbortSignal): Promise<WaitEnd> {
    for (;;) {
      const end = await this.#look(signal);
      if (end !== null) return end;
      await withDeadline(
        this.#clock,
        POLL_MS,
        signal,
        (signal) => this.#events.bell.rung(signal),
      );
    }
  }

  async #look(signal: AbortSignal): Promise<WaitEnd | null> {
    try {
      const request = await this.#request(signal);
      const status = await this.#client.status({ signal });
      this.#brokenSince = null;
      if (!this.#isSameLife(status)) return await this.#lookAfterRestart(status, signal);
      if (request === null) return this.#lost("liveroll has forgotten the request");
      this.last = request;
      this.#onlooker.status(status);
      if (request.outcome === null) return null;
      await this.#events.settle(request.request, this.#clock, signal);
      return { kind: "ended", request };
    } catch (error) {
      signal.throwIfAborted();
      if (!isBroken(error)) throw error;
      return this.#broken(error);
    }
  }

  /** Null: it is not known there. */
  async #request(signal: AbortSignal): Promise<RequestStatus | null> {
    try {
      return await this.#client.request(this.#accepted.request, { signal });
    } catch (error) {
      if (error instanceof RefusedError && error.problem.status === 404) return null;
      throw error;
    }
  }

  #broken(error: Error): WaitEnd | null {
    const now = this.#clock.now();
    if (this.#brokenSince === null) this.#onlooker.broken(error);
    this.#brokenSince ??= now;
    if (now - this.#brokenSince < RETURN_MS) return null;
    return this.#lost(`liveroll has not come back: ${error.message}`);
  }

  /** The new life knows nothing of the request, but the history is for ever. */
  async #lookAfterRestart(status: Status, signal: AbortSignal): Promise<WaitEnd | null> {
    this.#onlooker.status(status);
    const rolls = await this.#client.history(RECENT_ROLLS, { signal });
    const roll = rolls.find((roll) => this.#isOurs(roll));
    if (roll === undefined) {
      return this.#lost("liveroll was started again before it began to roll for this");
    }
    this.last = { ...this.last, roll: roll.id, outcome: roll.outcome, detail: roll.detail };
    return roll.outcome === null ? null : { kind: "ended", request: this.last };
  }

  #isOurs({ id, trigger }: HistoryEntry): boolean {
    if (this.last.roll !== null) return id === this.last.roll;
    return id > this.#accepted.lastRoll && trigger === this.#accepted.trigger;
  }

  #isSameLife({ pid, startedAt }: Status): boolean {
    const { life } = this.#accepted;
    return pid === life.pid && startedAt === life.startedAt;
  }

  #lost(detail: string): WaitEnd {
    return { kind: "lost", request: this.last, detail };
  }
}

function isBroken(error: unknown): error is Error {
  return error instanceof NotRunningError || error instanceof ConnectionLostError ||
    error instanceof NoAnswerError;
}
