import type { Config } from "../../config/config.ts";
import { storeMode } from "../../handover/descriptor_store.ts";
import { handoverMode } from "../../handover/means.ts";
import type { Notifier } from "../../handover/notify.ts";
import { bringsVersion, ServiceStatus } from "../../handover/service_status.ts";
import { systemClock } from "../../platform/clock.ts";
import { findProgram } from "../../platform/find_program.ts";
import { getLog, type Log } from "../../platform/log.ts";
import { onSignals } from "../../platform/signals.ts";
import { Notifications } from "../../notify/notifications.ts";
import { findingOption } from "../../notify/shell_words.ts";
import { redactEvent, type Redactor } from "../../notify/redact.ts";
import { redactedJournal, redactedSource, redactedTurns } from "../../notify/redacted.ts";
import { Desk } from "../../roll/desk.ts";
import type { Probe, Source } from "../../roll/effects.ts";
import { Updater } from "../../roll/updater.ts";
import { UpdateWindows } from "../../roll/window.ts";
import type { AppRuntime } from "./app_runtime.ts";
import { allChildPorts } from "./child_ports.ts";
import type { EngineParts } from "./engine_parts.ts";
import { ControlDoors, type ControlSecrets } from "./control.ts";
import { examine, type Patient } from "./doctor.ts";
import { EventHub } from "./event_hub.ts";
import { EventLog } from "./event_log.ts";
import type { FleetParts } from "./fleet_parts.ts";
import type { Front } from "./front.ts";
import { Measurements } from "./measurements.ts";
import { RunningOperator } from "./operator.ts";
import { commandEnvironment, commandSource, hookCommands } from "./operator_commands.ts";
import type { OutputRing } from "./output_ring.ts";
import { planNotes } from "./plan_notes.ts";
import type { PublicSockets } from "./public_sockets.ts";
import type { SelfUpgrade } from "./self_upgrade.ts";
import type { RegistryParts } from "./registry_parts.ts";
import { ProxyTraffic } from "./proxy_traffic.ts";
import type { State } from "./state.ts";
import { socketStatus } from "./socket_status.ts";
import { StatusBoard } from "./status.ts";

/** So long somebody waits to hear which version is meant. */
const FIND_MS = 5_000;
/** What has not been told by then is not told. */
const NOTIFY_AT_END_MS = 5_000;
/** Likewise, while another process waits for us. */
const NOTIFY_ON_LEAVING_MS = 1_000;

/** What the outside world gives to an application. */
export interface Surroundings {
  proxy: Front;
  runtime: AppRuntime;
  probe: Probe;
  notifier: Notifier;
  env: Readonly<Record<string, string>>;
  state: State;
  /** What instances print. */
  output: OutputRing;
  secrets: ControlSecrets;
  /** Null: versions come from commands. */
  releases: RegistryParts | null;
  /** Null: no other host matters. */
  fleet: FleetParts | null;
  /** Null: no engine runs versions. */
  containers: EngineParts | null;
  /** Takes secrets out of what others may see. */
  redact: Redactor;
  /** Reads again what may have changed in files; neither throws nor waits. */
  reload(): void;
  /** Through which another liveroll may take over; null: none can. */
  sockets: PublicSockets | null;
  /** Starts who takes over. */
  selfUpgrade: SelfUpgrade;
  /** Resolves when everything that only one process may have is let go of, after the end. */
  left: Promise<void>;
  /** Aborts when this is to end; it may be so from the beginning. */
  stopWish: AbortSignal;
}

/**
 * Puts the parts together and works until TERM, INT or QUIT (a second one does not wait), or until
 * another liveroll is ready to go on with what runs.
 */
