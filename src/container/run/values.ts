import { isIP } from "node:net";
import { parseDuration } from "../../values/duration.ts";
import { parseInteger, quote } from "../../values/kinds.ts";

const SIZE_UNITS = "bkmgtp";
const ULIMITS: readonly string[] = [
  "as",
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
];

/** A limit on what a process may use, as engines have it. */
export interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

/** Bytes, as docker reads them: `512m`, `1.5g`, `64MiB`, `1024`. */
export function parseBytes(text: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?) ?([bkmgtp]?)(?:i?b)?$/i.exec(text) ?? [];
  if (digits === undefined) {
    throw new SyntaxError(`${quote(text)} is not a size, give for example 512m or 1g`);
  }
  const power = unit === "" ? 0 : SIZE_UNITS.indexOf(unit.toLowerCase());
  return Math.floor(Number(digits) * 1024 ** power);
}

/** Nanoseconds. */
export function parseNanoseconds(text: string): number {
  const ms = parseDuration(text);
  if (ms < 0) throw new RangeError(`${quote(text)} is negative`);
  // Docker takes what is shorter for a mistake, but 0 for "as the image has it".
  if (ms > 0 && ms < 1) throw new RangeError(`${quote(text)} is too short, give at least 1ms`);
  return Math.round(ms * 1e6);
}

/** Billionths of a processor: `1.5`. */
export function parseCpus(text: string): number {
  if (!/^\d+(?:\.\d+)?$|^\.\d+$/.test(text) || Number(text) === 0) {
    throw new SyntaxError(`${quote(text)} is no number of processors, give for example 1.5`);
  }
  return Math.round(Number(text) * 1e9);
}

/** `NAME=SOFT[:HARD]`; -1: no limit. */
export function parseUlimit(text: string): Ulimit {
  const [, name = "", soft = "", hard = soft] = /^([a-z]+)=(-1|\d+)(?::(-1|\d+))?$/.exec(text) ??
    [];
  if (!ULIMITS.includes(name)) {
    throw new SyntaxError(`${quote(text)} is no limit, give for example nofile=1024:2048`);
  }
  const limit = { Name: name, Soft: Number(soft), Hard: Number(hard) };
  if (limit.Hard !== -1 && (limit.Soft === -1 || limit.Soft > limit.Hard)) {
    throw new RangeError(`${quote(text)}: the first number may not be above the second`);
  }
  return limit;
}

/** `KEY=VALUE`. */
export function parsePair(text: string): [key: string, value: string] {
  const at = text.indexOf("=");
  if (at < 1) throw new SyntaxError(`${quote(text)} is not KEY=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** `KEY[=VALUE]`. */
export function parseLabel(text: string): [key: string, value: string] {
  const [key = "", value = ""] = text.split(/=(.*)/s);
  if (key.trim() === "") throw new SyntaxError(`${quote(text)} is not KEY=VALUE`);
  return [key, value];
}

/** An address of either family, or of `family`. */
export function parseAddress(text: string, family?: 4 | 6): string {
  const found = isIP(text);
  if (found !== 0 && (family === undefined || found === family)) return text;
  throw new SyntaxError(`${quote(text)} is no IP${family ? `v${family}` : ""} address`);
}

/** `HOST:ADDRESS`, for `/etc/hosts`. */
export function parseHost(text: string): string {
  const [, host, address = ""] = /^([^:=\s]+)[:=](.+)$/.exec(text) ?? [];
  const bare = address.replace(/^\[(.*)\]$/, "$1");
  if (host === undefined || (bare !== "host-gateway" && isIP(bare) === 0)) {
    throw new SyntaxError(`${quote(text)} is not HOST:ADDRESS`);
  }
  return `${host}:${bare}`;
}

/** Ports that a container listens on, each as `PORT/PROTOCOL`: of `8080`, `53/udp` or `80-82`. */
export function parsePorts(text: string): readonly string[] {
  const [, first, last = first, protocol = "tcp"] =
    /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  if (first === undefined || last === undefined) {
    throw new SyntaxError(`${quote(text)} is no port, give for example 8080 or 53/udp`);
  }
  const [from, to] = [parseInteger(first, 1, 65_535), parseInteger(last, 1, 65_535)];
  if (to < from) throw new RangeError(`${quote(text)} runs backwards`);
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}/${protocol}`);
}

/** A path in the container. */
export function parseTarget(text: string): string {
  if (text.startsWith("/") && text !== "/" && !text.includes("\0")) return text;
  throw new SyntaxError(`${quote(text)} is no path in the container, give for example /data`);
}

/** What is not empty. */
export function parseText(text: string): string {
  if (text === "" || text.includes("\0")) throw new SyntaxError(`${quote(text)} is no value`);
  return text;
}

/** A signal, as its name or number. */
export function parseSignal(text: string): string {
  if (/^(?:SIG)?[A-Z]+[A-Z0-9+-]*$/.test(text) || /^[1-9]\d?$/.test(text)) return text;
  throw new SyntaxError(`${quote(text)} is no signal, give for example SIGTERM`);
}

/** Graphics cards: `all`, a number, or `device=ID,…`. */
export function parseGpus(text: string): Readonly<Record<string, unknown>> {
  const bare = text.replace(/^"(.*)"$/, "$1");
  const request = { Driver: "", Capabilities: [["gpu"]], Options: {} };
  if (bare === "all") return { ...request, Count: -1 };
  if (/^[1-9]\d*$/.test(bare)) return { ...request, Count: Number(bare) };
  const [, ids] = /^device=([\w,:-]+)$/.exec(bare) ?? [];
  if (ids !== undefined) return { ...request, DeviceIDs: ids.split(",") };
  throw new SyntaxError(`${quote(text)} is no request for GPUs, give all, a number or device=ID`);
}
