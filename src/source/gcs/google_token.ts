import type { Ending } from "../renewed.ts";

/** A token for Google's APIs; null: nobody in particular asks. */
export interface GoogleToken extends Ending {
  readonly text: string | null;
}

/** Somewhere to have tokens from. */
export type TokenSource = (signal: AbortSignal) => Promise<GoogleToken>;
