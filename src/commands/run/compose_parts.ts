import { EnvPin } from "../../compose/dotenv/pin.ts";
import { Overrides } from "../../compose/override.ts";
import { ComposeCli } from "../../compose/program/compose_cli.ts";
import {
  keepProjectName,
  type ProjectAsker,
  projectConflict,
  type ProjectRecord,
} from "../../compose/project_record.ts";
import { StackEngine } from "../../compose/stack_engine.ts";
import type { StackPlan } from "../../compose/stack_plan.ts";
import type { ComposeOptions, Config } from "../../config/config.ts";
import type { Engine } from "../../container/engine/engine.ts";
import { DataFile } from "../../data/data_file.ts";
import type { DataWork } from "../../data/data_work.ts";
import type { Snapshots } from "../../data/snapshot/snapshots.ts";
import { systemClock } from "../../platform/clock.ts";
import { getLog, type Log } from "../../platform/log.ts";
import type { Probe, Search, Source } from "../../roll/effects.ts";
import type { Updater } from "../../roll/updater.ts";
import { ComposeMaker } from "../../runtime/compose/compose_maker.ts";
import { composeMigrations, endFormerWork } from "../../runtime/compose/compose_migrations.ts";
import { guarded, NetworkGuard } from "../../runtime/compose/network_guard.ts";
import { ImagePin } from "../../runtime/compose/image_pin.ts";
import { labelsOfService, placesOfStack } from "../../runtime/compose/stack_places.ts";
import { StackRevisions } from "../../runtime/compose/stack_revisions.ts";
import type { ContainerRuntime } from "../../runtime/container/container_runtime.ts";
import { FirstLook } from "../../runtime/container/first_look.ts";
import type { ImageSignatures } from "../../runtime/container/image_signatures.ts";
import type { ImageStore } from "../../runtime/container/image_store.ts";
import { KnownImages } from "../../runtime/container/known_images.ts";
import type { Owner } from "../../runtime/container/labels.ts";
import type { ImageSource } from "../../source/image_source.ts";
import { NamedFirst } from "../../source/named_first.ts";
import type { ContainerSurroundings } from "./container_parts.ts";
import { dataWorkOf } from "./data_parts.ts";
import type { EngineParts } from "./engine_parts.ts";
import { engineProbe, engineRuntime } from "./engine_runtime.ts";
import type { EventHub } from "./event_hub.ts";
import {
  followRolls,
  imageSource,
  imageStore,
  shelfOf,
  type WantedImages,
  wantedImages,
} from "./images.ts";
import { findSocket, meetEngine } from "./meet_engine.ts";
import { openSignatures } from "./open_signatures.ts";
import type { OpenStack } from "./open_stack.ts";
import { openSnapshots, snapshotKeeper, writersOf } from "./snapshot_parts.ts";

/** Time for questions to the engine before anything is done. */
const LOOK_MS = 30_000;

/** All that was opened before the parts are put together. */
interface Opened {
  readonly engine: Engine;
  readonly compose: ComposeCli;
  readonly overrides: Overrides;
  readonly plan: StackPlan;
  readonly options: ComposeOptions;
  readonly directory: string;
  /** Where the engine is. */
  readonly socket: string;
  /** Null: none are asked for. */
  readonly snapshots: Snapshots | null;
  /** Null: nobody has to sign images. */
  readonly signatures: ImageSignatures | null;
  readonly firstLook: FirstLook;
}

/** Everything that stands behind `--compose-file`. */
export class ComposeParts implements EngineParts {
  readonly runtime: ContainerRuntime;
  readonly probe: Probe;
  readonly firstLook: FirstLook;
  readonly #source: ImageSource;
  /** Names the first version; null: the newest one is the first. */
  readonly #namesFirst: EnvPin | null;
  readonly #store: ImageStore;
  readonly #networks: NetworkGuard;
  readonly #data: DataWork | null;
  #wanted: () => WantedImages = () => ({ inUse: [], good: [] });

  /**
   * Meets the engine, and sees that the project is ours.
   *
   * @throws {Error} When there is no engine, or the project belongs to somebody else.
   */
  static async open(
    config: Config,
    { plan, version }: OpenStack,
    around: ContainerSurroundings,
  ): Promise<ComposeParts> {
    const { stateDir, app } = config;
    const options = config.compose!;
    const socket = findSocket(options.dockerHost, around.env);
    const env = { ...around.env, DOCKER_HOST: `unix://${socket}` };
    const isKnown = around.state.journal.instances.length > 0;
    const engine = await meetEngine(socket, { mayBeAway: isKnown && !around.isSuccessor });
    const directory = `${stateDir}/compose`;
    const overrides = await Overrides.open(directory);
    const { stack, project } = plan;
    const record = await keepProjectName(`${directory}/project.json`, project, stack.directory);
    const { redact, state: { tokenPrefix: mark } } = around;
    const asker = { ...options, app, state: mark, directory: stack.directory };
    const findContainers = (labels: Readonly<Record<string, string>>) =>
      new StackEngine(engine, AbortSignal.timeout(LOOK_MS)).findContainers(labels);
    const tools = { clock: systemClock, log: getLog("containers") };
    const onLeft = () => tools.log.info("Waiting for calls of compose from before");
    const firstLook = new FirstLook([
      async (signal) => void await engine.ping(signal),
      (signal) => requireOurs(engine, record, asker, signal),
      () => endFormerWork({ engine, owner: { app, tokenPrefix: mark } }, { onLeft }),
    ], tools);
    const managedKey = options.envKey;
    const compose = new ComposeCli({ version, env, managedKey, redact, mark, findContainers });
    const signatures = await openSignatures(config, env);
    const snapshots = await openSnapshots(config, around.env);
    const kept = { directory, signatures, snapshots, firstLook };
    return new ComposeParts(
      config,
      { engine, socket, compose, overrides, plan, options, ...kept },
      around,
    );
  }

