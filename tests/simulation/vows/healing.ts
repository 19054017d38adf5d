import type { RollEvent } from "../../../src/roll/events.ts";
import { Vow } from "../promises.ts";
import type { SimProcess } from "../sim_process.ts";

/** In calm weather: the longest back-off, a slow gate, a drain, a stop, and some. */
const HEALED_WITHIN_MS = 75_000;

/** The longest wait between two starts of what crashes. */
const LONGEST_WAIT_MS = 30_000;

/** Crashes in a row that are called a loop. */
const LOOP = 5;

/** Promise 3: in calm weather what has served serves again before long, even without a registry. */
export class CrashesAreHealed extends Vow {
  readonly name = "P3 crashes are healed";
  #downSince: number | null = null;

  onLifeBegins(): void {
    this.#downSince = null;
  }

  onStep(): void {
    const { life, machine } = this.scene;
    const isUp = life === null || life.traffic.target !== null;
    const isExpected = machine.weather.isCalm && life?.stopsAsked === 0 &&
      machine.disk.ledger.proven.length > 0;
    if (isUp || !isExpected) this.#downSince = null;
    else this.#downSince ??= this.now;
    if (this.#downSince === null || this.now < this.#downSince + HEALED_WITHIN_MS) return;
    this.broken(`nothing has served for ${HEALED_WITHIN_MS} ms`);
    this.#downSince = null;
  }
}

/** Promise 3: what is started again after a crash takes the place of nobody who is well. */
export class HealingDisplacesNobody extends Vow {
  readonly name = "P3 healing displaces nobody";
  readonly #healings = new Set<number>();
  #displaced: SimProcess | null = null;

  onLifeBegins(): void {
    this.#healings.clear();
  }

  onSwitch(process: SimProcess, previous: SimProcess | null): void {
    this.#displaced = previous === process ? null : previous;
  }

  onEvent(event: RollEvent): void {
    if (event.type === "roll.started" && event.trigger === "crash") this.#healings.add(event.roll);
    if (event.type !== "roll.switched" || !this.#healings.has(event.roll)) return;
    const displaced = this.#displaced;
    if (displaced?.lives) this.broken(`${event.instance.key} pushes ${displaced.key} aside`);
  }
}

/** Promise 3: back-offs are bounded, are kept, and a loop is called a loop. */
export class BackoffIsKept extends Vow {
  readonly name = "P3 back-off is kept";
  #dueAt = 0;

  onLifeBegins(): void {
    this.#dueAt = 0;
  }

  onEvent(event: RollEvent): void {
    if (event.type === "roll.switched" || event.type === "instance.recovered") this.#dueAt = 0;
    if (event.type === "roll.rolled_back") this.#dueAt = 0;
    if (event.type === "restart.scheduled") {
      const { inMs, crashes, crashLoop } = event;
      this.#dueAt = this.now + inMs;
      if (!(inMs >= 0 && inMs <= LONGEST_WAIT_MS)) this.broken(`a back-off of ${inMs} ms`);
      if (crashLoop !== crashes >= LOOP) this.broken(`${crashes} crashes, loop: ${crashLoop}`);
      if (crashes > 1 && inMs === 0) this.broken(`crash ${crashes} in a row without a back-off`);
    }
    if (event.type === "roll.started" && ["crash", "liveness"].includes(event.trigger)) {
      if (this.now < this.#dueAt - 1) this.broken(`${event.to} is started before its time`);
    }
  }
}
