import type { ByteWriter } from "../byte_writer.ts";
import { latin1 } from "./characters.ts";
import type { FieldCursor } from "./field_cursor.ts";

/** A line that never passes. */
const ALWAYS = 0;
/** A line that passes with an upgrade only. */
export const UNLESS_UPGRADE = 1;
/** A line that passes where a chunked body is announced. */
export const UNLESS_CHUNKED = 2;
/** A line that passes where a length is announced. */
export const UNLESS_LENGTH = 4;

/** The lines of a head that are left out of its copy, in order. */
export class Cuts {
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #unless: number[] = [];
  #count = 0;

  /** Forgets all lines. */
  reset(): void {
    this.#count = 0;
  }

  /** Leaves out the line that `cursor` stands on, which must come after those before. */
  add(cursor: FieldCursor, unless: number = ALWAYS): void {
    const index = this.#count++;
    this.#from[index] = cursor.line;
    this.#to[index] = cursor.next;
    this.#unless[index] = unless;
  }

  /**
   * Copies `bytes[from, to)` without the lines, in as few pieces as possible.
   *
   * @param reasons Which lines pass after all: an OR of the `UNLESS_` values.
   */
  copyRest(bytes: Uint8Array, from: number, to: number, reasons: number, out: ByteWriter): void {
    let at = from;
    for (let i = 0; i < this.#count; i++) {
      if (((this.#unless[i] as number) & reasons) !== 0) continue;
      const cut = this.#from[i] as number;
      if (cut > at) out.copy(bytes, at, cut);
      at = this.#to[i] as number;
    }
    if (to > at) out.copy(bytes, at, to);
  }

  /**
   * Leaves out those lines, too, whose names are in `names`, in lower case.
   *
   * @param from Where the first field line begins; all lines up to `to` were read before.
   */
  addNamed(
    bytes: Uint8Array,
    from: number,
    to: number,
    { names, cursor }: { names: ReadonlySet<string>; cursor: FieldCursor },
  ): void {
    const before = this.#from.slice(0, this.#count);
    const unless = this.#unless.slice(0, this.#count);
    this.reset();
    let next = 0;
    for (let at = from; at < to; at = cursor.next) {
      cursor.read(bytes, at);
      if (before[next] === at) this.add(cursor, unless[next++]);
      else if (names.has(latin1(bytes, at, cursor.nameEnd).toLowerCase())) this.add(cursor);
    }
  }
}