  private constructor(config: Config, opened: Opened, around: ContainerSurroundings) {
    const { engine, plan, options, signatures } = opened;
    this.firstLook = opened.firstLook;
    const { env, releases, state } = around;
    const { app, strategy } = config;
    const owner = { app, tokenPrefix: state.tokenPrefix };
    const log = getLog("containers");
    const images = new KnownImages(shelfOf(engine), plan.image, plan.port);
    const envPin = envPinOf(opened, log);
    const isPinned = options.envKey !== null;
    this.#namesFirst = config.notifyOnly || config.onDemand ? envPin : null;
    const revisions = new StackRevisions({ plan, owner, images, isPinned });
    this.#networks = new NetworkGuard(opened);
    this.runtime = engineRuntime(config, {
      engine,
      owner,
      maker: new ComposeMaker({
        ...opened,
        stopTimeoutMs: config.stopTimeoutMs,
        revisions,
        images,
        pin: envPin && imagePin(envPin, opened, images),
        networks: this.#networks,
        log,
      }),
      firstPart: null,
      onStop: options.onStop,
      log,
    }, around);
    this.probe = engineProbe(config, this.runtime);
    const { pullPolicy, keepImages } = options;
    this.#source = imageSource(engine, { image: plan.image, pullPolicy }, env, releases);
    this.#store = imageStore({ image: plan.image, owner, signatures, env }, {
      engine,
      images,
      ownsTags: isPinned,
      keep: keepImages,
      wanted: () => this.#wanted(),
      log,
    });
    this.#data = dataWork(config, opened, { ...around, owner, revisions, log });
    log.info(`Project ${plan.project.name}, strategy ${strategy}`, {
      event: "compose.project",
      project: plan.project.name,
    });
  }

  source(): Source {
    const named = this.#namesFirst;
    return named === null ? this.#source : new NamedFirst(this.#source, () => named.value());
  }

  find(name: string, signal: AbortSignal): Promise<string | null> {
    return this.#source.find(name, signal);
  }

  /** Compose hands volumes without a name on. */
  readonly forgottenData: readonly string[] = [];

  get replicas(): number {
    return this.runtime.count;
  }

  get dataProblem(): string | null {
    return this.#data?.obstacle ?? null;
  }

  effects(): ReturnType<EngineParts["effects"]> {
    const artifacts = guarded(this.#store, this.#networks);
    const lookAround = (search: Search) => this.firstLook.untilDone(search);
    return { artifacts, lookAround, ...(this.#data !== null && { data: this.#data }) };
  }

  follow(hub: EventHub, updater: Updater): void {
    this.#wanted = () => wantedImages(updater);
    followRolls(hub, this.runtime, this.#store);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store.idle();
    await this.runtime[Symbol.asyncDispose]();
  }
}

/** @throws {Error} When the project belongs to somebody else, or the engine does not answer. */
async function requireOurs(
  engine: Engine,
  record: ProjectRecord,
  asker: ProjectAsker,
  signal: AbortSignal,
): Promise<void> {
  const conflict = projectConflict(
    record,
    asker,
    await new StackEngine(engine, signal).labels(record.name),
  );
  if (conflict === null) return;
  throw new Error(`Cannot update the stack: ${conflict}; give another --project-name`);
}

/** What names the version in the environment file; null: nothing does. */
function envPinOf({ options, directory }: Opened, log: Log): EnvPin | null {
  const { envFile: path, envKey: key } = options;
  if (path === null || key === null) return null;
  const recordPath = `${directory}/env.json`;
  return new EnvPin({ path, key, recordPath, warn: (message) => log.warn(message) });
}

function imagePin(
  pin: EnvPin,
  { engine, compose, plan, options }: Opened,
  images: KnownImages,
): ImagePin {
  const services = plan.services.map(({ name }) => name);
  const { image } = plan;
  return new ImagePin({ engine, compose, pin, key: options.envKey!, services, image, images });
}

/** What data is changed by, beside what was opened. */
interface DataTools extends Pick<ContainerSurroundings, "env" | "redact"> {
  readonly owner: Owner;
  readonly revisions: StackRevisions;
  readonly log: Log;
}

function dataWork(config: Config, opened: Opened, tools: DataTools): DataWork | null {
  const { data, stateDir } = config;
  const { migrate: forth, migrateBack: back, migrateTimeoutMs: timeoutMs } = data;
  const { snapshots: store } = opened;
  const memory = DataFile.open(stateDir);
  const migrations = forth === null
    ? null
    : composeMigrations({ ...opened, ...tools, forth, back, timeoutMs });
  const { plan } = opened;
  const around = {
    ...{ ...opened, ...tools, memory },
    places: placesOfStack(opened),
    replaced: plan.services.map((service) => labelsOfService(plan, service)),
  };
  const snapshots = store === null ? null : snapshotKeeper(store, config, around);
  const { log } = tools;
  const writers = config.strategy === "recreate" ? writersOf(config, around) : null;
  return dataWorkOf({ memory, snapshots, migrations, contract: data.migration, writers, log });
}
