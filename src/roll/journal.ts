import type { RollOutcome, Trigger } from "./events.ts";

/**
 * What is written down, in the order of a roll. The first six are written *before* the thing they
 * name is done (intent, inputs, what is needed to undo it); the others tell a result.
 */
export const JOURNAL_STEPS = [
  "roll.began",
  "instance.starting",
  "switch.intended",
  "drain.intended",
  "stop.intended",
  "settings.changed",
  "instance.started",
  "switch.done",
  "version.proven",
  "instance.gone",
  "phase.ended",
  "roll.ended",
  "quarantine.changed",
  "version.seen",
] as const;

/** One of {@linkcode JOURNAL_STEPS}. */
export type JournalStep = (typeof JOURNAL_STEPS)[number];

/** How far an instance has come. */
export const INSTANCE_STAGES = [
  "starting",
  "candidate",
  "switching",
  "current",
  "draining",
  "stopping",
] as const;

/** One of {@linkcode INSTANCE_STAGES}. */
export type InstanceStage = (typeof INSTANCE_STAGES)[number];

/** What is known of an instance that may still run. Everything is needed to find and end it. */
export interface InstanceRecord {
  /** Unique in the life of a state directory: `i` and the number of its roll. */
  readonly key: string;
  readonly roll: number;
  /** The version's id. */
  readonly id: string;
  readonly port: number;
  /** The value of `LIVEROLL_INSTANCE` in its environment; nobody else has it. */
  readonly token: string;
  /** Its output needs nobody who reads it: it can outlive liveroll. */
  readonly outlives: boolean;
  readonly stage: InstanceStage;
  /** Null until it was started. */
  readonly pid: number | null;
  /** Tells a process from a later one with the same pid: boot id and start time. Null: unknown. */
  readonly birth: string | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** One part of a roll, as it went. */
export interface PhaseRecord {
  readonly name: PhaseName;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly outcome: "succeeded" | "failed" | "interrupted";
}

/** The parts of a roll, in their order; `drain` and `stop` are those of the instance that leaves. */
export const PHASES = [
  "fetch",
  "turn",
  "before-hook",
  "snapshot",
  "migrate",
  "port",
  "start",
  "gate",
  "exchange",
  "switch",
  "drain",
  "stop",
  "watch",
  "restore",
  "after-hook",
] as const;

/** One of {@linkcode PHASES}. */
export type PhaseName = (typeof PHASES)[number];

/** One roll, for ever. */
export interface RollRecord {
  readonly roll: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly trigger: Trigger;
  readonly from: string | null;
  readonly to: string;
  /** Null while it is under way. */
  readonly outcome: RollOutcome | null;
  /** One sentence for people; empty while it is under way. */
  readonly detail: string;
  readonly durationMs: number | null;
  /** What the candidate printed last, when it was refused. */
  readonly lastLines: readonly string[];
  readonly phases: readonly PhaseRecord[];
}

/** A version that failed, and when it may be tried again. */
export interface QuarantineRecord {
  readonly id: string;
  readonly failures: number;
  /** Milliseconds since 1970. */
  readonly retryAt: number;
  /** How long that was away when it was written: a clock that is set back makes it no longer. */
  readonly waitMs: number;
  readonly detail: string;
}

/** What people have asked for and what holds until they ask for something else. */
export interface Settings {
  /** No updates by themselves. */
  readonly paused: boolean;
  /** The only version that may be rolled to; null: the newest. */
  readonly pinned: string | null;
  /** Versions that nobody wants; oldest first. */
  readonly skipped: readonly string[];
  /** Requests wait. */
  readonly held: boolean;
  /** Requests are answered 503 with this message; null: they are not. */
  readonly maintenance: string | null;
}

/** Nobody has asked for anything. */
export const NO_SETTINGS: Settings = {
  paused: false,
  pinned: null,
  skipped: [],
  held: false,
  maintenance: null,
};

/** One line of the journal. Times are milliseconds since 1970. */
export type JournalEntry =
  | {
    step: "roll.began";
    roll: number;
    at: number;
    trigger: Trigger;
    from: string | null;
    to: string;
  }
  | { step: "instance.starting"; instance: InstanceRecord }
  | { step: "instance.started"; key: string; pid: number; birth: string | null }
  | { step: "switch.intended"; roll: number; key: string; from: string | null }
  | { step: "switch.done"; roll: number; key: string; at: number }
  /** It served as long as `--min-healthy` asks. */
  | { step: "version.proven"; id: string; at: number }
  | { step: "drain.intended"; key: string }
  | { step: "stop.intended"; key: string }
  | { step: "instance.gone"; key: string }
  | { step: "phase.ended"; roll: number; phase: PhaseRecord }
  | {
    step: "roll.ended";
    roll: number;
    outcome: RollOutcome;
    detail: string;
    durationMs: number;
    lastLines: readonly string[];
  }
  /** `entry` null: it is out of quarantine. */
  | { step: "quarantine.changed"; id: string; entry: QuarantineRecord | null }
  | { step: "settings.changed"; settings: Settings }
  /** The source named it for the first time. */
  | { step: "version.seen"; id: string; at: number };

/** What the journal says when liveroll starts. */
export interface Memory {
  /** Number of the newest roll; 0: none. */
  readonly lastRoll: number;
  /** Rolls without an end. */
  readonly unfinished: readonly RollRecord[];
  /** Instances that are not known to be gone, in the order of their starts. */
  readonly instances: readonly InstanceRecord[];
  /** Proven versions, the newest last, each once; the last one is known to be good. */
  readonly proven: readonly string[];
  readonly quarantine: readonly QuarantineRecord[];
  readonly settings: Settings;
  /** When the source named a version first, milliseconds since 1970; the newest hundred. */
  readonly seen: ReadonlyMap<string, number>;
}

/** Nothing has ever happened. */
export const NO_MEMORY: Memory = {
  lastRoll: 0,
  unfinished: [],
  instances: [],
  proven: [],
  quarantine: [],
  settings: NO_SETTINGS,
  seen: new Map(),
};

/** Remembers across the end of the process and of the power. */
export interface Journal {
  /** What it said when it was opened. */
  readonly memory: Memory;
  /**
   * Resolves when `entry` is durable.
   *
   * @throws {JournalError} When it cannot be made durable now. It is remembered all the same, and
   * becomes durable with the first entry that can be written again.
   */
  write(entry: JournalEntry): Promise<void>;
  /** Whether a roll to `id` has succeeded, as long ago as rolls are remembered. Never throws. */
  hasServed(id: string): boolean;
}

/** The journal cannot be written. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

/** Remembers as long as the process lives. */
export class ForgetfulJournal implements Journal {
  constructor(readonly memory: Memory = NO_MEMORY) {}

  write(): Promise<void> {
    return Promise.resolve();
  }

  hasServed(): boolean {
    return false;
  }
}
