/** How often what happened. */
export class Counts {
  readonly #counts = new Map<string, number>();

  add(what: string, times = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + times);
  }

  get(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** Adds what was counted elsewhere. */
  addAll(others: Readonly<Record<string, number>>): void {
    for (const [what, times] of Object.entries(others)) this.add(what, times);
  }

  /** In the order of their names. */
  toRecord(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => a < b ? -1 : 1));
  }
}
