import { choice, duration, integer, MIB, size, toggle, token } from "../../values/kinds.ts";
import { DEFAULT_ENGINE, ENGINES, SOCKET_PROTOCOLS } from "../config.ts";
import { cidrs, errorCodes } from "../network_kinds.ts";
import type { Option } from "../option.ts";

/** What becomes of a request. */
export const REQUESTS = {
  engine: {
    group: "Requests",
    kind: choice(ENGINES),
    default: DEFAULT_ENGINE,
    help: "what carries the traffic",
    remark: "relay: HTTP/1.1, every byte as it came; fetch: also HTTP/2 with --tls-cert, but " +
      "fewer limits; tcp: anything, unseen; direct: no proxy, children accept from the public " +
      "socket themselves, and no other option here, under Clients or about TLS and access logs " +
      "is heeded",
  },
  "socket-protocol": {
    group: "Requests",
    kind: choice(SOCKET_PROTOCOLS),
    default: "server-starter",
    help: "how children hear of the public socket with --engine direct",
    remark: "server-starter: SERVER_STARTER_PORT; systemd: LISTEN_FDS",
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
  "replay-buffer": {
    group: "Requests",
    kind: size({ max: 16 * MIB }),
    default: "64k",
    help: "bytes of a request's body that are kept to send them again",
    remark: "a request with more is not repeated once its body was read; 0: keep none",
  },
  "connect-timeout": {
    group: "Requests",
    kind: duration({ zero: true }),
    default: "1s",
    help: "time to connect to a child, then the next try",
    remark: "0: no limit",
  },
  "response-idle-timeout": {
    group: "Requests",
    kind: duration({ zero: true }),
    default: "5m",
    help: "time between two pieces of an answer, then it is cut",
    remark: "0: no limit",
  },
  "tunnel-idle-timeout": {
    group: "Requests",
    kind: duration({ zero: true }),
    default: "1h",
    help: "time that a WebSocket or TCP connection may carry nothing, then it is cut",
    remark: "0: no limit",
  },
  forwarded: {
    group: "Requests",
    kind: toggle,
    default: "false",
    help: "tell children by Forwarded (RFC 7239), too, where a request came from",
  },
  via: {
    group: "Requests",
    kind: token,
    default: null,
    help: "name that is added to Via in requests to children",
  },
} as const satisfies Record<string, Option>;