export async function runApplication(
  config: Config,
  around: Surroundings,
): Promise<"stopped" | "left"> {
  const { proxy, runtime, notifier, env, state, output } = around;
  using status = new ServiceStatus(notifier, systemClock, { isPicky: config.join });
  const log = getLog("main");
  const hub = new EventHub({
    log: new EventLog(getLog("roll")),
    date: Date.now,
    keeper: state.events,
    redact: (event) => redactEvent(event, around.redact),
    onError: (error) => log.error(`Internal error, please report it: ${error}`),
  });
  const notifications = notificationsOf(config, env, around.redact);
  hub.onEvent(({ event }) => notifications.observe(event));
  const hooks = hookCommands(config, around);
  const traffic = new ProxyTraffic(proxy, config);
  const updater = new Updater({
    clock: systemClock,
    date: Date.now,
    random: Math.random,
    newToken: () => state.tokenPrefix + crypto.randomUUID(),
    journal: redactedJournal(state.journal, around.redact),
    hooks,
    windows: new UpdateWindows(config.windows),
    source: redactedSource(sourceOf(config, around), around.redact),
    ...(around.releases?.releases && { artifacts: around.releases.releases }),
    ...(around.fleet !== null && { turns: redactedTurns(around.fleet.turns, around.redact) }),
    ...around.containers?.effects(traffic),
    runtime,
    probe: around.probe,
    traffic,
    observe: hub.observe,
  }, { ...config, exclusive: config.strategy === "recreate" });
  const board = statusBoard(config, around, updater);
  hub.addObserver((event) => board.observe(event));
  hub.addObserver((event) => {
    if (bringsVersion(event)) join(around, log);
  });
  hub.addObserver((event) => status.observe(event));
  around.releases?.follow(hub, config, updater);
  around.containers?.follow(hub, updater);
  using measurements = new Measurements({ ...around, config, updater, hub });
  await measurements.export(env, log);
  const operator = new RunningOperator({
    desk: new Desk(updater, traffic, { seesRequests: config.engine !== "direct" }),
    updater,
    find: (name) => findVersion(name, around),
    board,
    hub,
    output,
    records: state.records,
    notes: (plan) => planNotes(plan, config, around.containers?.forgottenData ?? []),
    redact: around.redact,
    metrics: () => measurements.metrics(),
    traffic: () => measurements.traffic(),
    upgrade: (binary) => around.selfUpgrade.start(binary),
    doctor: (options) => examine(patientOf(config, updater, around), options),
  });
  await using doors = await ControlDoors.open(
    operator,
    config,
    around.secrets,
    state.directory.socketPath,
    getLog("control"),
  );
  state.keepTrying({
    onRecovered: () => updater.chronicle.recovered(),
    onRestored: () => void doors.openSocket(),
  });
  const stop = () => {
    // Who waits for our sockets waits in vain.
    void around.sockets?.stop();
    updater.stop();
  };
  using _ = onSignals({
    TERM: stop,
    INT: stop,
    // Ctrl-\ would end this process on the spot, and leave the application running without it.
    QUIT: stop,
    HUP: () => {
      around.reload();
      updater.agenda.requestForcedUpdate();
    },
    USR2: () => updater.agenda.requestRestart(),
  });
  around.sockets?.bequeath({
    isBusy: () => !updater.mayLeave(),
    suspend: (isSuspended) => updater.suspend(isSuspended),
    leave: () => {
      updater.leave();
      return around.left;
    },
  });
  if (around.stopWish.aborted) updater.stop();
  const end = await updater.run();
  around.sockets?.bequeath(null);
  await hooks.idle();
  const waitMs = end === "left" ? NOTIFY_ON_LEAVING_MS : NOTIFY_AT_END_MS;
  await Promise.all([notifications.close(waitMs), around.releases?.close()]);
  return end;
}

/** Where another liveroll serves as well, nobody is accepted before. */
function join({ sockets }: Surroundings, log: Log): void {
  sockets?.join().catch((error) => {
    log.error(error instanceof Error ? error.message : String(error), { event: "sockets.odd" });
  });
}

function patientOf(config: Config, updater: Updater, around: Surroundings): Patient {
  const { state, env } = around;
  const { childHost, engine, ports, releases: { cosignSigner } } = config;
  return {
    updater,
    state,
    childHost,
    childPorts: allChildPorts(config),
    handover: config.handover === null ? null : handoverMode(),
    sockets: engine === "direct" ? handoverMode() : null,
    store: engine === "fetch" || ports.length === 0 ? null : storeMode(),
    isManaged: env.NOTIFY_SOCKET !== undefined,
    activated: around.sockets?.activated ?? false,
    storeProblem: around.sockets?.kept.problem ?? null,
    forgottenData: around.containers?.forgottenData ?? [],
    findCosign: cosignSigner === null ? null : () => findProgram("cosign", env.PATH),
  };
}

function statusBoard(
  config: Config,
  { proxy, state, containers, sockets }: Surroundings,
  updater: Updater,
): StatusBoard {
  const { app, host, ports } = config;
  return new StatusBoard({
    app,
    stateDir: state.directory.path,
    listen: ports.map(({ listen }) => `${host}:${listen}`),
    sockets: () => socketStatus(config, sockets),
    updater,
    counters: () => proxy.counters,
    rolls: () => state.counts(),
    stateProblem: () => state.journal.problem,
    dataProblem: () => containers?.dataProblem ?? null,
    clock: systemClock,
    date: Date.now,
  });
}

function notificationsOf(
  { app, stateDir, notify }: Config,
  env: Readonly<Record<string, string>>,
  redact: Redactor,
): Notifications {
  const log = getLog("notify");
  const notifications = new Notifications(notify, {
    sender: { app, host: Deno.hostname(), finds: findingOption(app, stateDir) },
    env: commandEnvironment(env),
    clock: systemClock,
    date: Date.now,
    random: Math.random,
    onError: (message) => log.warn(redact(message), { event: "notification.failed" }),
  });
  void notifications.check();
  return notifications;
}

/** Which image a tag stands for; whatever is none has its name for a version. */
async function findVersion(
  name: string,
  { containers }: Surroundings,
): Promise<string | null> {
  if (containers === null) return name;
  return await containers.find(name, AbortSignal.timeout(FIND_MS));
}

/** Who names the newest version. */
function sourceOf(
  config: Config,
  { env, redact, releases, containers }: Surroundings,
): Source {
  if (containers !== null) return containers.source();
  if (releases !== null) return releases.source();
  return commandSource(config, { env, redact });
}
