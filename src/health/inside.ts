import type { Instance } from "../roll/instance.ts";

/** How a command in an instance's surroundings ended. */
export interface CommandEnd {
  /** Exit status, 128 + signal number when a signal ended it. */
  readonly code: number;
  /** The last line that it printed, without white space around it; may be empty. */
  readonly lastLine: string;
}

/** What an instance last said about itself. */
export interface Notices {
  /** It said `READY=1` and not `STOPPING=1` since. */
  readonly ready: boolean;
  /** Its last `STATUS=` line. */
  readonly status: string | null;
}

/** Ways into an instance that lead past its port; a runtime knows them. */
export interface Inside {
  /**
   * Runs a command with the instance's templates and environment, in a process group of its own
   * that is killed when `signal` aborts.
   *
   * @throws The signal's reason, when it aborts.
   */
  run(instance: Instance, command: string, signal: AbortSignal): Promise<CommandEnd>;
  /** Null when the instance has no socket to speak on, or is gone. */
  notices(instance: Instance): Notices | null;
}
