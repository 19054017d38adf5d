import type { Config } from "../config/config.ts";
import { openNotifier } from "../handover/notify.ts";
import { createRedactor, type Redactor } from "../notify/redact.ts";
import { configureLog, getLog, type Log } from "../platform/log.ts";
import { assertNotNewer } from "../state/database.ts";
import { EXIT_USAGE } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import { runApplication, type Surroundings } from "./run/application.ts";
import { childPortsAreFree } from "./run/child_ports.ts";
import { type ControlSecrets, readControlSecrets } from "./run/control.ts";
import { assertControlAddress, ControlListenError } from "./run/control_address.ts";
import { Files } from "./run/files.ts";
import type { Front } from "./run/front.ts";
import { Life, type LifeOptions } from "./run/life.ts";
import { type OpenStack, openStack } from "./run/open_stack.ts";
import { openFront, PortTakenError, publicAddresses } from "./run/open_front.ts";
import { OutputRing } from "./run/output_ring.ts";
import { surviveOwnBugs } from "./run/own_bugs.ts";
import { IDLE_GRACE_MS } from "./run/proxy_traffic.ts";
import { PublicSockets } from "./run/public_sockets.ts";
import { SelfUpgrade } from "./run/self_upgrade.ts";
import { StopWish } from "./run/stop_wish.ts";
import { secretsIn } from "./secrets.ts";

/** How long another liveroll may take to let go of the state directory, in milliseconds. */
const LOCK_WAIT_MS = 5_000;

/** Between two tries to look after what runs again. */
const RETRY_MS = 1_000;

/** What is wrong has been told already. */
class ToldError extends Error {
  override readonly name = "ToldError";
}

/**
 * `liveroll run` and its kind: keeps the application up to date until it is told to stop.
 *
 * @param env What is told to programs, and says who asks registries.
 * @returns The exit code: 0 after an orderly stop, 2 when a port is taken or a file cannot be used
 * (nothing was started).
 */
export async function run(
  config: Config,
  env: Readonly<Record<string, string>> = Deno.env.toObject(),
): Promise<number> {
  const logs = configureLog({ level: config.logLevel, format: config.logFormat });
  const log = getLog("main");
  using _ = surviveOwnBugs(log);
  try {
    return await start(config, env, log);
  } finally {
    await logs.close();
  }
}

async function start(config: Config, env: Shared["env"], log: Log): Promise<number> {
  await using files = await open(() => Files.open(config, log), log);
  const secrets = await open(() => readControlSecrets(config, env, log), log);
  if (files === null || secrets === null) return EXIT_USAGE;
  const read = await open(async () => ({ stack: await openStack(config, env) }), log);
  if (read === null) return EXIT_USAGE;
  const { stack } = read;
  const opened = await open(async () => ({ sockets: await PublicSockets.open(config, log) }), log);
  if (opened === null) return EXIT_USAGE;
  await using sockets = opened.sockets;
  const predecessor = sockets?.predecessor ?? null;
  const checked = await open(async () => {
    await assertControlAddress(config.controlListen, predecessor);
    return true;
  }, log);
  if (checked === null) return EXIT_USAGE;
  const shared = {
    ...{ env, files, secrets, log, sockets, stack },
    redact: createRedactor({ ...stack?.variables, ...env }, secretsIn(config)),
    output: new OutputRing(Date.now),
  };
  const beginning = await open(() => begin(config, shared), log);
  return beginning === null ? EXIT_USAGE : await serve(config, shared, beginning);
}

/** What lives as long as the process. */
interface Shared {
  env: Readonly<Record<string, string>>;
  files: Files;
  secrets: ControlSecrets;
  log: Log;
  sockets: PublicSockets | null;
  /** Null: versions are not services of a compose file. */
  stack: OpenStack | null;
  redact: Redactor;
  output: OutputRing;
}

/** The first life, and what stands in front of it. */
interface Beginning {
  life: Life;
  front: Front;
}

/** @throws {Error} When this process cannot serve; whoever served before serves on. */
async function begin(config: Config, shared: Shared): Promise<Beginning> {
  const { sockets } = shared;
  if (sockets === null) return await takeUp(config, shared, { lockWaitMs: 0 });
  const isSuccessor = sockets.hasPredecessor;
  if (isSuccessor) assertNotNewer(config.stateDir);
  let beginning: Beginning | null = null;
  await sockets.ready(async () => {
    beginning = await takeUp(config, shared, { lockWaitMs: LOCK_WAIT_MS, isSuccessor });
  });
  return beginning!;
}

