import type { Config } from "./config.ts";
import type { Values } from "./options.ts";

/** Names the values of the table as the program knows them; frozen, with everything inside. */
export function toConfig(values: Values): Config {
  return deepFreeze<Config>({
    pull: values.pull,
    id: values.id,
    exec: values.exec,
    stop: values.stop,

    intervalMs: values.interval,
    pullTimeoutMs: values["pull-timeout"],
    idTimeoutMs: values["id-timeout"],
    strategy: values.strategy,

    host: values.host,
    port: values.port,
    childHost: values["child-host"],
    childPorts: [values["child-port1"], values["child-port2"]],

    healthcheck: values.healthcheck,
    healthTimeoutMs: values["health-timeout"],
    healthIntervalMs: values["health-interval"],
    healthProbeTimeoutMs: values["health-probe-timeout"],
    healthStatus: values["health-status"],
    healthSuccesses: values["health-successes"],
    healthHost: values["health-host"],
    healthPortOffset: values["health-port-offset"],

    drainTimeoutMs: values["drain-timeout"],
    tunnelGraceMs: values["tunnel-grace"],
    stopTimeoutMs: values["stop-timeout"],
    stopSignal: values["stop-signal"],

    queueTimeoutMs: values["queue-timeout"],
    queueLimit: values["queue-limit"],
    responseHeadTimeoutMs: values["response-head-timeout"],
    trustedProxies: values["trusted-proxies"],
    retryUnsafe: values["retry-unsafe"],
    retryStatus: values["retry-status"],

    childLogs: values["child-logs"],
    logLevel: values["log-level"],
    logFormat: values["log-format"],
  });
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === "object" && member !== null) deepFreeze(member);
  }
  return Object.freeze(value);
}
