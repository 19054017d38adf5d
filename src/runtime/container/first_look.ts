import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Search } from "../../roll/effects.ts";
import { engineTrouble } from "./outage.ts";
import { untilAnswered } from "./until_answered.ts";

/** Time for one try. */
const LOOK_MS = 30_000;

/** Looks at something of an engine; done again from the beginning where that fails. */
export type Look = (signal: AbortSignal) => Promise<void>;

/** What has to be known of an engine, and put in order, before a life begins. */
export class FirstLook {
  readonly #looks: Look[];
  readonly #tools: { clock: Pick<Clock, "sleep">; log: Pick<Log, "warn"> };
  #isDone = false;

  /** @param looks In their order. */
  constructor(
    looks: readonly Look[],
    tools: { clock: Pick<Clock, "sleep">; log: Pick<Log, "warn"> },
  ) {
    this.#looks = [...looks];
    this.#tools = tools;
  }

  /** Something that comes after all others. */
  add(look: Look): void {
    this.#looks.push(look);
  }

  /**
   * Tries once. An engine that does not do its work is left to {@linkcode FirstLook.untilDone}.
   *
   * @throws What else is wrong; `isStrict`: whatever is.
   */
  async take({ isStrict }: { isStrict: boolean }): Promise<void> {
    try {
      await this.#take(AbortSignal.timeout(LOOK_MS));
    } catch (error) {
      const why = engineTrouble(error);
      if (isStrict || why === null) throw error;
      this.#tools.log.warn(`What runs cannot be looked at yet: ${why}`);
    }
  }

  /**
   * Does what could not be done so far, however often that has to be tried.
   *
   * @throws What is wrong with other things than the engine.
   * @throws The reason of `search.signal`, when it aborts before.
   */
  async untilDone(search: Search): Promise<void> {
    if (this.#isDone) return;
    const { signal } = search;
    const look = () => this.#take(AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]));
    await untilAnswered("What runs cannot be looked at", look, search, this.#tools);
  }

  async #take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (const look of this.#looks) await look(signal);
    this.#isDone = true;
  }
}
