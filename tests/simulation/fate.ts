import type { Deed, Doom } from "./plan.ts";

/** Never settles: nobody is there any more to hear of it. */
const NEVER = new Promise<never>(() => {});

/**
 * Whether one liveroll still lives. Whatever it does to the world goes through here, so that it can
 * be killed between any two deeds; a dead one does nothing any more and hears of nothing.
 */
export class Fate {
  readonly #doom: Doom | null;
  readonly #onDeath: (doom: Doom) => void;
  #isDead = false;
  #count = 0;

  constructor(doom: Doom | null, onDeath: (doom: Doom) => void) {
    this.#doom = doom;
    this.#onDeath = onDeath;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** It has been killed, or has ended. */
  end(): void {
    this.#isDead = true;
  }

  /**
   * One deed that takes its time.
   *
   * @param work What it does; its first step is done at once.
   * @param halfway What is done of it when liveroll is killed in the middle; nothing, if it only asks.
   */
  async do<T>(
    deed: Deed,
    work: () => T | Promise<T>,
    halfway: () => void = () => {},
  ): Promise<T> {
    if (this.#isDead) return NEVER;
    const doom = this.#strikes(deed);
    if (doom?.moment === "before") return this.#die(doom);
    if (doom?.moment === "during") {
      halfway();
      return this.#die(doom);
    }
    try {
      return await work();
    } finally {
      // What a dead one has waited for never comes.
      if (this.#isDead) await NEVER;
      if (doom !== null) await this.#die(doom);
    }
  }

  /** One deed that is done at once. */
  at(deed: Deed, work: () => void): void {
    if (this.#isDead) return;
    const doom = this.#strikes(deed);
    if (doom?.moment === "before") return void this.#die(doom);
    work();
    if (doom !== null) this.#die(doom);
  }

  #strikes(deed: Deed): Doom | null {
    const doom = this.#doom;
    if (doom?.deed !== deed || ++this.#count !== doom.nth) return null;
    return doom;
  }

  #die(doom: Doom): Promise<never> {
    this.#isDead = true;
    this.#onDeath(doom);
    return NEVER;
  }
}
