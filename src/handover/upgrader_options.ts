/** What {@linkcode upgrader} needs to know. */
export interface UpgraderOptions {
  /** Directory in which the processes of one service meet, and no others; created with 0700. */
  dir: string;
  /** For messages: tells this process from its predecessor. @default {the pid} */
  id?: string;
  /**
   * What the processes of one service have in common and no other service has: one that comes up in
   * the directory of another is refused, instead of taking its place. @default Nobody is refused.
   */
  service?: string;
  /** How long to wait for one's turn, in milliseconds. @default {60_000} */
  waitMs?: number;
  /** How long a successor may take from getting the sockets to `ready()`. @default {60_000} */
  readyTimeoutMs?: number;
  /** How long the other process may take for an answer that needs no work. @default {5_000} */
  answerTimeoutMs?: number;
  /** Ends the waiting. */
  signal?: AbortSignal;
  /** While it returns true, successors have to wait. @default Never. */
  isBusy?: () => boolean;
  /**
   * Called when a successor has got the sockets, and with false when it does not take over after
   * all. Must not throw. @default Nobody is told.
   */
  onOffering?: (isOffered: boolean) => void;
  /**
   * Called when a successor is ready, while this process still accepts: what only one process may
   * have has to be let go of. If it rejects, this process serves on. `successorId` is what that one
   * says of itself. @default Nothing to let go of.
   */
  onHandingOver?: (successorId: string) => Promise<void>;
  /**
   * Called when a successor serves. It is told that it is on its own when this resolves; must not
   * reject. @default Nothing is left to do.
   */
  onHandedOver?: () => Promise<void>;
  /** Told of what is odd and no error. @default {console.warn} */
  onWarning?: (message: string) => void;
}

/** What is not given. */
export const DEFAULTS = {
  waitMs: 60_000,
  readyTimeoutMs: 60_000,
  answerTimeoutMs: 5_000,
  isBusy: () => false,
  onOffering: () => {},
  onHandingOver: () => Promise.resolve(),
  onHandedOver: () => Promise.resolve(),
  onWarning: (message: string) => console.warn(message),
};

/** Everything, but what only the beginning needs. */
export type Settings =
  & Required<Omit<UpgraderOptions, "signal" | "dir" | "service">>
  & Pick<UpgraderOptions, "service">;
