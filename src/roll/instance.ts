import type { Copies } from "./copies.ts";

/** The exit status of a process that was adopted: only its parent could learn it. */
export const UNKNOWN_EXIT = -1;

/** How a process ended. */
export interface Exit {
  /** Exit status, 128 + signal number when a signal ended it, or {@linkcode UNKNOWN_EXIT}. */
  code: number;
  /** For example `SIGKILL`; null for a normal exit. */
  signal: string | null;
}

/** What stopping an instance took. */
export type StopOutcome = "stopped" | "killed" | "already_gone" | "survived";

/** One place where an instance answers; a container that was started anew has a new one. */
export interface Endpoint {
  /** Unique for the life of the state directory. */
  readonly key: string;
  readonly host: string;
  readonly port: number;
  /** False as soon as what listens there is known to have ended. */
  isAlive(): boolean;
}

/** The places where an instance with several copies answers. */
export interface Endpoints {
  /** Those that may get requests now. */
  readonly now: readonly Endpoint[];
  /** Told in the step in which {@linkcode Endpoints.now} changes; must not throw. Until disposed. */
  onChange(listener: () => void): Disposable;
}

/** What is left of something that was to end, and may still run. */
export type Remnant = Pick<Instance, "key" | "id" | "port" | "pid" | "stop">;

/** One started copy of a version. Everything is keyed by instance, never by port or version. */
export interface Instance {
  /** Unique for the life of the state directory, for example `i7`. */
  readonly key: string;
  /** Tells its process from a later one with the same pid; null: cannot be told here. */
  readonly birth: string | null;
  /** The version's id. */
  readonly id: string;
  readonly host: string;
  readonly port: number;
  /** Where it answers, if that is more than `host` and `port`, or may change. */
  readonly endpoints?: Endpoints;
  /** What it is made of, if that is more than one process; its endpoints change with that. */
  readonly copies?: Copies;
  readonly pid: number;
  /** Set from the moment the process has ended; read it synchronously before a switch. */
  readonly exit: Exit | null;
  /** Resolves once, when the process has ended; never rejects. */
  readonly exited: Promise<Exit>;
  /**
   * Why neither its end nor a bad answer now says anything about its version, for people: what it
   * runs on has failed. Null or absent: they do. What was true at its end stays so.
   */
  readonly excuse?: string | null;
  /**
   * Who listens on its port in its place, for people; null when that is nobody, or when it cannot
   * be told. A healthy answer counts for nothing then. Never rejects.
   */
  impostor(): Promise<string | null>;
  /**
   * Why no request would reach it, of one that was found: it was started to get them another way.
   * Absent or null: they would.
   */
  readonly misfit?: string | null;
  /** The newest lines it printed, oldest first; empty when its output is inherited. */
  lastLines(): readonly string[];
  /**
   * Asks it to end, waits, kills what is left of its process group, and waits until its port is
   * free. Safe to call more than once and after the exit: one that has survived is ended anew. Never
   * rejects, always ends.
   */
  stop(): Promise<StopOutcome>;
  /** Kills the whole group now; for a second signal from an impatient operator. */
  kill(): void;
}
