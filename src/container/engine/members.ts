/**
 * The members of an object in an engine's answer. Engines leave out, or send null for, whatever is
 * empty, and disagree in which; so what is missing is empty.
 */
export class Members {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    this.#values = isObject ? value as Record<string, unknown> : {};
  }

  text(name: string): string {
    const value = this.#values[name];
    return typeof value === "string" ? value : "";
  }

  number(name: string): number {
    const value = this.#values[name];
    return typeof value === "number" ? value : 0;
  }

  boolean(name: string): boolean {
    return this.#values[name] === true;
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null;
  }

  /** An object in it; one without members if there is none. */
  object(name: string): Members {
    return new Members(this.#values[name]);
  }

  /** The objects of a list. */
  list(name: string): readonly Members[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map((one) => new Members(one)) : [];
  }

  texts(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
  }

  /** The texts in an object, by their names. */
  textsByName(name: string): Readonly<Record<string, string>> {
    const entries = Object.entries(this.object(name).#values);
    return Object.fromEntries(
      entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
  }

  names(): readonly string[] {
    return Object.keys(this.#values);
  }
}

/** The objects of an answer that is a list. */
export function listOf(answer: unknown): readonly Members[] {
  return Array.isArray(answer) ? answer.map((one) => new Members(one)) : [];
}

/** A date as engines write it, in milliseconds since 1970; null: never, which is the year 1. */
export function dateOf(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms <= 0 ? null : ms;
}
