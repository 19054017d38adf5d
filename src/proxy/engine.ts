import type { Clock } from "../platform/clock.ts";
import type { AccessLog } from "./access_log.ts";
import type { Backend } from "./backend.ts";
import type { Counters } from "./counters.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Limits } from "./limits.ts";
import type { GivenSocket } from "./net/given_network.ts";

/** A certificate chain and its key, both PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Which port of a backend stands behind a public port. */
export interface PortMapping {
  /** 0 takes any free port. */
  readonly listen: number;
  /** A port of its own, or the backend's port plus an offset. */
  readonly backend: { readonly port: number } | { readonly offset: number };
}

/** What every engine gets to work with. */
export interface EngineOptions {
  /** Address to listen on. */
  hostname: string;
  /** 0 takes any free port. */
  port: number;
  /**
   * Listening sockets that there are already, for every port one, in their order; null: they are
   * opened here.
   */
  sockets: readonly GivenSocket[] | null;
  /** More public ports, for engines that do not look into the bytes. */
  morePorts: readonly PortMapping[];
  /** What {@linkcode port} leads to. */
  portMapping: PortMapping["backend"];
  dispatcher: Dispatcher;
  counters: Counters;
  clock: Clock;
  limits: Limits;
  /** Whether a peer may set forwarding headers and speak the PROXY protocol. */
  isTrusted(ip: string): boolean;
  /** Path and query that balancers in front ask for whether all is well; null: unknown. */
  healthPath: string | null;
  /** How long a backend may take to begin its answer; 0: no limit. */
  responseHeadTimeoutMs: number;
  /** Answers of idempotent requests with these statuses are repeated. */
  retryStatus: readonly number[];
  /** Bytes of a request's body that are kept to send them again. */
  replayBufferBytes: number;
  /** Speak TLS with clients; null: plain text. */
  certificate: Certificate | null;
  /** Connections of trusted peers begin with a PROXY protocol header, version 1 or 2. */
  proxyProtocol: boolean;
  /** Send `Forwarded` (RFC 7239) to backends, too. */
  forwarded: boolean;
  /** Name for `Via` in requests to backends; null: none is added. */
  via: string | null;
  /** Told of every finished request; null: nobody wants to know. */
  accessLog: AccessLog | null;
  /** Told of errors in the engine itself; must not throw. */
  onError(error: unknown): void;
}

/** Limits of a shutdown. */
export interface ShutdownOptions {
  /** How long requests may take to finish. */
  drainTimeoutMs: number;
  /**
   * So long a connection without a request may bring one more, which is its last, for engines that
   * can tell: a client cannot see in time that it is being closed. @default {0}
   */
  idleGraceMs?: number;
  /** Ends the waiting at once when it aborts. */
  signal?: AbortSignal;
}

/** Listens, speaks with clients and backends, and knows nothing of rolls. */
export interface Engine {
  readonly hostname: string;
  /** The port that is really bound. */
  readonly port: number;
  /** Gives up what is kept for a backend that takes no new requests: idle connections. */
  forget(backend: Backend): void;
  /**
   * New connections get this certificate; those that are open keep theirs.
   *
   * @throws {TypeError} When the engine speaks no TLS, or the certificate is unusable; the old one
   * stays.
   */
  setCertificate(certificate: Certificate): void;
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
