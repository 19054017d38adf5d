import { TOKEN } from "./characters.ts";

const UNDERSCORE = 0x5f;
const HYPHEN = 0x2d;

/** A field that a {@linkcode FieldTable} knows. */
export interface KnownField {
  /** In lower case. */
  readonly name: string;
  /** What {@linkcode FieldTable.find} returns, 1 or more. */
  readonly id: number;
  /**
   * What it returns when the name has underscores in the place of hyphens: CGI and WSGI hand both
   * to the application under one name. Without it such a name is unknown.
   */
  readonly underscoredId?: number;
}

interface Entry {
  readonly folded: Uint8Array;
  readonly id: number;
  readonly underscoredId: number;
}

/** Finds out which of a few fields a name is, by its length and its bytes. */
export class FieldTable {
  readonly #byLength: readonly (readonly Entry[])[];
  readonly #longest: number;

  /** @param fields No name twice. */
  constructor(fields: readonly KnownField[]) {
    this.#longest = Math.max(...fields.map(({ name }) => name.length));
    this.#byLength = Array.from(
      { length: this.#longest + 1 },
      (_, length) => fields.filter(({ name }) => name.length === length).map(entry),
    );
  }

  /** The field's id; 0 when it is none of those known. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    if (length > this.#longest) return 0;
    const entries = this.#byLength[length] as readonly Entry[];
    for (let i = 0; i < entries.length; i++) {
      const { folded, id, underscoredId } = entries[i] as Entry;
      if (!matches(bytes, from, folded)) continue;
      return hasUnderscore(bytes, from, to) ? underscoredId : id;
    }
    return 0;
  }
}

const FOLDED = TOKEN.map((code) => code === UNDERSCORE ? HYPHEN : code);

function entry({ name, id, underscoredId = 0 }: KnownField): Entry {
  return { folded: Uint8Array.from(name, (char) => char.charCodeAt(0)), id, underscoredId };
}

function matches(bytes: Uint8Array, from: number, folded: Uint8Array): boolean {
  for (let i = 0; i < folded.length; i++) {
    if (FOLDED[bytes[from + i] as number] !== folded[i]) return false;
  }
  return true;
}

function hasUnderscore(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] === UNDERSCORE) return true;
  return false;
}
