import type { Refusal } from "../refusal.ts";

/** Where a message's body ends (RFC 9112, 6.3). */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  /** Until the connection ends; answers only. */
  | { readonly kind: "close" };

/**
 * Follows a body through the pieces in which it arrives, in place: what must not be passed on
 * (chunk extensions, some trailers) is cut out of the buffer, everything else stays where it is.
 *
 * The results of {@linkcode take} are fields, because this runs once per read.
 */
export interface BodyFilter {
  /** Bytes of the last piece that are dealt with; the rest must be offered again with more. */
  readonly consumed: number;
  /** Bytes to pass on: `bytes[from, from + kept)`. Never more than {@linkcode consumed}. */
  readonly kept: number;
  /** The body is complete. */
  readonly done: boolean;
  /** The body is malformed, or too long; nothing more may be taken. */
  readonly fault: Refusal | null;
  /** Bytes of content so far, without framing. */
  readonly content: number;
  /** Looks at `bytes[from, to)`; may move bytes within that range. */
  take(bytes: Uint8Array, from: number, to: number): void;
  /** Whether the end of the connection, now, is a proper end of the body. */
  completeAtEnd(): boolean;
}
