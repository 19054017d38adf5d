const MAX_LINES = 100;
const MAX_CHARACTERS_PER_LINE = 2_000;

/** The newest lines of an output, bounded in number and in size. */
export class RecentLines {
  readonly #maxLines: number;
  #lines: string[] = [];

  constructor(maxLines: number = MAX_LINES) {
    this.#maxLines = maxLines;
  }

  push(line: string): void {
    this.#lines.push(shorten(line));
    // Cutting rarely keeps a flood of lines cheap.
    if (this.#lines.length >= 2 * this.#maxLines) this.#lines = this.#newest();
  }

  /** Oldest first. */
  all(): readonly string[] {
    return this.#newest();
  }

  #newest(): string[] {
    return this.#lines.slice(-this.#maxLines);
  }
}

function shorten(line: string): string {
  if (line.length <= MAX_CHARACTERS_PER_LINE) return line;
  return line.slice(0, MAX_CHARACTERS_PER_LINE) + "…";
}
