import { Problem } from "./problem.ts";

/** What all bodies together may hold: who sends them need not have proven anything. */
const MAX_BYTES = 64 * 1024 * 1024;

/** The memory that bodies take while they are read. */
export class BodyRoom {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Takes `bytes` more. @throws {Problem} When others have taken too much. */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBytes) {
      throw new Problem("unavailable", "Too many long bodies are on their way; try again");
    }
    this.#bytes += bytes;
  }

  /** Gives back what was taken. */
  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}
