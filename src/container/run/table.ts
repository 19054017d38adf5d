import { parseInteger, quote } from "../../values/kinds.ts";
import { addBind } from "./binds.ts";
import { networkObstacle } from "./denied.ts";
import type { Draft } from "./draft.ts";
import { addEnv, addEnvFile } from "./env.ts";
import { addMount } from "./mounts.ts";
import * as values from "./values.ts";

/** An option of `docker run` that liveroll passes on. */
export interface RunOption {
  /** Needs no value; `=false` is one. */
  readonly isSwitch?: true;
  /**
   * @throws {SyntaxError} When the value cannot be read.
   * @throws {RangeError} When it is out of range.
   */
  readonly apply: (draft: Draft, value: string) => void;
}

/** What labels of liveroll itself begin with. */
const OWN_LABELS = "liveroll.";

/** Options by their names. */
export const OPTIONS: ReadonlyMap<string, RunOption> = new Map<string, RunOption>([
  ["add-host", toList("ExtraHosts", values.parseHost)],
  ["blkio-weight", toHost("BlkioWeight", integer(0, 1000))],
  ["cap-drop", toList("CapDrop", values.parseText)],
  ["cgroup-parent", toHost("CgroupParent", values.parseText)],
  ["cpu-period", toHost("CpuPeriod", integer(1_000, 1_000_000))],
  ["cpu-quota", toHost("CpuQuota", integer(-1, 1e12))],
  ["cpu-shares", toHost("CpuShares", integer(0, 262_144))],
  ["cpus", toHost("NanoCpus", values.parseCpus)],
  ["cpuset-cpus", toHost("CpusetCpus", cpuSet)],
  ["cpuset-mems", toHost("CpusetMems", cpuSet)],
  ["dns", toList("Dns", (text) => values.parseAddress(text))],
  ["dns-option", toList("DnsOptions", values.parseText)],
  ["dns-search", toList("DnsSearch", values.parseText)],
  ["domainname", { apply: ({ parts }, value) => parts.Domainname = values.parseText(value) }],
  // Empty: none at all.
  ["entrypoint", { apply: ({ parts }, value) => parts.Entrypoint = [value] }],
  ["env", { apply: addEnv }],
  ["env-file", { apply: addEnvFile }],
  ["expose", {
    apply: ({ exposed }, value) => values.parsePorts(value).forEach((port) => exposed[port] = {}),
  }],
  ["gpus", toList("DeviceRequests", values.parseGpus)],
  ["group-add", toList("GroupAdd", values.parseText)],
  ["health-cmd", {
    apply: ({ health }, value) => health.Test = ["CMD-SHELL", values.parseText(value)],
  }],
  ["health-interval", {
    apply: ({ health }, value) => health.Interval = values.parseNanoseconds(value),
  }],
  ["health-retries", { apply: ({ health }, value) => health.Retries = integer(0, 1e6)(value) }],
  ["health-start-interval", {
    apply: ({ health }, value) => health.StartInterval = values.parseNanoseconds(value),
  }],
  ["health-start-period", {
    apply: ({ health }, value) => health.StartPeriod = values.parseNanoseconds(value),
  }],
  ["health-timeout", {
    apply: ({ health }, value) => health.Timeout = values.parseNanoseconds(value),
  }],
  ["hostname", { apply: ({ parts }, value) => parts.Hostname = values.parseText(value) }],
  ["init", hostSwitch("Init")],
  ["ip", {
    apply: ({ addresses }, value) => addresses.IPv4Address = values.parseAddress(value, 4),
  }],
  ["ip6", {
    apply: ({ addresses }, value) => addresses.IPv6Address = values.parseAddress(value, 6),
  }],
  ["label", { apply: addLabel }],
  ["log-driver", { apply: (draft, value) => draft.logDriver = values.parseText(value) }],
  ["log-opt", { apply: ({ logOptions }, value) => put(logOptions, values.parsePair(value)) }],
  ["memory", toHost("Memory", values.parseBytes)],
  ["memory-reservation", toHost("MemoryReservation", values.parseBytes)],
  ["memory-swap", toHost("MemorySwap", (text) => text === "-1" ? -1 : values.parseBytes(text))],
  ["memory-swappiness", toHost("MemorySwappiness", integer(0, 100))],
  ["mount", { apply: addMount }],
  ["name", { apply: (draft, value) => draft.name = containerName(value) }],
  ["network", { apply: setNetwork }],
  ["network-alias", { apply: ({ aliases }, value) => aliases.push(values.parseText(value)) }],
  ["no-healthcheck", {
    isSwitch: true,
    apply: (draft, value) => draft.hasNoHealthcheck = isOn(value),
  }],
  ["oom-kill-disable", hostSwitch("OomKillDisable")],
  ["oom-score-adj", toHost("OomScoreAdj", integer(-1000, 1000))],
  ["pids-limit", toHost("PidsLimit", integer(-1, 4_194_304))],
  ["read-only", hostSwitch("ReadonlyRootfs")],
  ["runtime", toHost("Runtime", values.parseText)],
  ["shm-size", toHost("ShmSize", values.parseBytes)],
  ["stop-signal", { apply: ({ parts }, value) => parts.StopSignal = values.parseSignal(value) }],
  ["stop-timeout", { apply: ({ parts }, value) => parts.StopTimeout = integer(0, 86_400)(value) }],
  ["storage-opt", { apply: (draft, value) => draft.put("StorageOpt", ...values.parsePair(value)) }],
  ["sysctl", { apply: (draft, value) => draft.put("Sysctls", ...values.parsePair(value)) }],
  ["tmpfs", { apply: addTmpfs }],
  ["ulimit", toList("Ulimits", values.parseUlimit)],
  ["user", { apply: ({ parts }, value) => parts.User = values.parseText(value) }],
  ["volume", { apply: addBind }],
  ["volume-driver", toHost("VolumeDriver", values.parseText)],
  ["workdir", { apply: ({ parts }, value) => parts.WorkingDir = absolute(value) }],
]);

