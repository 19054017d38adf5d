import type { Config } from "../../config/config.ts";
import type { Log } from "../../platform/log.ts";
import { type PortObstacle, portObstacle } from "../../platform/ports.ts";
import { portsOf } from "../../runtime/instance_ports.ts";
import type { ProcessRuntimeOptions } from "../../runtime/process.ts";
import type { AppRuntime } from "./app_runtime.ts";

/** Ports of children besides their own, as the public ports lead to them. */
export function furtherPorts(
  { ports }: Pick<Config, "ports">,
): Required<Pick<ProcessRuntimeOptions, "portOffsets" | "fixedPorts">> {
  return {
    portOffsets: ports.flatMap(({ backend }) => "offset" in backend ? backend.offset : []),
    fixedPorts: ports.flatMap(({ backend }) => "port" in backend ? backend.port : []),
  };
}

/** Every port that some child may listen on. */
export function allChildPorts(
  config: Pick<Config, "childPorts" | "ports" | "healthPortOffset">,
): number[] {
  const of = { ...config, ...furtherPorts(config) };
  return [...new Set(config.childPorts.flatMap((port) => [...portsOf(port, of)]))];
}

/**
 * Whether children could listen where they should; says which port is taken, and by whom.
 *
 * @param ours Ports of children of a former life, which may still run and are looked after.
 */
export async function childPortsAreFree(
  config: Config,
  runtime: Pick<AppRuntime, "portObstacle">,
  log: Log,
  ours: readonly number[],
): Promise<boolean> {
  for (const port of config.childPorts) {
    if (ours.includes(port)) continue;
    if (!isFree(port, await runtime.portObstacle(port), config, log)) return false;
  }
  for (const { backend } of config.ports) {
    if (!("port" in backend)) continue;
    const { port } = backend;
    if (ours.length > 0) continue;
    if (!isFree(port, await portObstacle(config.childHost, port), config, log)) return false;
  }
  return true;
}

/** What only lingers is gone in a minute; a listener was there first and may stay for ever. */
function isFree(
  port: number,
  obstacle: PortObstacle | null,
  { childHost }: Config,
  log: Log,
): boolean {
  if (obstacle === null || obstacle.kind === "lingering") return true;
  const why = obstacle.kind === "held"
    ? `it is held by ${obstacle.detail}; choose another`
    : `${obstacle.detail}; is ${childHost} an address of this machine?`;
  log.error(`Cannot use child port ${port}: ${why}`, {
    event: "port.taken",
    port,
    holder: obstacle.detail,
  });
  return false;
}
