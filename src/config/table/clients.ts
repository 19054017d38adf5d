import { duration, GIB, integer, KIB, MIB, size } from "../../values/kinds.ts";
import type { Option } from "../option.ts";

/** What clients may ask of us. */
export const CLIENTS = {
  "client-head-timeout": {
    group: "Clients",
    kind: duration({ zero: true }),
    default: "10s",
    help: "time for the head of a request, then 408",
    remark: "with --engine tcp for the TLS handshake and the PROXY header; 0: no limit",
  },
  "client-idle-timeout": {
    group: "Clients",
    kind: duration({ zero: true }),
    default: "75s",
    help: "time that a connection stays open between two requests",
    remark: "0: no limit",
  },
  "client-body-timeout": {
    group: "Clients",
    kind: duration({ zero: true }),
    default: "60s",
    help: "time between two pieces of a request's body, then 408",
    remark: "0: no limit",
  },
  "client-send-timeout": {
    group: "Clients",
    kind: duration({ zero: true }),
    default: "60s",
    help: "time that a client may take nothing of its answer, then it is cut",
    remark: "0: no limit",
  },
  "max-head-size": {
    group: "Clients",
    kind: size({ min: KIB, max: MIB }),
    default: "64k",
    help: "size of a head, then 431, or 502 for an answer",
  },
  "max-headers": {
    group: "Clients",
    kind: integer(1, 10_000),
    default: "200",
    help: "header lines of a head, then 431, or 502 for an answer",
  },
  "max-target": {
    group: "Clients",
    kind: size({ min: 1, max: MIB }),
    default: "16k",
    help: "size of a request's path and query, then 414",
  },
  "max-body": {
    group: "Clients",
    kind: size({ max: 1024 * GIB }),
    default: "0",
    help: "size of a request's body, then 413",
    remark: "0: no limit",
  },
  "max-connections": {
    group: "Clients",
    kind: integer(0, 1_000_000),
    default: "10000",
    help: "connections of clients at the same time, more wait",
    remark: "0: no limit",
  },
} as const satisfies Record<string, Option>;
