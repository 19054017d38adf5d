import type { Chronicle } from "./chronicle.ts";

/** Versions to go back to that are remembered; the oldest is forgotten first. */
const MAX_PROVEN = 20;

/** Versions that have served well, the newest last. */
export class ProvenVersions {
  readonly #chronicle: Chronicle;
  readonly #date: () => number;
  #ids: string[];

  constructor(ids: readonly string[], chronicle: Chronicle, date: () => number) {
    this.#ids = [...ids];
    this.#chronicle = chronicle;
    this.#date = date;
  }

  /** The one that proved itself last. */
  get newest(): string | null {
    return this.#ids.at(-1) ?? null;
  }

  /** All of them, the one that proved itself last first. */
  get newestFirst(): readonly string[] {
    return this.#ids.toReversed();
  }

  /** `id` has served well. */
  add(id: string): void {
    if (this.newest === id) return;
    this.#ids = [...this.#ids.filter((other) => other !== id), id].slice(-MAX_PROVEN);
    this.#chronicle.note({ step: "version.proven", id, at: this.#date() });
  }

  has(id: string): boolean {
    return this.#ids.includes(id);
  }

  /** The newest one that is not among `excluded`; null when there is none. */
  before(excluded: readonly (string | null)[]): string | null {
    return this.#ids.findLast((id) => !excluded.includes(id)) ?? null;
  }
}
