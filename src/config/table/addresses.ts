import { directory, file, port, toggle } from "../../values/kinds.ts";
import { connectAddress, listenHost } from "../network_kinds.ts";
import type { Option } from "../option.ts";
import { portMappings } from "../port_kind.ts";

/** Where everything is. */
export const ADDRESSES = {
  host: {
    group: "Addresses",
    kind: listenHost,
    default: "0.0.0.0",
    help: "address that the proxy listens on",
    remark: ":: for IPv6 and IPv4",
  },
  port: {
    group: "Addresses",
    kind: portMappings,
    default: "8080",
    help: "port that the proxy listens on",
    remark: "with --engine direct also several; with --engine tcp also several, each " +
      "PUBLIC[:CHILD]: CHILD is +N for the child's port plus N, or (only with --strategy " +
      "recreate) a fixed port",
  },
  serve: {
    group: "Addresses",
    kind: port,
    default: null,
    help: "port that liveroll assets serves the files on",
    remark: "without it, it listens nowhere",
  },
  handover: {
    group: "Addresses",
    kind: directory,
    default: null,
    help: "directory in which a later liveroll takes the public sockets over from this one",
    remark: "closed to others (0700); children need --child-logs=inherit; not with --engine fetch",
  },
  join: {
    group: "Addresses",
    kind: toggle,
    default: "false",
    help: "accept nobody, and be ready, only when a version serves",
    remark: "beside another liveroll that has the same .socket unit, see liveroll unit --template",
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
  "tls-cert": {
    group: "Addresses",
    kind: file,
    default: null,
    help: "certificate chain (PEM): speak TLS with clients",
    remark: "read again every minute and on HUP; needs --tls-key",
  },
  "tls-key": {
    group: "Addresses",
    kind: file,
    default: null,
    help: "private key (PEM) of --tls-cert",
  },
  "proxy-protocol": {
    group: "Addresses",
    kind: toggle,
    default: "false",
    help: "connections of --trusted-proxies begin with a PROXY protocol header",
    remark: "version 1 or 2; those of others must not",
  },
} as const satisfies Record<string, Option>;
