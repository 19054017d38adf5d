import { duration, integer } from "../../values/kinds.ts";
import { healthCheck } from "../health_kind.ts";
import { hostHeader, statusRanges } from "../network_kinds.ts";
import type { Option } from "../option.ts";
import { stopSignal } from "../signal_kind.ts";

/** What proves a child, and how it ends. */
export const HEALTH = {
  healthcheck: {
    group: "Health",
    kind: healthCheck,
    default: "/heathz",
    help: "path that says whether a child is well",
    remark: "or tcp: it accepts connections; exec:CMD: the command ends with 0; notify: the " +
      "child says READY=1 as to systemd; timer:TIME: it has lived so long. The default is spelled so for historical reasons and " +
      "kept for compatibility; of a full URL only path and query count",
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
  "liveness-interval": {
    group: "Health",
    kind: duration({ zero: true }),
    default: "0s",
    help: "time between two probes of the child that serves; it is replaced when it fails",
    remark: "0: it is not probed",
  },
  "liveness-threshold": {
    group: "Health",
    kind: integer(1, 1000),
    default: "3",
    help: "failed probes in a row after which a child that serves is not well",
    remark: "counts for --min-healthy, too",
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
} as const satisfies Record<string, Option>;
