/** How a version went here, for other hosts: it is well, it is to blame, or neither can be said. */
export type TurnEnd =
  | { readonly outcome: "succeeded" | "interrupted" }
  | { readonly outcome: "failed"; readonly detail: string };

/** The right of this host to roll, until its end is told. */
export interface Turn {
  /** Aborts when somebody else may roll although this turn has not ended. */
  readonly lost: AbortSignal;
  /** The next host may roll, or is told not to. Only the first end counts. Bounded, never rejects. */
  end(end: TurnEnd): Promise<void>;
}

/** What a host wants to roll to. */
export interface TurnWish {
  readonly version: string;
  /** A person wants it: it is tried although it failed elsewhere. */
  readonly isOrdered: boolean;
  /** Nothing serves here: what others do and what nobody can tell is not waited for. */
  readonly isUrgent: boolean;
  /** Told who rolls, in words for people, when that has to be waited for and when it changes. */
  onWaiting(detail: string): void;
}

/** Whether this host may roll; `stopped`: the version has failed on another one. */
export type TurnAnswer =
  | { readonly outcome: "granted"; readonly turn: Turn }
  | { readonly outcome: "stopped"; readonly detail: string };

/** Hosts that roll one after another, as this one sees them. */
export interface Turns {
  /**
   * Waits until this host may roll.
   *
   * @throws {Error} When nobody can tell.
   * @throws The reason of `signal`, when it aborts.
   */
  take(wish: TurnWish, signal: AbortSignal): Promise<TurnAnswer>;
  /** A roll goes on without a turn, but others hear how it ends. */
  without(version: string): Turn;
}
