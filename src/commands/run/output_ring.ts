import type { OutputLine } from "../../control/operator.ts";

/** Lines that are kept, of all instances together. */
const MAX_LINES = 2_000;
const MAX_CHARACTERS = 4_000;

/** A line of an instance, as it comes. */
export interface RawLine {
  /** The key of the instance; ends with the number of its roll. */
  readonly key: string;
  readonly id: string;
  readonly port: number;
  readonly stream: "stdout" | "stderr";
  readonly line: string;
}

/** The newest lines that instances printed, and whoever listens to them. */
export class OutputRing {
  readonly #date: () => number;
  readonly #listeners = new Set<(line: OutputLine) => void>();
  #lines: OutputLine[] = [];

  constructor(date: () => number) {
    this.#date = date;
  }

  push({ key, id, port, stream, line: text }: RawLine): void {
    const roll = Number(key.slice(1));
    const line = text.slice(0, MAX_CHARACTERS);
    const at = new Date(this.#date()).toISOString();
    const output: OutputLine = { at, roll, id, port, stream, line };
    this.#lines.push(output);
    // Cutting rarely keeps a flood of lines cheap.
    if (this.#lines.length > MAX_LINES * 2) this.#lines = this.#lines.slice(-MAX_LINES);
    for (const listener of this.#listeners) listener(output);
  }

  /** The newest lines, oldest first; `roll` null: of all. */
  newest({ roll, limit }: { roll: number | null; limit: number }): OutputLine[] {
    const lines = roll === null ? this.#lines : this.#lines.filter((line) => line.roll === roll);
    return lines.slice(-Math.min(limit, MAX_LINES));
  }

  /** Told of every line from now on, until disposed. */
  onOutput(listener: (line: OutputLine) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}
