/** What happened, in order. Written out only when somebody wants to read it. */
export class Trace {
  readonly #now: () => number;
  readonly #notes: { at: number; what: string; facts: unknown }[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  note(what: string, facts: unknown = null): void {
    this.#notes.push({ at: this.#now(), what, facts });
  }

  /** One line for each thing. */
  lines(): string[] {
    return this.#notes.map(({ at, what, facts }) => {
      const rest = facts === null ? "" : ` ${JSON.stringify(facts)}`;
      return `${(at / 1000).toFixed(3).padStart(9)}s  ${what}${rest}`;
    });
  }
}
