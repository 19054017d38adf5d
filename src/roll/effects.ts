import type { Clock } from "../platform/clock.ts";
import type { RollEvent } from "./events.ts";

/** How a process ended. */
export interface Exit {
  /** Exit status, 128 + signal number when a signal ended it. */
  code: number;
  /** For example `SIGKILL`; null for a normal exit. */
  signal: string | null;
}

/** What stopping an instance took. */
export type StopOutcome = "stopped" | "killed" | "already_gone" | "survived";

/** One started copy of a version. Everything is keyed by instance, never by port or version. */
export interface Instance {
  /** Unique for the life of this liveroll, for example `i7`. */
  readonly key: string;
  /** The version's id. */
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** Set from the moment the process has ended; read it synchronously before a switch. */
  readonly exit: Exit | null;
  /** Resolves once, when the process has ended; never rejects. */
  readonly exited: Promise<Exit>;
  /**
   * Who listens on its port in its place, for people; null when that is nobody, or when it cannot
   * be told. A healthy answer counts for nothing then. Never rejects.
   */
  impostor(): Promise<string | null>;
  /** The newest lines it printed, oldest first; empty when its output is inherited. */
  lastLines(): readonly string[];
  /**
   * Asks it to end, waits, kills what is left of its process group, and waits until its port is
   * free. Safe to call more than once and after the exit; never rejects, always ends.
   */
  stop(): Promise<StopOutcome>;
  /** Kills the whole group now; for a second signal from an impatient operator. */
  kill(): void;
}

/** Starts instances and knows about ports. */
export interface Runtime {
  /** @throws When nothing could be started (the command itself is broken). */
  start(version: { id: string; port: number }): Promise<Instance>;
  /** Null when `port` can be bound now, else who holds it, for people. */
  portHolder(port: number): Promise<string | null>;
}

/** Answers "what is the newest version?". */
export interface Source {
  /**
   * @throws {SourceError} When the answer cannot be had.
   * @throws The signal's reason, when it aborts; nothing is left running.
   */
  latest(signal: AbortSignal): Promise<string>;
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

/** Everything that a roll, the updater and the healing may do to the world. */
export interface Effects {
  clock: Clock;
  /** Uniform in [0, 1); for jitter. */
  random(): number;
  source: Source;
  runtime: Runtime;
  probe: Probe;
  traffic: Traffic;
  /** Told of everything that happens, in order; must not throw and must not wait. */
  observe(event: RollEvent): void;
}

/** A source could not name its newest version. */
export class SourceError extends Error {
  override readonly name = "SourceError";

  /**
   * @param step Which step failed.
   * @param message What happened, with the command's last words.
   */
  constructor(readonly step: "pull" | "id", message: string, options?: ErrorOptions) {
    super(message, options);
  }
}
