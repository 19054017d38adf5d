/** A file that compose cannot read, or that we must not guess at. */
export class EnvSyntaxError extends Error {
  override readonly name = "EnvSyntaxError";
}

/** One assignment of a `.env` file, and where it stands. */
export interface Statement {
  readonly key: string;
  /** Counted from 1. */
  readonly line: number;
  /** Where the statement begins: at `export` or at the key. */
  readonly start: number;
  /** The value with its quotes; empty when both are the same. */
  readonly valueStart: number;
  readonly valueEnd: number;
  /** What it means; null: the line only names the key, and the environment has the value. */
  readonly value: string | null;
  /** Compose puts other variables into the value: {@linkcode Statement.value} is not all it is. */
  readonly expands: boolean;
}
