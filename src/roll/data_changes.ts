import type { Remnant } from "./instance.ts";

/** What is done to the data of an application before a version starts; in this order. */
export const DATA_STEPS = ["snapshot", "migrate"] as const;

/** One of {@linkcode DATA_STEPS}. */
export type DataStep = (typeof DATA_STEPS)[number];

/** Which passage of a version changes data. */
export interface DataChange {
  readonly roll: number;
  readonly from: string | null;
  readonly to: string;
}

/** What became of changed data when its version did not come to serve; `detail` is for people. */
export type DataEnd =
  /** Nothing had been changed, or what serves can live with it. */
  | { outcome: "untouched"; detail: string }
  | { outcome: "restored"; detail: string }
  /** Somebody may still write: it is taken back when liveroll starts again. */
  | { outcome: "put_off"; detail: string }
  /** Nobody knows what the data is like now: nothing is started on it until somebody has looked. */
  | { outcome: "not_restored"; detail: string };

/** What serves on after a restart of liveroll: its version, and the roll that started it. */
export interface Serving {
  readonly roll: number;
  readonly id: string;
}

/**
 * Resolves when nobody is left who may write to what is to be taken back; false: not in this life.
 *
 * @param left Was to take it back, has failed, and could not be ended: it is waited for, too.
 */
export type Quiet = (left?: Remnant) => Promise<boolean>;

/** Changes the data of an application for a version, and takes that back. All of it is durable. */
export interface DataChanges {
  /** Those that are asked for. */
  readonly steps: readonly DataStep[];
  /**
   * The version before cannot live with what is changed: once the new one serves there is nothing to
   * go back to.
   */
  readonly isOneWay: boolean;
  /** Why nothing may be started on the data, for people; null: it may. */
  readonly obstacle: string | null;
  /**
   * Looks whether the data could be saved, while the version before still serves.
   *
   * @throws {Error} When it could not; the message says why. Nothing was changed.
   */
  foresee(signal: AbortSignal): Promise<void>;
  /**
   * Does one step.
   *
   * @throws {OutageError} When it failed, and the version is not to blame.
   * @throws {RemainsError} When it failed, and may still be at work.
   * @throws {Error} When it failed; the message has its last words.
   * @throws The reason of `signal`, when it aborts; nothing is left running.
   */
  run(step: DataStep, change: DataChange, signal: AbortSignal): Promise<void>;
  /**
   * The version serves: nothing will be taken back by itself any more. Never rejects.
   *
   * @param roll The one that has changed the data; null: whichever it was.
   */
  commit(roll: number | null): Promise<void>;
  /**
   * The version does not come to serve. Never rejects.
   *
   * @param quiet Asked before data is put back.
   */
  undo(roll: number, quiet: Quiet): Promise<DataEnd>;
  /**
   * Whether something that runs after a restart of liveroll works on data that is not its own, or
   * that is still to be taken back.
   */
  isInTheWay(running: Serving): boolean;
  /**
   * Ends what a former life has left half done.
   *
   * @param serving What serves on; null: nothing does.
   * @param good The version that will be started if none serves; it has served on the data.
   * @param quiet Asked before data is put back.
   */
  recover(serving: Serving | null, good: string | null, quiet: Quiet): Promise<DataEnd | null>;
}
