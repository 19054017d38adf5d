import type { Refusal } from "../refusal.ts";
import type { BodyFilter } from "./filter.ts";

/** A body of a known length; what comes behind it is not touched. */
export class LengthFilter implements BodyFilter {
  consumed = 0;
  kept = 0;
  done: boolean;
  readonly fault: Refusal | null = null;
  content = 0;
  readonly #length: number;

  /** @param length Bytes; with 0 the body is complete before anything was taken. */
  constructor(length: number) {
    this.#length = length;
    this.done = length === 0;
  }

  take(_bytes: Uint8Array, from: number, to: number): void {
    const size = Math.min(to - from, this.#length - this.content);
    this.consumed = this.kept = size;
    this.content += size;
    this.done = this.content === this.#length;
  }

  completeAtEnd(): boolean {
    return this.done;
  }
}

/** The body of a message that has none. It never changes, so all messages share it. */
export const NO_BODY: BodyFilter = new LengthFilter(0);