async function takeUp(
  config: Config,
  shared: Shared,
  how: Pick<LifeOptions, "lockWaitMs" | "isSuccessor">,
): Promise<Beginning> {
  const { log } = shared;
  const life = await Life.begin(config, { ...shared, ...how });
  try {
    // The listener comes first: from here on nobody is refused, and nothing was started for nothing.
    const front = life.door?.front ?? openFront(config, shared);
    const ours = life.state.journal.memory.instances.map(({ port }) => port);
    if (await childPortsAreFree(config, life.runtime, log, ours)) return { life, front };
    await front.shutdown({ drainTimeoutMs: 0 });
    throw new ToldError();
  } catch (error) {
    life.leave();
    await life[Symbol.asyncDispose]();
    throw error;
  }
}

/** Looks after the application, one life after the other, until this process has to end. */
async function serve(config: Config, shared: Shared, beginning: Beginning): Promise<number> {
  const { log, sockets, files } = shared;
  const { front: proxy } = beginning;
  sayWhere(config, log);
  using stop = new StopWish();
  await using notifier = openNotifier({
    onError: (error) => log.warn(error.message, { event: "notify.failed" }),
  });
  files.watch(proxy);
  const reload = () => files.reload(proxy);
  const selfUpgrade = new SelfUpgrade(config);
  for (let { life } = beginning;;) {
    const left = Promise.withResolvers<void>();
    const { wished: stopWish } = stop;
    const around = {
      ...shared,
      ...life,
      selfUpgrade,
      proxy,
      notifier,
      reload,
      left: left.promise,
      stopWish,
    };
    const end = await liveOn(config, life, around, stop.hurried);
    if (end !== "left" || sockets === null) return 0;
    left.resolve();
    const fate = await sockets.fate;
    if (fate === "handed_over") {
      if (sockets.successor !== null) await notifier.mainPid(sockets.successor);
      sockets.part();
      return await retire(config, proxy, stop, log);
    }
    if (fate === "stopped" && !stopWish.aborted) {
      log.error("Nobody can be accepted any more; what runs is left for the next start", {
        event: "handover.failed",
      });
      return EXIT.failed;
    }
    log.warn("The other liveroll did not take over: this one goes on", {
      event: "handover.failed",
    });
    life = await resume(config, shared);
  }
}

/** One life, up to its end. @param hurried Aborts when that does not wait for anything any more. */
async function liveOn(
  config: Config,
  life: Life,
  around: Surroundings,
  hurried: AbortSignal,
): Promise<"stopped" | "left"> {
  await using _ = life;
  // Also while what is left is put away, when nobody else hears signals any more.
  hurried.addEventListener("abort", () => life.runtime.kill?.(), { once: true });
  const end = await runApplication(config, around);
  if (end === "left") life.leave();
  return end;
}

/** What serves serves on meanwhile: there is no reason to give up. */
async function resume(config: Config, shared: Shared): Promise<Life> {
  for (;;) {
    const life = await open(
      () => Life.begin(config, { ...shared, lockWaitMs: LOCK_WAIT_MS }),
      shared.log,
    );
    if (life !== null) return life;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** Another liveroll serves: what was begun here comes to its end. */
async function retire(
  { drainTimeoutMs }: Config,
  proxy: Front,
  stop: StopWish,
  log: Log,
): Promise<number> {
  log.info("Another liveroll serves; requests in flight may finish here", {
    event: "handover.done",
  });
  const { cut, finished } = await proxy.shutdown({
    drainTimeoutMs,
    idleGraceMs: IDLE_GRACE_MS,
    signal: stop.hurried,
  });
  log.info(`Finished: ${finished} requests, ${cut} cut`, {
    event: "handover.drained",
    finished,
    cut,
  });
  return 0;
}

function sayWhere(config: Config, log: Log): void {
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
}

/** Opens what has to be there from the beginning; null after saying why it cannot be. */
async function open<T>(opening: () => Promise<T>, log: Log): Promise<T | null> {
  try {
    return await opening();
  } catch (error) {
    if (error instanceof ToldError) return null;
    const isPort = error instanceof PortTakenError || error instanceof ControlListenError;
    const event = isPort ? "port.taken" : "file.unusable";
    log.error(error instanceof Error ? error.message : String(error), { event });
    return null;
  }
}
