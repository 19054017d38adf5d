/** What can be asked for and takes its time. */
export type Order =
  /**
   * `id` null: the newest of the source. An id is rolled to even if it is skipped or in quarantine.
   * `force`: so is the newest; also what runs, and although updates are paused or another is pinned.
   */
  | { kind: "update"; id: string | null; force: boolean; by: "command" | "webhook" }
  /** `id` null: the version before. */
  | { kind: "rollback"; id: string | null }
  /** Forgets all failures, skips included, and checks now. */
  | { kind: "retry" }
  | { kind: "pin"; id: string };

/** What can be asked for and is done at once. */
export type Setting =
  | { kind: "pause" }
  | { kind: "resume" }
  | { kind: "hold" }
  | { kind: "release" }
  | { kind: "maintenance"; message: string | null }
  | { kind: "unpin" }
  | { kind: "skip"; id: string };

/** What came of an order at once. */
export type Answer =
  /** Its end is told by the event `request.ended`. */
  | { accepted: true; request: number }
  /** `busy`: something else is under way. `conflict`: does not make sense now. `unavailable`: cannot be written down. */
  | {
    accepted: false;
    reason: "busy" | "conflict" | "unknown_version" | "unavailable";
    detail: string;
    roll: number | null;
  };
