import type { Backend } from "./backend.ts";
import type { Counters } from "./counters.ts";
import type { Dispatcher } from "./dispatcher.ts";

/** What every engine gets to work with. */
export interface EngineOptions {
  /** Address to listen on. */
  hostname: string;
  /** 0 takes any free port. */
  port: number;
  dispatcher: Dispatcher;
  counters: Counters;
  /** Whether a peer may set forwarding headers. */
  isTrusted(ip: string): boolean;
  /** How long a backend may take to begin its answer; 0: no limit. */
  responseHeadTimeoutMs: number;
  /** Answers of idempotent requests with these statuses are repeated. */
  retryStatus: readonly number[];
  /** Told of errors in the engine itself; must not throw. */
  onError(error: unknown): void;
}

/** Limits of a shutdown. */
export interface ShutdownOptions {
  /** How long requests may take to finish. */
  drainTimeoutMs: number;
  /** Ends the waiting at once when it aborts. */
  signal?: AbortSignal;
}

/** Listens, speaks HTTP with clients and backends, and knows nothing of rolls. */
export interface Engine {
  readonly hostname: string;
  /** The port that is really bound. */
  readonly port: number;
  /** Gives up what is kept for a backend that takes no new requests: idle connections. */
  forget(backend: Backend): void;
  /**
   * Stops listening and waits for the requests in flight, at most `drainTimeoutMs`; then `cut` is
   * called to end the rest. Always ends, never rejects.
   */
  shutdown(options: ShutdownOptions, cut: () => void): Promise<void>;
}

/**
 * Binds and starts to listen; nothing else has happened when it throws.
 *
 * @throws {Deno.errors.AddrInUse} And the other errors of listening.
 */
export type EngineStarter = (options: EngineOptions) => Engine;
