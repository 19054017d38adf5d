import type { Config } from "../config/config.ts";
import { environmentName } from "../config/environment.ts";
import type { Given } from "../config/given.ts";
import type { Flag } from "../config/options.ts";
import type { ResolvedOptions } from "../config/resolve.ts";
import { allChildPorts } from "./run/child_ports.ts";

/** Which of the ports of children belong to which instance is said by variables. */
const OF_INSTANCES: readonly Flag[] = ["child-port1", "child-port2", "join"];

/** What two livrolls beside each other cannot have both. */
const EXCLUSIVE: readonly { flag: Flag; why: string }[] = [
  { flag: "handover", why: "instances take nothing over from each other" },
  { flag: "state-dir", why: "each instance has a state of its own" },
  { flag: "release-root", why: "each instance has releases of its own" },
  { flag: "control-listen", why: "only one instance could listen there" },
];

const HIGHEST_PORT = 65_535;

/** Whether an option of the command line is said for each instance in another way. */
export function isOfInstance({ flag }: Pick<Given, "flag">): boolean {
  return OF_INSTANCES.includes(flag);
}

/** @returns Why there cannot be two instances beside each other; null: there can. */
export function templateComplaint(
  { config, given }: Pick<ResolvedOptions, "config" | "given">,
  hasSocket: boolean,
): string | null {
  if (!hasSocket) return "instances share the sockets of a .socket unit, give --socket, too";
  if (config.childPorts.length === 0) {
    return "only for programs: what containers and files leave behind belongs to one liveroll, " +
      "give --handover instead";
  }
  if (config.strategy === "recreate") {
    return "not with --strategy recreate: during a roll two copies run";
  }
  if (config.engine === "direct") {
    return "not with --engine direct: children would accept before they are proven";
  }
  const exclusive = EXCLUSIVE.find(({ flag }) => given.some((one) => one.flag === flag));
  if (exclusive !== undefined) return `${exclusive.why}, remove --${exclusive.flag}`;
  return secondPorts(config) === null ? "no ports are left for the second instance" : null;
}

/** The variables of both instances: where their children listen. */
export function instanceVariables(
  config: Pick<Config, "childPorts" | "ports" | "healthPortOffset">,
): [Record<string, string>, Record<string, string>] {
  return [named(config.childPorts), named(secondPorts(config) ?? [])];
}

function named(ports: readonly number[]): Record<string, string> {
  const names = [environmentName("child-port1"), environmentName("child-port2")];
  return Object.fromEntries(names.map((name, index) => [name, `${ports[index]}`]));
}

/** The next ports that are nobody's; null: there are none. */
function secondPorts(
  config: Pick<Config, "childPorts" | "ports" | "healthPortOffset">,
): number[] | null {
  const first = allChildPorts(config);
  const taken = new Set([...first, ...config.ports.map(({ listen }) => listen)]);
  for (let by = 1; by + Math.max(...first) <= HIGHEST_PORT; by++) {
    const childPorts = config.childPorts.map((port) => port + by);
    if (allChildPorts({ ...config, childPorts }).every((port) => !taken.has(port))) {
      return childPorts;
    }
  }
  return null;
}
