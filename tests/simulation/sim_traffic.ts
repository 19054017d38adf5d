import type { DrainReport, Traffic } from "../../src/roll/effects.ts";
import type { Instance } from "../../src/roll/instance.ts";
import type { Fate } from "./fate.ts";
import type { LifeClock } from "./life_clock.ts";
import type { Random } from "./random.ts";
import type { SimInstance } from "./sim_instance.ts";
import type { SimProcess } from "./sim_process.ts";

/** What the proxy tells those who watch it; each before it is done. */
export interface TrafficListener {
  /** `process` gets every request from now on. */
  onSwitch(process: SimProcess, previous: SimProcess | null): void;
  /** `process` gets none any more, and nobody takes its place. */
  onWithdraw(process: SimProcess): void;
  /** So many requests were cut when their time was up. */
  onCut(process: SimProcess, requests: number): void;
}

/** What the proxy of one life works with. */
export interface SimTrafficTools {
  fate: Fate;
  clock: LifeClock;
  /** The world's time, in which requests end. */
  worldNow(): number;
  rng: Random;
  listener: TrafficListener;
}

/**
 * The proxy of one life. Requests in flight are drawn when somebody leaves the rotation: that is
 * when they begin to matter. They end by themselves, are cut, or are lost with their process.
 */
export class SimTraffic implements Traffic {
  /** Where requests go. */
  target: SimProcess | null = null;
  isHeld = false;
  message: string | null = null;
  isClosed = false;
  readonly #tools: SimTrafficTools;
  readonly #leaving = new Set<SimProcess>();

  constructor(tools: SimTrafficTools) {
    this.#tools = tools;
  }

  switchTo(instance: Instance): void {
    const { process } = instance as SimInstance;
    this.#tools.fate.at("switch", () => {
      const previous = this.target;
      this.#tools.listener.onSwitch(process, previous);
      if (previous !== null && previous !== process) this.#leave(previous);
      this.#leaving.delete(process);
      this.target = process;
    });
  }

  hold(isHeld: boolean): void {
    if (!this.#tools.fate.isDead) this.isHeld = isHeld;
  }

  maintenance(message: string | null): void {
    if (!this.#tools.fate.isDead) this.message = message;
  }

  withdraw(instance: Instance): void {
    const { process } = instance as SimInstance;
    this.#tools.fate.at("withdraw", () => {
      if (this.target !== process) return;
      this.#tools.listener.onWithdraw(process);
      this.#leave(process);
      this.target = null;
    });
  }

  drain(instance: Instance, timeoutMs: number, signal: AbortSignal): Promise<DrainReport> {
    const { process } = instance as SimInstance;
    return this.#tools.fate.do("drain", () => this.#drain([process], timeoutMs, signal));
  }

  close(timeoutMs: number, signal: AbortSignal): Promise<DrainReport> {
    return this.#tools.fate.do("close", async () => {
      this.isClosed = true;
      if (this.target !== null) this.#leave(this.target);
      this.target = null;
      return await this.#drain([...this.#leaving], timeoutMs, signal);
    }, () => {});
  }

  #leave(process: SimProcess): void {
    const { rng, worldNow } = this.#tools;
    this.#leaving.add(process);
    if (!process.lives) return;
    const now = worldNow();
    const count = rng.whole(0, 3);
    // Most are short, some are longer than any drain.
    process.flights = Array.from({ length: count }, () => ({
      endsAt: now + (rng.chance(0.9) ? rng.between(1, 1_500) : rng.between(1_500, 30_000)),
    }));
  }

  async #drain(
    processes: readonly SimProcess[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<DrainReport> {
    const began = processes.reduce((sum, { inFlight }) => sum + inFlight, 0);
    const now = this.#tools.worldNow();
    const ends = processes.flatMap(({ flights }) => flights.map(({ endsAt }) => endsAt - now));
    const takesMs = Math.min(timeoutMs, Math.max(0, ...ends));
    await this.#tools.clock.sleep(takesMs, signal).catch(() => {});
    let cut = 0;
    for (const process of processes) {
      const { inFlight } = process;
      // It serves again: its requests go on.
      if (process === this.target) continue;
      if (inFlight > 0) this.#tools.listener.onCut(process, inFlight);
      cut += inFlight;
      process.flights = [];
      this.#leaving.delete(process);
    }
    return { finished: began - cut, cut };
  }
}
