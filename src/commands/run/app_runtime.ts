import type { Config } from "../../config/config.ts";
import { OPTION_VARIABLES } from "../../config/environment.ts";
import { createProbe } from "../../health/create_probe.ts";
import type { Inside } from "../../health/inside.ts";
import type { Redactor } from "../../notify/redact.ts";
import { redactedLog } from "../../notify/redacted.ts";
import { getLog } from "../../platform/log.ts";
import type { PortObstacle } from "../../platform/ports.ts";
import type { Probe, Runtime } from "../../roll/effects.ts";
import type { InstanceRecord } from "../../roll/journal.ts";
import { AssetsRuntime } from "../../runtime/assets.ts";
import { ProcessRuntime } from "../../runtime/process.ts";
import type { PublicSockets } from "../../runtime/public_sockets.ts";
import { VERSION } from "../version.ts";
import { furtherPorts } from "./child_ports.ts";
import type { EngineParts } from "./engine_parts.ts";
import type { OutputRing } from "./output_ring.ts";
import type { RegistryParts } from "./registry_parts.ts";

/** What versions are for one application, and how they are started. */
export interface AppRuntime extends Runtime, Inside {
  /** What runs and is not known, as far as the runtime itself can tell. @default By processes. */
  findOrphans?: (
    known: readonly InstanceRecord[],
    signal?: AbortSignal,
  ) => Promise<InstanceRecord[]>;
  /** Why a child could not listen on `port` now; null: it can. */
  portObstacle(port: number): Promise<PortObstacle | null>;
  /** Stops every instance that was not stopped yet. */
  stopAll(): Promise<void>;
  /** Looks after nobody any more; what runs goes on, and whoever finds it may look after it. */
  leave(): Promise<void>;
}

/** What an {@linkcode AppRuntime} needs besides its configuration. */
export interface RuntimeSurroundings {
  env: Readonly<Record<string, string>>;
  /** What instances print. */
  output: OutputRing;
  /** Takes secrets out of what others may see. */
  redact: Redactor;
  /** Null: versions come from commands. */
  releases: RegistryParts | null;
  /** Null: no engine runs versions. */
  containers: EngineParts | null;
  /** Null: a proxy stands in front of children. */
  sockets: PublicSockets | null;
}

/** How versions are started and asked whether they are well, for this configuration. */
export function appRuntime(
  config: Config,
  around: RuntimeSurroundings,
): { runtime: AppRuntime; probe: Probe } {
  if (config.subject === "assets") return assetsRuntime(config, around);
  if (around.containers !== null) return around.containers;
  const runtime = processRuntime(config, around);
  return { runtime, probe: createProbe({ ...config, version: VERSION, inside: runtime }) };
}

function assetsRuntime(
  { ports, childHost }: Config,
  { releases }: RuntimeSurroundings,
): { runtime: AppRuntime; probe: Probe } {
  const runtime = new AssetsRuntime({
    releaseDir: (id) => releases?.releases?.directoryOf(id) ?? null,
    childHost: ports.length === 0 ? null : childHost,
  });
  return { runtime, probe: runtime.probe };
}

function processRuntime(
  config: Config,
  { env, output, redact, releases, sockets }: RuntimeSurroundings,
): ProcessRuntime {
  return new ProcessRuntime({
    ...config,
    ...(releases !== null && { releaseDir: (id) => releases.releases?.directoryOf(id) ?? null }),
    onLine: (line, stream, { key, id, port }) => output.push({ key, id, port, stream, line }),
    ...furtherPorts(config),
    ...(sockets !== null && { sockets }),
    env,
    optionNames: OPTION_VARIABLES,
    log: getLog("runtime"),
    redact,
    childLog: getLog("child"),
    stopLog: redactedLog(getLog("stop"), redact),
  });
}
