import type { Config, ContainerOptions } from "../../config/config.ts";
import { createProbe } from "../../health/create_probe.ts";
import { systemClock } from "../../platform/clock.ts";
import { getLog } from "../../platform/log.ts";
import type { Probe } from "../../roll/effects.ts";
import {
  ContainerRuntime,
  type ContainerRuntimeOptions,
} from "../../runtime/container/container_runtime.ts";
import { publishedPortProbe } from "../../runtime/container/published_port.ts";
import { VERSION } from "../version.ts";
import type { ContainerSurroundings } from "./container_parts.ts";

/** In what containers of services and those of our own making differ. */
export interface EngineRuntimeOptions
  extends Pick<ContainerRuntimeOptions, "engine" | "owner" | "maker" | "firstPart" | "log"> {
  readonly onStop: ContainerOptions["onStop"];
}

/** Runs versions in containers, whoever makes them. */
export function engineRuntime(
  { stopTimeoutMs, minHealthyMs, healthProbeTimeoutMs, livenessThreshold }: Config,
  { onStop, ...options }: EngineRuntimeOptions,
  { redact, output }: Pick<ContainerSurroundings, "redact" | "output">,
): ContainerRuntime {
  return new ContainerRuntime({
    ...options,
    staysOnStop: onStop === "leave",
    stopTimeoutMs,
    minHealthyMs,
    healthProbeTimeoutMs,
    livenessThreshold,
    clock: systemClock,
    date: Date.now,
    childLog: getLog("child"),
    redact,
    onLine: (line, stream, { key, id, port }) => output.push({ key, id, port, stream, line }),
  });
}

/** Asks containers how they are. */
export function engineProbe(config: Config, runtime: ContainerRuntime): Probe {
  return runtime.useProbe(
    config.healthcheck.kind === "tcp"
      ? publishedPortProbe()
      : createProbe({ ...config, version: VERSION, inside: runtime }),
  );
}
