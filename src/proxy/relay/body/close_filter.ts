import type { Refusal } from "../refusal.ts";
import type { BodyFilter } from "./filter.ts";

/** A body that lasts as long as its connection. */
export class CloseFilter implements BodyFilter {
  consumed = 0;
  kept = 0;
  /** Only the end of the connection tells. */
  readonly done = false;
  readonly fault: Refusal | null = null;
  content = 0;

  take(_bytes: Uint8Array, from: number, to: number): void {
    this.consumed = this.kept = to - from;
    this.content += to - from;
  }

  completeAtEnd(): boolean {
    return true;
  }
}
