import type { Chronicle } from "./chronicle.ts";
import type { RollEvent, SettingChange } from "./events.ts";
import type { Settings } from "./journal.ts";

/** Versions that nobody wants and that are remembered; the oldest is forgotten first. */
const MAX_SKIPPED = 100;

/** What people have asked for and what holds until they ask for something else. */
export class Preferences {
  readonly #chronicle: Chronicle;
  readonly #observe: (event: RollEvent) => void;
  #settings: Settings;
  /** Changes are made one after the other, or one would write down what another has changed. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(settings: Settings, chronicle: Chronicle, observe: (event: RollEvent) => void) {
    this.#settings = settings;
    this.#chronicle = chronicle;
    this.#observe = observe;
  }

  get now(): Settings {
    return this.#settings;
  }

  /**
   * Changes something, once that is durable.
   *
   * @throws {Error} When it cannot be written down; nothing has changed then.
   */
  change(what: SettingChange, change: Partial<Settings>, detail = ""): Promise<void> {
    return this.#apply(what, () => change, detail);
  }

  /**
   * Nobody wants `id`.
   *
   * @throws {Error} When it cannot be written down; nothing has changed then.
   */
  skip(id: string): Promise<void> {
    return this.#apply("skipped", (settings) => withSkipped(settings, id), id);
  }

  /** As {@linkcode skip}, but in any case. */
  skipAnyway(id: string, detail: string): void {
    this.changeAnyway("skipped", withSkipped(this.#settings, id), detail);
  }

  /** As {@linkcode change}, but in any case: it holds even if it cannot be written down. */
  changeAnyway(what: SettingChange, change: Partial<Settings>, detail = ""): void {
    this.#settings = { ...this.#settings, ...change };
    this.#observe({ type: "setting", what, detail });
    this.#write();
  }

  /** `ids` are wanted after all, all if none is given; trouble with the journal does not matter. */
  want(id: string | null): void {
    const skipped = id === null ? [] : this.#settings.skipped.filter((other) => other !== id);
    if (skipped.length === this.#settings.skipped.length) return;
    this.#settings = { ...this.#settings, skipped };
    this.#write();
  }

  /**
   * Resolves when all that was asked for is written down, or cannot be, and what is asked for
   * meanwhile. Never rejects.
   */
  async idle(): Promise<void> {
    for (let last: unknown = null; last !== this.#turn;) {
      last = this.#turn;
      await last;
    }
  }

  #write(): void {
    this.#turn = this.#turn.then(() =>
      this.#chronicle.note({ step: "settings.changed", settings: this.#settings })
    );
  }

  #apply(
    what: SettingChange,
    change: (settings: Settings) => Partial<Settings>,
    detail: string,
  ): Promise<void> {
    const done = this.#turn.then(async () => {
      const settings = { ...this.#settings, ...change(this.#settings) };
      try {
        await this.#chronicle.intend({ step: "settings.changed", settings });
      } catch (error) {
        // The journal keeps what it could not write: the next life must not find what was refused.
        this.#chronicle.note({ step: "settings.changed", settings: this.#settings });
        throw error;
      }
      this.#settings = { ...this.#settings, ...change(this.#settings) };
      this.#observe({ type: "setting", what, detail });
    });
    this.#turn = done.catch(() => {});
    return done;
  }
}

function withSkipped({ skipped }: Settings, id: string): Pick<Settings, "skipped"> {
  return { skipped: [...skipped.filter((other) => other !== id), id].slice(-MAX_SKIPPED) };
}
