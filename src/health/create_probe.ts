import type { HealthCheck, StatusRange } from "../config/config.ts";
import type { Clock } from "../platform/clock.ts";
import type { Probe } from "../roll/effects.ts";
import { execProbe } from "./exec_probe.ts";
import type { Inside } from "./inside.ts";
import { notifyProbe } from "./notify_probe.ts";
import { httpProbe } from "./probe.ts";
import { tcpProbe } from "./tcp_probe.ts";
import { timerProbe } from "./timer_probe.ts";

/** What probes are made of; the first five are options of the same names. */
export interface ProbeOptions {
  readonly healthcheck: HealthCheck;
  /** `Host` header; null: the address of the instance. */
  readonly healthHost: string | null;
  /** Added to the port of the instance, for checks that connect. */
  readonly healthPortOffset: number;
  readonly healthStatus: readonly StatusRange[];
  /** For checks that wait. @default {systemClock} */
  readonly clock?: Pick<Clock, "now">;
  /** For the `User-Agent` header. */
  readonly version: string;
  /** The runtime that started the instances. */
  readonly inside: Inside;
}

/** The probe that `healthcheck` asks for. */
export function createProbe(options: ProbeOptions): Probe {
  const { healthcheck, inside } = options;
  switch (healthcheck.kind) {
    case "http":
      return httpProbe({ ...options, path: healthcheck.path, statuses: options.healthStatus });
    case "tcp":
      return tcpProbe(options);
    case "exec":
      return execProbe(healthcheck.command, inside);
    case "notify":
      return notifyProbe(inside);
    case "timer":
      return timerProbe(healthcheck.aliveMs, options.clock);
  }
}
