import type { Clock } from "../platform/clock.ts";
import type { DataChanges } from "./data_changes.ts";
import type { CheckStep, HookEnd, HookName, RollEvent, Trigger } from "./events.ts";
import type { Instance, Remnant } from "./instance.ts";
import type { InstanceRecord, Journal } from "./journal.ts";
import type { Turns } from "./turns.ts";

/** How long, and before whose eyes, something is looked for that may be there still. */
export interface Search {
  /** Everything ends: nothing is waited for that does not answer. */
  readonly signal: AbortSignal;
  /** What instances run on does not answer, and is asked again; `why` is for people. Null: it does. */
  onWait(why: string | null): void;
}

/** Starts instances and knows about ports. */
export interface Runtime {
  /** Instances need nobody who reads their output: they can outlive liveroll. */
  readonly outlives: boolean;
  /** What serves goes on running when liveroll is told to stop. @default {false} */
  readonly staysOnStop?: boolean;
  /**
   * @param what `port` 0: it takes one of its own; `isPart`: only the part of it that an
   * {@linkcode Exchange} begins with.
   * @throws {OutageError} When nothing could be started, and the version is not to blame.
   * @throws {RemainsError} When nothing could be started, and what was begun could not be ended.
   * @throws When nothing could be started (the command itself is broken).
   */
  start(
    what: { key: string; id: string; port: number; token: string; isPart?: boolean },
  ): Promise<Instance>;
  /**
   * Finds what a former life of liveroll has started and what still runs, so that it can be probed,
   * serve, and be stopped like any other; null when nothing of it is left. An instance whose shell
   * is gone but which left something behind counts as running. Nobody is taken for gone because
   * nobody can be asked: that is waited for.
   *
   * @throws The reason of `search.signal`, when it aborts before that is known.
   */
  find(record: InstanceRecord, search: Search): Promise<Instance | null>;
  /**
   * Nothing that is being started or looked for is waited for any more, now and later; what comes of
   * it all the same is found by the next start. Absent: that never takes long.
   */
  kill?(): void;
  /** Null when `port` can be bound now, else who holds it, for people. */
  portHolder(port: number): Promise<string | null>;
}

/** Answers "what is the newest version?". */
export interface Source {
  /**
   * @param running The version that runs, or ran until it crashed; null: none has run.
   * @throws {SourceError} When the answer cannot be had.
   * @throws The signal's reason, when it aborts; nothing is left running.
   */
  latest(signal: AbortSignal, running: string | null): Promise<string>;
  /** Resolves when nothing that it started is left running; bounded, never rejects. */
  idle(): Promise<void>;
}

/** The answer to one health probe; `detail` says why not, for people. */
export type ProbeResult = { healthy: true } | { healthy: false; detail: string };

/** Asks an instance once whether it is well. */
export interface Probe {
  /** Ends when `signal` aborts. Never rejects. */
  (instance: Instance, signal: AbortSignal): Promise<ProbeResult>;
}

/** What became of the requests that were in flight when a drain began. */
export interface DrainReport {
  /** Requests that ended by themselves. */
  finished: number;
  /** Requests and tunnels that were cut when the time was up. */
  cut: number;
}

/** The proxy as a roll sees it. */
export interface Traffic {
  /** From this call on, every new or held request goes to `instance` and to nobody else. */
  switchTo(instance: Instance): void;
  /** Requests wait, bounded, until this is called with false; also when an instance serves. */
  hold(isHeld: boolean): void;
  /** Requests are answered 503 with `message`; null: not any more. */
  maintenance(message: string | null): void;
  /** From this call on, no new request goes to `instance`; requests are held if nobody is left. */
  withdraw(instance: Instance): void;
  /**
   * Waits for the requests in flight on `instance`, at most `timeoutMs`, then cuts them; ends at
   * once when `signal` aborts (cutting them then). Never rejects.
   */
  drain(instance: Instance, timeoutMs: number, signal: AbortSignal): Promise<DrainReport>;
  /**
   * Stops accepting, waits for every request in flight, at most `timeoutMs`, then cuts the rest;
   * cuts at once when `signal` aborts. Held requests are refused. Never rejects.
   */
  close(timeoutMs: number, signal: AbortSignal): Promise<DrainReport>;
}

/** What an exchange writes down: should liveroll be killed, whoever has more copies goes on. */
export interface ExchangeNotes {
  /**
   * The candidate is about to have more of them than the current one. Safe to call again.
   *
   * @throws {Error} When it cannot be made durable: it should not be done then.
   */
  forth(): Promise<void>;
  /** The current one is whole again, and the candidate on its way out. */
  back(): Promise<void>;
}

