/** How much a notification matters. `normal` is left out for those who want it quiet. */
export type Importance = "normal" | "important" | "error" | "recovery";

/** Everything that is told, and how much it matters. */
export const EVENTS = {
  started: "important",
  rolled: "important",
  stopped: "important",
  found: "normal",
  /** A version that somebody has to take, because `--notify-only` was asked for. */
  offered: "important",
  quarantined: "normal",
  check_failed: "error",
  failed: "error",
  data_broken: "error",
  rolled_back: "error",
  crashed: "error",
  crash_loop: "error",
  unhealthy: "error",
  containers_missing: "error",
  cannot_end: "error",
  port_busy: "error",
  unstable_id: "error",
  hook_failed: "error",
  journal_failed: "error",
  recovered: "recovery",
  paused: "normal",
  resumed: "normal",
  pinned: "normal",
  unpinned: "normal",
  skipped: "normal",
  held: "important",
  released: "important",
  maintenance_on: "important",
  maintenance_off: "important",
} as const satisfies Record<string, Importance>;

/** One of {@linkcode EVENTS}. */
export type EventName = keyof typeof EVENTS;

/** What can be wrong, and be over again. */
export type Trouble =
  | "check"
  | "roll"
  | "service"
  | "containers"
  | "port"
  | "journal"
  | "after-hook"
  | "failure-hook";

/** Something that people are told. */
export interface Notification {
  readonly event: EventName;
  readonly importance: Importance;
  /** What happened, in a few words. */
  readonly headline: string;
  /** Sentences, each on a line of its own. */
  readonly text: readonly string[];
  /** What somebody printed last; bounded. */
  readonly lastLines: readonly string[];
  readonly roll: number | null;
  /** Version that served before. */
  readonly from: string | null;
  /** Version that this is about. */
  readonly to: string | null;
  /** Version that serves now. */
  readonly running: string | null;
  /** Arguments of the command that tells more, for example `show 17`. */
  readonly look: string;
  /** The trouble that there is now; told only so many times. */
  readonly raises: Trouble | null;
  /** The trouble that is over with it. `recovered` is told only if the trouble was. */
  readonly ends: Trouble | null;
  /** Troubles of one kind with the same gist are equal; anything else of the same gist is told once. */
  readonly gist: string | null;
}
