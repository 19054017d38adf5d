/** What one of the copies can be like that an instance is made of. */
export const COPY_STATES = [
  /** It is being started, or was not well yet since. */
  "starting",
  /** It does its work. */
  "well",
  /** It runs, but gets no requests any more, or says of itself that it is not well. */
  "unwell",
  /** It has ended. */
  "ended",
  /** It has ended, and had nothing more to do. */
  "done",
  /** It was taken away: another one takes its place. */
  "removed",
] as const;

/** One of {@linkcode COPY_STATES}. */
export type CopyState = (typeof COPY_STATES)[number];

/** How a copy ended. */
export interface CopyEnd {
  /** Exit status. */
  readonly code: number;
  readonly isOutOfMemory: boolean;
  /** Milliseconds since 1970; null: nobody knows. */
  readonly at: number | null;
}

/** One of the copies that an instance is made of. */
export interface Copy {
  readonly name: string;
  readonly id: string;
  /** Where it answers; null: nowhere (yet, or any more). */
  readonly port: number | null;
  readonly state: CopyState;
  /** When it was started last, in milliseconds since 1970; null: never. */
  readonly startedAt: number | null;
  /** How often it was started again, as far as is known. */
  readonly restarts: number;
  /** Null: it has not ended yet, or nobody knows how. */
  readonly lastEnd: CopyEnd | null;
}

/** The copies that an instance is made of. */
export interface Copies {
  /** So many there are to be. */
  readonly wanted: number;
  /** So many are as they are to be. */
  readonly well: number;
  /** What is missing, for people; null: nothing. */
  readonly shortage: string | null;
  /** Those that are there, or were until a moment ago. */
  readonly all: readonly Copy[];
}