/** Puts an instance in the place of another one bit by bit, where each is made of several copies. */
export interface Exchange {
  /**
   * Resolves when the candidate is whole, and what is left of the current one is not needed. Both
   * have traffic meanwhile. If the current one ends by itself, the candidate need not be whole.
   *
   * @returns Why it came to nothing; the current one then has all traffic again, the candidate none,
   * and nothing in flight. Null: it went well.
   * @throws The reason of `signal`, when it aborts; as if it came to nothing.
   */
  run(
    candidate: Instance,
    current: Instance,
    notes: ExchangeNotes,
    signal: AbortSignal,
  ): Promise<string | null>;
}

/** Brings the files of versions here, so that they can be started. */
export interface Artifacts {
  /** Whether `id` could be started without another byte from elsewhere. */
  has(id: string): boolean;
  /**
   * Fetches `id`, checks it and puts it in its place, or does nothing when it is there.
   *
   * @throws {ArtifactError} When it cannot be had, or is not what it should be.
   * @throws The reason of `signal`, when it aborts; what was fetched so far may be used next time.
   */
  fetch(id: string, signal: AbortSignal): Promise<void>;
}

/** What a hook is told, in its environment. */
export interface HookContext {
  roll: number;
  trigger: Trigger;
  from: string | null;
  to: string;
  /** Of the new instance; null: there is none (yet). */
  port: number | null;
  /** How the roll has gone so far: `started`, `succeeded`, `failed`. */
  outcome: "started" | "succeeded" | "failed";
  /** Where it failed; empty otherwise. */
  phase: string;
}

/** Commands of the operator around a roll. */
export interface Hooks {
  /** Whether there is a hook of that name. */
  has(hook: HookName): boolean;
  /**
   * Runs the hook to its end, within its time limit.
   *
   * @throws The reason of `signal`, when it aborts; nothing is left running.
   */
  run(hook: HookName, context: HookContext, signal: AbortSignal): Promise<HookEnd>;
}

/** When versions may be rolled to, by the calendar. */
export interface Windows {
  /** Milliseconds since 1970: `at` if updates are allowed then, else the next moment they are. */
  openAt(at: number): number;
}

/** Everything that a roll, the updater and the healing may do to the world. */
export interface Effects {
  clock: Clock;
  /** Milliseconds since 1970; may jump. */
  date(): number;
  journal: Journal;
  hooks: Hooks;
  windows: Windows;
  /** A token that nobody else has. */
  newToken(): string;
  /** Uniform in [0, 1); for jitter. */
  random(): number;
  source: Source;
  /** Absent: whoever names a version has brought it here already. */
  artifacts?: Artifacts;
  /** Absent: versions find their data as it is. */
  data?: DataChanges;
  /** Absent: nobody else rolls. */
  turns?: Turns;
  runtime: Runtime;
  /**
   * Done before anything else; may bring instances into the journal. Absent: there is nothing to do.
   *
   * @throws The reason of `search.signal`, when it aborts before.
   */
  lookAround?(search: Search): Promise<void>;
  /** Absent: a candidate takes over as a whole. */
  exchange?: Exchange;
  probe: Probe;
  traffic: Traffic;
  /** Told of everything that happens, in order; must not throw and must not wait. */
  observe(event: RollEvent): void;
}

/** The files of a version cannot be had, or are not what they should be. */
export class ArtifactError extends Error {
  override readonly name = "ArtifactError";

  /** @param isFault The version itself is bad; else another try may go better. */
  constructor(message: string, readonly isFault: boolean, options?: ErrorOptions) {
    super(message, options);
  }
}

/** What versions run on has failed: that says nothing about the one that was to be started. */
export class OutageError extends Error {
  override readonly name = "OutageError";
}

/** Something has failed, and what was begun may still run. */
export class RemainsError extends Error {
  override readonly name = "RemainsError";

  /**
   * @param remains Could not be ended so far.
   * @param why What has failed.
   */
  constructor(readonly remains: Remnant, readonly why: unknown) {
    super(why instanceof Error ? why.message : String(why), { cause: why });
  }
}

/** A source could not name its newest version. */
export class SourceError extends Error {
  override readonly name = "SourceError";

  /**
   * @param step Which step failed.
   * @param message What happened, with the command's last words.
   */
  constructor(readonly step: CheckStep, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}
