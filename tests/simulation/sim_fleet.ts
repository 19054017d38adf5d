import { MemoryStore } from "../../src/cache/memory_store.ts";
import { Fleet } from "../../src/fleet/fleet.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { Turn } from "../../src/roll/turns.ts";
import type { SimClock } from "./sim_clock.ts";

/** A host that died is waited for so long. */
export const LEASE_MS = 10_000;

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** What hosts share, and the other host, which rolls when the storm wants it. */
export class SimFleet {
  readonly store: MemoryStore;
  isDown = false;
  readonly #clock: Clock;
  readonly #other: Fleet;
  readonly #calm = new AbortController();
  #turn: Turn | null = null;
  #calmsAt = 0;
  #asking = 0;

  constructor(clock: SimClock) {
    this.#clock = {
      now: () => clock.now(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
    };
    this.store = new MemoryStore(() => clock.now());
    this.#other = new Fleet({
      ...{ name: "shop", maxUnavailable: 1, leaseMs: LEASE_MS, log: SILENT },
      ...{ store: this.store, host: "other", clock: this.#clock, date: () => clock.now() },
    });
  }

  /** The other host rolls just now. */
  get isTaken(): boolean {
    return this.#turn !== null;
  }

  /** The other host rolls as soon as it may, for so long. Never rejects. */
  async roll(version: string, forMs: number, fails: boolean): Promise<void> {
    const wish = { version, isOrdered: true, isUrgent: false, onWaiting: () => {} };
    const { signal } = this.#calm;
    try {
      await this.#clock.sleep(this.#calmsAt - this.#clock.now(), signal);
      this.#asking++;
      const answer = await this.#other.take(wish, signal).finally(() => this.#asking--);
      if (answer.outcome === "stopped") return;
      this.#turn = answer.turn;
      await this.#clock.sleep(forMs, signal);
      await this.#end(
        fails ? { outcome: "failed", detail: "it was bad" } : { outcome: "succeeded" },
      );
    } catch {
      await this.#end({ outcome: "interrupted" });
    }
  }

  /** The server forgets who has the turn; nobody asks for one before that can be noticed. */
  async forget(): Promise<void> {
    // Whoever is asking already would get it at once.
    if (this.isTaken || this.#asking > 0) return;
    this.#calmsAt = this.#clock.now() + LEASE_MS;
    // What says nothing is nobody's.
    await this.store.put("fleet/shop/turn-0", new Uint8Array(0));
  }

  /** From here on nothing is in the way. */
  async calmDown(): Promise<void> {
    this.isDown = false;
    this.#calm.abort();
    await this.#other.forgive(null, new AbortController().signal);
  }

  async #end(end: Parameters<Turn["end"]>[0]): Promise<void> {
    const turn = this.#turn;
    this.#turn = null;
    await turn?.end(end);
  }
}
