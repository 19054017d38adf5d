import type { Config } from "../config/config.ts";
import { openNotifier } from "../handover/notify.ts";
import { cidrContains } from "../platform/cidr.ts";
import { configureLog, getLog, type Log } from "../platform/log.ts";
import { Proxy } from "../proxy/proxy.ts";
import { createRedactor } from "../notify/redact.ts";
import { EXIT_USAGE } from "./command.ts";
import { appRuntime } from "./run/app_runtime.ts";
import { runApplication } from "./run/application.ts";
import { ContainerParts } from "./run/container_parts.ts";
import { ControlListenError, readControlSecrets } from "./run/control.ts";
import { childPortsAreFree } from "./run/child_ports.ts";
import { type Front, noFront } from "./run/front.ts";
import { ProxyErrors } from "./run/proxy_errors.ts";
import { Files } from "./run/files.ts";
import { FleetParts } from "./run/fleet_parts.ts";
import { RegistryParts } from "./run/registry_parts.ts";
import { OutputRing } from "./run/output_ring.ts";
import { State } from "./run/state.ts";
import { secretsIn } from "./secrets.ts";

/**
 * `liveroll run` and its kind: keeps the application up to date until it is told to stop.
 *
 * @returns The exit code: 0 after an orderly stop, 2 when a port is taken or a file cannot be used
 * (nothing was started).
 */
export async function run(config: Config): Promise<number> {
  const logs = configureLog({ level: config.logLevel, format: config.logFormat });
  const log = getLog("main");
  using _ = surviveOwnBugs(log);
  try {
    return await start(config, log);
  } finally {
    await logs.close();
  }
}

async function start(config: Config, log: Log): Promise<number> {
  const env = Deno.env.toObject();
  await using files = await open(() => Files.open(config, log), log);
  const secrets = await open(() => readControlSecrets(config, env, log), log);
  if (files === null || secrets === null) return EXIT_USAGE;
  // The lock comes before everything that another liveroll could be disturbed by.
  using state = await open(() => Promise.resolve(State.open(config.stateDir, log)), log);
  if (state === null) return EXIT_USAGE;
  const redact = createRedactor(env, secretsIn(config));
  const output = new OutputRing(Date.now);
  const opened = await open(async () => ({
    releases: await RegistryParts.open(config, env),
    fleet: await FleetParts.open(config, env),
  }), log);
  if (opened === null) return EXIT_USAGE;
  const { releases } = opened;
  await using fleet = opened.fleet;
  const around = { env, output, redact, releases, state };
  const engine = await open(
    async () => ({ parts: await ContainerParts.open(config, around) }),
    log,
  );
  if (engine === null) return EXIT_USAGE;
  await using containers = engine.parts;
  const { runtime, probe } = appRuntime(config, { ...around, containers });
  await state.takeInOrphans(runtime);
  // The listener comes first: from here on nobody is refused, and nothing was started for nothing.
  const proxy = listen(config, files, log);
  if (proxy === null) return EXIT_USAGE;
  const ours = state.journal.memory.instances.map(({ port }) => port);
  if (!await childPortsAreFree(config, runtime, log, ours)) {
    await proxy.shutdown({ drainTimeoutMs: 0 });
    return EXIT_USAGE;
  }
  if (config.ports.length > 0) {
    log.info(`Listening on ${publicAddresses(config)}`, {
      event: "listening",
      host: config.host,
      port: config.port,
    });
  }
  log.info("HUP updates now, USR2 restarts, TERM and INT stop; USR1 is not supported", {
    event: "signals",
  });
  await using notifier = openNotifier({
    onError: (error) => log.warn(error.message, { event: "notify.failed" }),
  });
  files.watch(proxy);
  const reload = () => files.reload(proxy);
  try {
    const parts = { proxy, runtime, probe, notifier, env, state, output, secrets, redact };
    await runApplication(config, { ...parts, releases, fleet, containers, reload });
  } catch (error) {
    if (!(error instanceof ControlListenError)) throw error;
    log.error(error.message, { event: "port.taken" });
    await proxy.shutdown({ drainTimeoutMs: 0 });
    return EXIT_USAGE;
  } finally {
    // Nothing is left when all went well; a bug of ours must not leave anybody behind either.
    await runtime.stopAll();
  }
  return 0;
}

/** Opens what has to be there from the beginning; null after saying why it cannot be. */
async function open<T>(opening: () => Promise<T>, log: Log): Promise<T | null> {
  try {
    return await opening();
  } catch (error) {
    log.error(error instanceof Error ? error.message : String(error), { event: "file.unusable" });
    return null;
  }
}

function listen(config: Config, { certificate, accessLog }: Files, log: Log): Front | null {
  const { trustedProxies, ports: [first, ...morePorts] } = config;
  if (first === undefined) return noFront();
  try {
    return Proxy.start({
      ...config,
      hostname: config.host,
      port: first.listen,
      healthPath: healthPathOf(config),
      portMapping: first.backend,
      morePorts,
      certificate: certificate && certificate.current,
      accessLog,
      isTrusted: (ip) => trustedProxies.some((block) => cidrContains(block, ip)),
      onError: new ProxyErrors(getLog("proxy")).report,
    });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    log.error(`Cannot listen on ${publicAddresses(config)}: ${detail}`, { event: "port.taken" });
    return null;
  }
}

/** What we answer ourselves while requests are held; what is a file stays one. */
function healthPathOf({ subject, healthcheck }: Config): string | null {
  return subject === "program" && healthcheck.kind === "http" ? healthcheck.path : null;
}

function publicAddresses({ host, ports }: Config): string {
  return ports.map(({ listen }) => `${host}:${listen}`).join(" and ");
}

/**
 * A bug of ours in some corner must not take a healthy application down with it: what nobody caught
 * is logged, and the rest goes on.
 */
function surviveOwnBugs(log: Log): Disposable {
  const onError = (event: PromiseRejectionEvent | ErrorEvent) => {
    event.preventDefault();
    const error: unknown = "reason" in event ? event.reason : event.error;
    log.error(`Internal error, please report it: ${text(error)}`, { event: "internal.error" });
  };
  addEventListener("unhandledrejection", onError);
  addEventListener("error", onError);
  return {
    [Symbol.dispose]() {
      removeEventListener("unhandledrejection", onError);
      removeEventListener("error", onError);
    },
  };
}

function text(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
