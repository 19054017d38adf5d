import type { Clock } from "../platform/clock.ts";

/** How a wait ended. */
export type HoldOutcome<T> =
  | { kind: "ready"; value: T }
  | { kind: "full" | "timed_out" | "client_gone" | "closed" | "refused" };

/** Limits of a {@linkcode Hold}. */
export interface HoldOptions {
  /** Requests that may wait at the same time. */
  limit: number;
  clock: Clock;
}

interface Waiter {
  /** Takes the value if there is one; the waiter has then left the queue. */
  tryNow(): boolean;
  end(kind: "timed_out" | "client_gone" | "closed" | "refused"): void;
}

/** A bounded queue for requests while no backend may serve. First come, first served. */
export class Hold<T> {
  #waiters = new Set<Waiter>();
  #limit: number;
  #clock: Clock;
  #closed = false;

  constructor({ limit, clock }: HoldOptions) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** How many requests wait now. */
  get size(): number {
    return this.#waiters.size;
  }

  /**
   * Waits until `select` returns something. It is asked at once, and again on every
   * {@linkcode poolChanged}, but never after the wait has ended: a client that is gone cannot reach
   * a backend.
   *
   * @param timeoutMs How long to wait at most.
   * @param signal Aborts when the client is gone.
   */
  wait(select: () => T | null, timeoutMs: number, signal: AbortSignal): Promise<HoldOutcome<T>> {
    if (signal.aborted) return Promise.resolve({ kind: "client_gone" });
    const value = select();
    if (value !== null) return Promise.resolve({ kind: "ready", value });
    if (this.#closed) return Promise.resolve({ kind: "closed" });
    if (this.#waiters.size >= this.#limit) return Promise.resolve({ kind: "full" });
    return this.#enqueue(select, timeoutMs, signal);
  }

  /** Asks every waiter again, the oldest first. */
  poolChanged(): void {
    for (const waiter of [...this.#waiters]) {
      if (this.#waiters.has(waiter)) waiter.tryNow();
    }
  }

  /** Ends all waits; later ones are as before. */
  refuseAll(): void {
    for (const waiter of [...this.#waiters]) waiter.end("refused");
  }

  /** Ends all waits; later ones end at once unless a backend serves. */
  close(): void {
    this.#closed = true;
    for (const waiter of [...this.#waiters]) waiter.end("closed");
  }

  #enqueue(
    select: () => T | null,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<HoldOutcome<T>> {
    const { promise, resolve } = Promise.withResolvers<HoldOutcome<T>>();
    const timer = new AbortController();
    const settle = (outcome: HoldOutcome<T>) => {
      if (!this.#waiters.delete(waiter)) return;
      timer.abort();
      signal.removeEventListener("abort", onGone);
      resolve(outcome);
    };
    const waiter: Waiter = {
      tryNow: () => {
        const value = select();
        if (value !== null) settle({ kind: "ready", value });
        return value !== null;
      },
      end: (kind) => settle({ kind }),
    };
    const onGone = () => waiter.end("client_gone");
    this.#waiters.add(waiter);
    signal.addEventListener("abort", onGone, { once: true });
    this.#clock.sleep(Math.max(0, timeoutMs), timer.signal)
      .then(() => waiter.end("timed_out"), () => {});
    return promise;
  }
}
