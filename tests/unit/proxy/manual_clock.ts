import type { Clock } from "../../../src/platform/clock.ts";

interface Sleeper {
  at: number;
  wake(): void;
}

/** A clock that only moves when it is told to. */
export class ManualClock implements Clock {
  #now = 0;
  #sleepers = new Set<Sleeper>();
  /** How many have begun to sleep. */
  slept = 0;

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.slept++;
    const sleeper: Sleeper = { at: this.#now + ms, wake: resolve };
    this.#sleepers.add(sleeper);
    signal?.addEventListener("abort", () => {
      this.#sleepers.delete(sleeper);
      reject(signal.reason);
    }, { once: true });
    return promise;
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Moves on, waking the sleepers in order, and lets promises settle. */
  async advance(ms: number): Promise<void> {
    await settled();
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#sleepers].filter(({ at }) => at <= end)
        .sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#now = Math.max(this.#now, due.at);
      this.#sleepers.delete(due);
      due.wake();
      await settled();
    }
    this.#now = end;
  }
}

/** Lets everything that is ready run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
