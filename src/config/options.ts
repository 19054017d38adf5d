import { CHILD_LOGS, LOG_FORMATS, LOG_LEVELS, STRATEGIES } from "./config.ts";
import { choice, command, duration, file, integer, type Kind, port, toggle } from "./kinds.ts";
import {
  cidrs,
  connectAddress,
  errorCodes,
  healthPath,
  hostHeader,
  listenHost,
  statusRanges,
} from "./network_kinds.ts";
import type { Option } from "./option.ts";
import { stopSignal } from "./signal_kind.ts";

/**
 * The one table of options: parsing, types, help, docs/options.md and the names of environment
 * variables and config keys come from here, errors are reported in its order.
 */
export const OPTIONS = {
  pull: {
    group: "Commands",
    kind: command,
    default: null,
    required: true,
    help: "fetches the newest artifact",
    remark: "run by sh -c, as all commands",
  },
  id: {
    group: "Commands",
    kind: command,
    default: null,
    required: true,
    help: "prints the version of what was pulled",
    remark: "an empty answer is an error",
  },
  exec: {
    group: "Commands",
    kind: command,
    default: null,
    required: true,
    help: "starts a child",
    remark: "<<PORT>>, <<HEALTHCHECK>> and <<ID>> are replaced; they are also in its environment",
  },
  stop: {
    group: "Commands",
    kind: command,
    default: null,
    help: "stops a child, in place of --stop-signal",
    remark: "replaces the same templates as --exec, for example docker stop app-<<PORT>>",
  },

  interval: {
    group: "Updates",
    kind: duration(),
    default: "10s",
    help: "time between two checks for a new version",
    aliases: ["Interval"],
  },
  "pull-timeout": {
    group: "Updates",
    kind: duration(),
    default: "10m",
    help: "time that --pull may take",
  },
  "id-timeout": {
    group: "Updates",
    kind: duration(),
    default: "1m",
    help: "time that --id may take",
  },
  strategy: {
    group: "Updates",
    kind: choice(STRATEGIES),
    default: "blue-green",
    help: "how a new version takes over",
    remark: "blue-green: beside the old one, which is stopped after the switch; recreate: stop " +
      "the old one first and hold requests meanwhile, where two copies may not coexist",
  },

  host: {
    group: "Addresses",
    kind: listenHost,
    default: "0.0.0.0",
    help: "address that the proxy listens on",
    remark: ":: for IPv6 and IPv4",
  },
  port: {
    group: "Addresses",
    kind: port,
    default: "8080",
    help: "port that the proxy listens on",
  },
  "child-host": {
    group: "Addresses",
    kind: connectAddress,
    default: "127.0.0.1",
    help: "address that children listen on, for traffic and probes alike",
  },
  "child-port1": {
    group: "Addresses",
    kind: port,
    default: "9101",
    help: "first port for a child, preferred",
  },
  "child-port2": {
    group: "Addresses",
    kind: port,
    default: "9102",
    help: "second port for a child",
  },

  healthcheck: {
    group: "Health",
    kind: healthPath,
    default: "/heathz",
    help: "path that says whether a child is well",
    remark: "the default is spelled so for historical reasons and kept for compatibility; " +
      "of a full URL only path and query count",
  },
  "health-timeout": {
    group: "Health",
    kind: duration(),
    default: "60s",
    help: "time within which a new child must be well",
  },
  "health-interval": {
    group: "Health",
    kind: duration(),
    default: "250ms",
    help: "time between two probes",
  },
  "health-probe-timeout": {
    group: "Health",
    kind: duration(),
    default: "5s",
    help: "time that one probe may take",
  },
  "health-status": {
    group: "Health",
    kind: statusRanges,
    default: "200-299",
    help: "answers that mean well, for example 200-299,404",
    remark: "redirects are not followed",
  },
  "health-successes": {
    group: "Health",
    kind: integer(1, 1000),
    default: "1",
    help: "good probes in a row that prove a child",
  },
  "health-host": {
    group: "Health",
    kind: hostHeader,
    default: null,
    help: "Host header of probes, if not the child's address",
  },
  "health-port-offset": {
    group: "Health",
    kind: integer(-65_535, 65_535),
    default: "0",
    help: "added to a child's port to get the port that is probed",
  },

  "drain-timeout": {
    group: "Stopping",
    kind: duration({ zero: true }),
    default: "30s",
    help: "time that requests on the old child may still take",
    remark: "0: cut them at once",
  },
  "tunnel-grace": {
    group: "Stopping",
    kind: duration({ zero: true }),
    default: "10s",
    help: "time that WebSockets and other tunnels on the old child may still take",
    remark: "0: close them at once",
  },
  "stop-timeout": {
    group: "Stopping",
    kind: duration({ zero: true }),
    default: "10s",
    help: "time from the signal or --stop until KILL",
    remark: "0: KILL at once",
  },
  "stop-signal": {
    group: "Stopping",
    kind: stopSignal,
    default: "TERM",
    help: "signal that asks a child to end: TERM, INT, QUIT, HUP, USR1, USR2 or WINCH",
    remark: "USR1 opens the debugger of Deno and Node programs instead",
  },

  "queue-timeout": {
    group: "Requests",
    kind: duration({ zero: true }),
    default: "30s",
    help: "time that a request waits while no child can serve, then 503",
    remark: "0: answer 503 at once",
  },
  "queue-limit": {
    group: "Requests",
    kind: integer(0, 1_000_000),
    default: "1000",
    help: "requests that may wait at the same time, more get 503",
  },
  "response-head-timeout": {
    group: "Requests",
    kind: duration({ zero: true }),
    default: "60s",
    help: "time until a child begins to answer, then 504",
    remark: "0: no limit",
  },
  "trusted-proxies": {
    group: "Requests",
    kind: cidrs,
    default: "",
    help: "clients whose X-Forwarded headers are believed, for example 10.0.0.0/8,::1",
  },
  "retry-unsafe": {
    group: "Requests",
    kind: toggle,
    default: "false",
    help: "repeat also a POST or PATCH that a child may have received",
    remark: "a request may then take effect twice",
  },
  "retry-status": {
    group: "Requests",
    kind: errorCodes,
    default: "",
    help: "answers of a child that are retried, for example 502,503",
    remark: "only for requests that may be repeated safely",
  },

  "child-logs": {
    group: "Logs",
    kind: choice(CHILD_LOGS),
    default: "capture",
    help: "what becomes of a child's output",
    remark: "capture: line by line with a prefix; inherit: untouched, as liveroll's own",
  },
  "log-level": {
    group: "Logs",
    kind: choice(LOG_LEVELS),
    default: "info",
    help: "least severe records that are written",
  },
  "log-format": {
    group: "Logs",
    kind: choice(LOG_FORMATS),
    default: "auto",
    help: "how records are written",
    remark: "auto: journald under systemd, else text",
  },

  config: {
    group: "General",
    kind: file,
    default: null,
    help: "YAML file whose keys are these options without dashes in front",
    only: "flag or environment",
  },
  check: {
    group: "General",
    kind: toggle,
    default: "false",
    help: "validate, print the effective values, start nothing",
    only: "flag",
  },
  version: {
    group: "General",
    kind: toggle,
    default: "false",
    help: "print the version",
    only: "flag",
  },
  help: {
    group: "General",
    kind: toggle,
    default: "false",
    help: "print this help",
    aliases: ["h"],
    only: "flag",
  },
} as const satisfies Record<string, Option>;

/** A flag without dashes. */
export type Flag = keyof typeof OPTIONS;

type ValueOf<O> = O extends { kind: Kind<infer T> }
  ? (O extends { default: string } | { required: true } ? T : T | null)
  : never;

/** The value of every option, typed by its row. */
export type Values = { readonly [F in Flag]: ValueOf<(typeof OPTIONS)[F]> };

/** Every flag, in the order of the table. */
export const FLAGS: readonly Flag[] = Object.keys(OPTIONS) as Flag[];

/** The row of `flag`. */
export function optionOf(flag: Flag): Option {
  return OPTIONS[flag];
}

/** Tells whether `name` is a flag, exactly as the table spells it. */
export function isFlag(name: string): name is Flag {
  return Object.hasOwn(OPTIONS, name);
}
