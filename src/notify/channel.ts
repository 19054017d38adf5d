import type { Letter } from "./letter.ts";

/** One way to one receiver. */
export interface Channel {
  /** For the log; gives no secret away. */
  readonly name: string;
  /**
   * Delivers a letter; nothing is left behind when it settles, also after an abort.
   *
   * @throws {Undeliverable} When it will not arrive by another try.
   * @throws {TryLater} When another try makes sense only then.
   * @throws {Error} When it did not arrive.
   */
  deliver(letter: Letter, signal: AbortSignal): Promise<void>;
  /** What will not work, or should not be so; for people, at the start. */
  problems(): Promise<readonly string[]>;
}

/** The receiver has refused a letter for good. */
export class Undeliverable extends Error {
  override readonly name = "Undeliverable";
}

/** The receiver has asked for a pause. */
export class TryLater extends Error {
  override readonly name = "TryLater";
  readonly afterMs: number;

  constructor(message: string, afterMs: number) {
    super(message);
    this.afterMs = afterMs;
  }
}
