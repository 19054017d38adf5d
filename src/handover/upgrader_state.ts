/** What an upgrader can be doing. */
export const UPGRADER_STATES = [
  /** Has what it could get from its predecessor, and is not ready yet. */
  "starting",
  /** Said it is ready, and waits for the predecessor to stop accepting. */
  "taking_over",
  /** The one that serves. */
  "owner",
  /** Serves, and has lent its sockets to a successor that is not ready yet. */
  "offering",
  /** Accepts nobody: the successor may. */
  "paused",
  /** A successor serves. */
  "retired",
  /** Gave up, by itself or because it had to. */
  "stopped",
] as const;

/** What an upgrader is doing. */
export type UpgraderState = typeof UPGRADER_STATES[number];

/** What can happen to an upgrader. */
export const UPGRADER_EVENTS = [
  /** The program called `ready()`. */
  "ready",
  /** Accepting has begun. */
  "serving",
  /** A successor was given the sockets. */
  "offered",
  /** The successor is ready. */
  "successor_ready",
  /** The successor died, hung or closed the connection, and does not serve. */
  "successor_lost",
  /** The successor serves. */
  "handed_over",
  /** The program called `stop()`, or taking over failed. */
  "stop",
] as const;

/** Something that happened to an upgrader. */
export type UpgraderEvent = typeof UPGRADER_EVENTS[number];

const TRANSITIONS: Record<UpgraderState, Partial<Record<UpgraderEvent, UpgraderState>>> = {
  starting: { ready: "taking_over", stop: "stopped" },
  taking_over: { serving: "owner", stop: "stopped" },
  owner: { offered: "offering", stop: "stopped" },
  offering: { successor_ready: "paused", successor_lost: "owner", stop: "stopped" },
  paused: { handed_over: "retired", successor_lost: "owner", stop: "stopped" },
  retired: { stop: "retired" },
  stopped: { stop: "stopped" },
};

/**
 * What follows from `event`.
 *
 * @throws {TypeError} When it cannot happen now.
 */
export function nextState(state: UpgraderState, event: UpgraderEvent): UpgraderState {
  const next = TRANSITIONS[state][event];
  if (next === undefined) {
    throw new TypeError(`Cannot go on with "${event}": the upgrader is ${state.replace("_", " ")}`);
  }
  return next;
}
