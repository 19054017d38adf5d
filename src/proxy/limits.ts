/** Time and size limits towards clients and backends. Times are milliseconds, 0: no limit. */
export interface Limits {
  /** From a request's first byte to the end of its head, then 408. */
  readonly clientHeadTimeoutMs: number;
  /** How long a connection may stay open between two requests. */
  readonly clientIdleTimeoutMs: number;
  /** Between two pieces of a request's body, then 408. */
  readonly clientBodyTimeoutMs: number;
  /** How long a client may take nothing of its answer, then its connection is cut. */
  readonly clientSendTimeoutMs: number;
  /** For a connection to a backend; then the next try, at last 504. */
  readonly connectTimeoutMs: number;
  /** Between two pieces of an answer's body, then the client's connection is cut. */
  readonly responseIdleTimeoutMs: number;
  /** How long a tunnel or a TCP connection may carry nothing in either direction. */
  readonly tunnelIdleTimeoutMs: number;
  /** Bytes of a head, trailers alike, first line included; beyond it 431, or 502 for an answer. */
  readonly maxHeadBytes: number;
  /** Header lines of a head, then 431 or 502. */
  readonly maxHeaders: number;
  /** Bytes of a request's target, then 414. */
  readonly maxTargetBytes: number;
  /** Bytes of a request's body, then 413; 0: no limit. */
  readonly maxBodyBytes: number;
  /** Client connections at the same time; more wait in the kernel's queue. 0: no limit. */
  readonly maxConnections: number;
}

/** What applies unless the operator says otherwise. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  clientHeadTimeoutMs: 10_000,
  clientIdleTimeoutMs: 75_000,
  clientBodyTimeoutMs: 60_000,
  clientSendTimeoutMs: 60_000,
  connectTimeoutMs: 1000,
  responseIdleTimeoutMs: 300_000,
  tunnelIdleTimeoutMs: 3_600_000,
  maxHeadBytes: 65_536,
  maxHeaders: 200,
  maxTargetBytes: 16_384,
  maxBodyBytes: 0,
  maxConnections: 10_000,
});
