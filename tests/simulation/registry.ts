import { type Conduct, UNSTARTABLE } from "./conduct.ts";

/** Knows all versions, and names the newest one if it is up. */
export class Registry {
  state: "up" | "down" | "hanging" = "up";
  readonly #versions = new Map<string, Conduct>();
  #newest = "";

  /** The newest version. */
  get newest(): string {
    return this.#newest;
  }

  /** @returns The id of the new version. */
  publish(conduct: Conduct): string {
    this.#newest = `v${this.#versions.size + 1}`;
    this.#versions.set(this.#newest, conduct);
    return this.#newest;
  }

  /** How a version behaves; one that was never published cannot be started. */
  conductOf(id: string): Conduct {
    return this.#versions.get(id) ?? UNSTARTABLE;
  }

  /** One of the versions, or one past the newest that does not exist. */
  pick(number: number): string {
    return `v${1 + number % (this.#versions.size + 1)}`;
  }

  /** From now on no version has a flaw. */
  mend(mended: (conduct: Conduct) => Conduct): void {
    for (const [id, conduct] of this.#versions) this.#versions.set(id, mended(conduct));
  }
}
