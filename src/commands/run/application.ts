import type { Config } from "../../config/config.ts";
import { OPTION_VARIABLES } from "../../config/environment.ts";
import type { Notifier } from "../../handover/notify.ts";
import { ServiceStatus } from "../../handover/service_status.ts";
import { createProbe } from "../../health/create_probe.ts";
import { systemClock } from "../../platform/clock.ts";
import { childEnvironment } from "../../platform/environment.ts";
import { getLog } from "../../platform/log.ts";
import { onSignals } from "../../platform/signals.ts";
import type { Proxy } from "../../proxy/proxy.ts";
import type { RollEvent } from "../../roll/events.ts";
import { Updater } from "../../roll/updater.ts";
import { ProcessRuntime } from "../../runtime/process.ts";
import { CommandSource } from "../../source/command.ts";
import { VERSION } from "../version.ts";
import { EventLog } from "./event_log.ts";
import { ProxyTraffic } from "./proxy_traffic.ts";

/** What the outside world gives to an application. */
export interface Surroundings {
  proxy: Proxy;
  runtime: ProcessRuntime;
  notifier: Notifier;
  env: Readonly<Record<string, string>>;
  /** Reads again what may have changed in files; neither throws nor waits. */
  reload(): void;
}

/** Puts the parts together and works until TERM, INT or QUIT; a second one does not wait. */
export async function runApplication(config: Config, around: Surroundings): Promise<void> {
  const { proxy, runtime, notifier, env } = around;
  using status = new ServiceStatus(notifier, systemClock);
  const source = commandSource(config, env);
  const events = new EventLog(getLog("roll"));
  const updater = new Updater({
    clock: systemClock,
    random: Math.random,
    source,
    runtime,
    probe: createProbe({ ...config, version: VERSION, inside: runtime }),
    traffic: new ProxyTraffic(proxy, config),
    observe(event: RollEvent) {
      events.observe(event);
      status.observe(event);
    },
  }, { ...config, exclusive: config.strategy === "recreate" });
  using _ = onSignals({
    TERM: () => updater.stop(),
    INT: () => updater.stop(),
    // Ctrl-\ would end this process on the spot, and leave the application running without it.
    QUIT: () => updater.stop(),
    HUP: () => {
      around.reload();
      updater.requestForcedUpdate();
    },
    USR2: () => updater.requestRestart(),
  });
  await updater.run();
}

/** How versions are started for this configuration. */
export function processRuntime(
  config: Config,
  env: Readonly<Record<string, string>>,
): ProcessRuntime {
  return new ProcessRuntime({
    ...config,
    portOffsets: config.ports.flatMap(({ backend }) => "offset" in backend ? backend.offset : []),
    fixedPorts: config.ports.flatMap(({ backend }) => "port" in backend ? backend.port : []),
    env,
    optionNames: OPTION_VARIABLES,
    log: getLog("runtime"),
    childLog: getLog("child"),
    stopLog: getLog("stop"),
  });
}

function commandSource(config: Config, env: Readonly<Record<string, string>>): CommandSource {
  return new CommandSource({
    ...config,
    env: childEnvironment(env, { omit: OPTION_VARIABLES, inheritsOutput: false }),
    pullLog: getLog("pull"),
    idLog: getLog("id"),
  });
}
