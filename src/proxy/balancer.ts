import type { Backend } from "./backend.ts";

/** Takes turns between the backends in rotation. */
export class Balancer {
  #rotation: readonly Backend[] = [];
  #next = 0;

  get rotation(): readonly Backend[] {
    return this.#rotation;
  }

  /**
   * Makes `backends` the rotation, in one synchronous step.
   *
   * @returns Those that left; they take no new claims any more.
   */
  replace(backends: readonly Backend[]): readonly Backend[] {
    const left = this.#rotation.filter((backend) => !backends.includes(backend));
    this.#rotation = [...backends];
    for (const backend of left) backend.withdraw();
    return left;
  }

  /** Takes one backend out of the rotation. @returns Null when it was not in it. */
  remove(key: string): Backend | null {
    const backend = this.find(key);
    if (backend) this.replace(this.#rotation.filter((other) => other !== backend));
    return backend;
  }

  find(key: string): Backend | null {
    return this.#rotation.find((backend) => backend.key === key) ?? null;
  }

  /** The next available backend that is not in `excluded`, or null. */
  pick(excluded?: ReadonlySet<Backend>): Backend | null {
    const count = this.#rotation.length;
    for (let turn = 0; turn < count; turn++) {
      const index = (this.#next + turn) % count;
      const backend = this.#rotation[index];
      if (!backend?.available || excluded?.has(backend)) continue;
      this.#next = (index + 1) % count;
      return backend;
    }
    return null;
  }

  /** Whether {@linkcode pick} would find something; takes no turn. */
  offers(excluded: ReadonlySet<Backend>): boolean {
    return this.#rotation.some((backend) => backend.available && !excluded.has(backend));
  }
}
