/*
 * How states, outcomes and the like are called on the page. A sign goes with every colour: colour
 * is never the only difference.
 */

/** @typedef {"good" | "busy" | "warn" | "bad" | "none"} Tone */

/** @type {Readonly<Record<string, { sign: string, tone: Tone }>>} */
const STATES = {
  starting: { sign: "◌", tone: "busy" },
  serving: { sign: "●", tone: "good" },
  rolling: { sign: "◐", tone: "busy" },
  holding: { sign: "❚❚", tone: "warn" },
  degraded: { sign: "▲", tone: "bad" },
  paused: { sign: "❚❚", tone: "warn" },
  stopping: { sign: "◼", tone: "none" },
  stopped: { sign: "◼", tone: "none" },
};

/** @type {Readonly<Record<string, { sign: string, tone: Tone, word: string }>>} */
const OUTCOMES = {
  succeeded: { sign: "✓", tone: "good", word: "succeeded" },
  failed: { sign: "✗", tone: "bad", word: "failed" },
  rolled_back: { sign: "↶", tone: "warn", word: "rolled back" },
  interrupted: { sign: "⊘", tone: "none", word: "interrupted" },
  skipped: { sign: "⊘", tone: "none", word: "skipped" },
  running: { sign: "◐", tone: "busy", word: "under way" },
  waiting: { sign: "○", tone: "none", word: "to come" },
};

/** @type {Readonly<Record<string, string>>} */
const PHASES = {
  fetch: "Fetch",
  turn: "Turn",
  "before-hook": "Before hook",
  snapshot: "Snapshot",
  migrate: "Migration",
  port: "Port",
  start: "Start",
  gate: "Health gate",
  exchange: "Exchange",
  switch: "Switch",
  drain: "Drain old",
  stop: "Stop old",
  watch: "Watch",
  restore: "Data restored",
  "after-hook": "After hook",
};

/** @type {Readonly<Record<string, string>>} */
const OBSTACLES = {
  quarantined: "it is in quarantine",
  skipped: "it is to be skipped",
  paused: "updates are paused",
  pinned: "another version is pinned",
  notify_only: "updates are only told, not made",
  window: "outside of the time windows",
  cooldown: "it is too new",
};

/** @type {Readonly<Record<string, string>>} */
const TRIGGERS = {
  start: "start",
  interval: "interval",
  forced: "forced by signal",
  restart: "restart by signal",
  crash: "after a crash",
  liveness: "did not answer its probes",
  command: "by command",
  webhook: "by webhook",
  rollback: "rollback",
  "automatic-rollback": "automatic rollback",
  pin: "pinned",
  retry: "retry",
};

/** @type {Readonly<Record<string, string>>} */
const CHECKS = {
  unchanged: "nothing new",
  found: "a new version",
  waiting: "a version that waits",
  failed: "failed",
};

/** @param {string} state */
export const stateLook = (state) => STATES[state] ?? { sign: "?", tone: "none" };

/** @param {string | null} outcome Null: under way. */
export const outcomeLook = (outcome) =>
  OUTCOMES[outcome ?? "running"] ?? { sign: "?", tone: "none", word: String(outcome) };

/** @param {string} phase */
export const phaseWord = (phase) => PHASES[phase] ?? phase;

/** @param {string} obstacle */
export const obstacleWord = (obstacle) => OBSTACLES[obstacle] ?? obstacle;

/** @param {string} trigger */
export const triggerWord = (trigger) => TRIGGERS[trigger] ?? trigger;

/** @param {string} outcome */
export const checkWord = (outcome) => CHECKS[outcome] ?? outcome;
