import type { Crew } from "./crew.ts";
import { copiesOf } from "./copies_of.ts";
import type { Household } from "./household.ts";

/** Most of those that end are back by then. */
const LONG_MS = 60_000;

/** Notices that containers of an instance that serves stay away. */
export class Absence {
  readonly #crew: Pick<Crew, "clock">;
  readonly #home: Household;
  #isTold = false;
  #waiting: AbortController | null = null;

  constructor(crew: Pick<Crew, "clock">, home: Household) {
    this.#crew = crew;
    this.#home = home;
  }

  /** From now on none is missing without somebody hearing of it. */
  watch(): void {
    const listening = this.#home.replicas.onChange(() => this.#look());
    const end = () => listening[Symbol.dispose]();
    this.#home.signal.addEventListener("abort", end, { once: true });
    this.#look();
  }

  #look(): void {
    if (copiesOf(this.#home.replicas).shortage === null) this.#whole();
    else if (this.#waiting === null && !this.#isTold) this.#home.chores.add(this.#wait());
  }

  #whole(): void {
    this.#waiting?.abort();
    this.#waiting = null;
    if (!this.#isTold) return;
    this.#isTold = false;
    this.#home.tell({ type: "containers.complete" });
  }

  async #wait(): Promise<void> {
    const waiting = this.#waiting = new AbortController();
    const signal = AbortSignal.any([waiting.signal, this.#home.signal]);
    // One that is back in time is no news.
    await this.#crew.clock.sleep(LONG_MS, signal).catch(() => {});
    const detail = copiesOf(this.#home.replicas).shortage;
    if (signal.aborted || this.#home.isOver || detail === null) return;
    this.#waiting = null;
    this.#isTold = true;
    this.#home.tell({ type: "containers.missing", detail });
  }
}