/** Other names of options: of one letter, and older ones. */
export const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ["c", "cpu-shares"],
  ["dns-opt", "dns-option"],
  ["e", "env"],
  ["h", "hostname"],
  ["l", "label"],
  ["m", "memory"],
  ["net", "network"],
  ["net-alias", "network-alias"],
  ["u", "user"],
  ["v", "volume"],
  ["w", "workdir"],
]);

function toHost(member: string, parse: (text: string) => unknown): RunOption {
  return { apply: ({ host }, value) => host[member] = parse(value) };
}

function toList(member: string, parse: (text: string) => unknown): RunOption {
  return { apply: (draft, value) => draft.add(member, parse(value)) };
}

function hostSwitch(member: string): RunOption {
  return { isSwitch: true, apply: ({ host }, value) => host[member] = isOn(value) };
}

function isOn(value: string): boolean {
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw new SyntaxError(`${quote(value)} is neither true nor false`);
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => parseInteger(text, min, max);
}

function cpuSet(text: string): string {
  if (/^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/.test(text)) return text;
  throw new SyntaxError(`${quote(text)} is no list of processors, give for example 0-3 or 0,1`);
}

function absolute(path: string): string {
  if (path.startsWith("/")) return path;
  throw new SyntaxError(`${quote(path)} is no path from the root of the container`);
}

function put(target: Record<string, string>, [key, value]: readonly [string, string]): void {
  target[key] = value;
}

function addLabel({ labels }: Draft, text: string): void {
  const [key, value] = values.parseLabel(text);
  if (key.startsWith(OWN_LABELS)) {
    throw new SyntaxError(`${quote(key)}: labels that begin with ${OWN_LABELS} are liveroll's own`);
  }
  labels[key] = value;
}

function addTmpfs(draft: Draft, text: string): void {
  const [path = "", options = ""] = text.split(/:(.*)/s);
  draft.put("Tmpfs", values.parseTarget(path), options);
}

function containerName(text: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}$/.test(text)) return text;
  throw new SyntaxError(
    `${quote(text)} is no name of a container: give letters, digits, dots, dashes, underscores`,
  );
}

function setNetwork(draft: Draft, text: string): void {
  if (draft.network !== null) throw new SyntaxError(`${quote(text)} is a second network, give one`);
  if (!/^[\w][\w.:-]*$/.test(text)) {
    throw new SyntaxError(`${quote(text)} is no name of a network; aliases go to --network-alias`);
  }
  const obstacle = networkObstacle(text);
  if (obstacle !== null) throw new SyntaxError(`${quote(text)} cannot be used: ${obstacle}`);
  draft.network = text;
}
