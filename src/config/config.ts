import type { Cidr } from "../platform/cidr.ts";

/** How a new version takes over. */
export const STRATEGIES = ["blue-green", "recreate"] as const;
export const CHILD_LOGS = ["capture", "inherit"] as const;
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export const LOG_FORMATS = ["auto", "text", "json", "journald"] as const;

export type { Cidr };
export type Strategy = (typeof STRATEGIES)[number];
export type ChildLogs = (typeof CHILD_LOGS)[number];
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Inclusive range of HTTP status codes. */
export interface StatusRange {
  from: number;
  to: number;
}

/** What one liveroll does, validated and frozen. Durations are milliseconds. */
export interface Config {
  readonly pull: string;
  readonly id: string;
  readonly exec: string;
  /** Command that stops a child instead of {@linkcode Config.stopSignal}. */
  readonly stop: string | null;

  readonly intervalMs: number;
  readonly pullTimeoutMs: number;
  readonly idTimeoutMs: number;
  readonly strategy: Strategy;

  /** Address the proxy listens on. */
  readonly host: string;
  readonly port: number;
  /** Address the children listen on; probes and traffic use the same one. */
  readonly childHost: string;
  readonly childPorts: readonly [number, number];

  /** Path and query, always with a leading slash. */
  readonly healthcheck: string;
  readonly healthTimeoutMs: number;
  readonly healthIntervalMs: number;
  readonly healthProbeTimeoutMs: number;
  readonly healthStatus: readonly StatusRange[];
  readonly healthSuccesses: number;
  /** `Host` header of probes; null: the child's address. */
  readonly healthHost: string | null;
  /** Added to the child's port to get the port that is probed. */
  readonly healthPortOffset: number;

  readonly drainTimeoutMs: number;
  readonly tunnelGraceMs: number;
  readonly stopTimeoutMs: number;
  readonly stopSignal: Deno.Signal;

  readonly queueTimeoutMs: number;
  /** Requests that may wait at the same time. */
  readonly queueLimit: number;
  readonly responseHeadTimeoutMs: number;
  readonly trustedProxies: readonly Cidr[];
  readonly retryUnsafe: boolean;
  readonly retryStatus: readonly number[];

  readonly childLogs: ChildLogs;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}
