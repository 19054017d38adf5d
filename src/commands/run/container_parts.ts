import { endLeftOverCalls } from "../../compose/program/left_over_calls.ts";
import type { Config, ContainerOptions } from "../../config/config.ts";
import type { Engine } from "../../container/engine/engine.ts";
import { DataFile } from "../../data/data_file.ts";
import { placesOfBody } from "../../data/data_place.ts";
import type { DataWork } from "../../data/data_work.ts";
import type { Snapshots } from "../../data/snapshot/snapshots.ts";
import type { Redactor } from "../../notify/redact.ts";
import { systemClock } from "../../platform/clock.ts";
import { getLog } from "../../platform/log.ts";
import type { Probe, Source } from "../../roll/effects.ts";
import type { Updater } from "../../roll/updater.ts";
import { containerMigrations } from "../../runtime/container/container_migrations.ts";
import type { ContainerRuntime } from "../../runtime/container/container_runtime.ts";
import { FirstLook } from "../../runtime/container/first_look.ts";
import { containerBaseName } from "../../runtime/container/engine_names.ts";
import type { ImageSignatures } from "../../runtime/container/image_signatures.ts";
import type { ImageStore } from "../../runtime/container/image_store.ts";
import { KnownImages } from "../../runtime/container/known_images.ts";
import { PieceByPiece, type SharedTraffic } from "../../runtime/container/piece_by_piece.ts";
import { RunMaker } from "../../runtime/container/run_maker.ts";
import { tellOfStrangers } from "../../runtime/container/strangers.ts";
import type { ImageSource } from "../../source/image_source.ts";
import { dataWorkOf } from "./data_parts.ts";
import type { EngineParts } from "./engine_parts.ts";
import { engineProbe, engineRuntime } from "./engine_runtime.ts";
import type { EventHub } from "./event_hub.ts";
import { ForgottenData } from "./forgotten_data.ts";
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
import type { OutputRing } from "./output_ring.ts";
import type { RegistryParts } from "./registry_parts.ts";
import { openSnapshots, snapshotKeeper, writersOf } from "./snapshot_parts.ts";
import type { State } from "./state.ts";

/** Time for questions to the engine before anything is done. */
const LOOK_MS = 30_000;

/** What containers need besides a configuration. */
export interface ContainerSurroundings {
  readonly env: Readonly<Record<string, string>>;
  /** What instances print. */
  readonly output: OutputRing;
  /** Takes secrets out of what others may see. */
  readonly redact: Redactor;
  /** Null: the tag of the image is watched. */
  readonly releases: RegistryParts | null;
  readonly state: State;
  /** Another liveroll serves, and goes on doing so if this one cannot begin. */
  readonly isSuccessor: boolean;
}

/** What was met and opened. */
interface Found {
  readonly engine: Engine;
  /** Where the engine is. */
  readonly socket: string;
  /** Null: none are asked for. */
  readonly snapshots: Snapshots | null;
  /** Null: none are asked for. */
  readonly signatures: ImageSignatures | null;
  readonly firstLook: FirstLook;
}

/** Everything that stands behind `--image`. */
export class ContainerParts implements EngineParts {
  readonly runtime: ContainerRuntime;
  readonly probe: Probe;
  readonly firstLook: FirstLook;
  readonly #config: Config;
  readonly #options: ContainerOptions;
  readonly #source: ImageSource;
  readonly #store: ImageStore;
  readonly #data: DataWork | null;
  readonly #forgotten: ForgottenData;
  readonly #images: KnownImages;
  readonly #engine: Engine;
  readonly #closing = new AbortController();
  /** Which versions are needed, from when that is known. */
  #wanted: () => WantedImages = () => ({ inUse: [], good: [] });

  /**
   * Meets the engine.
   *
   * @returns Null: versions do not run in containers.
   * @throws {Error} When there is no engine; the message says where it was looked for.
   */
  static async open(
    config: Config,
    around: ContainerSurroundings,
  ): Promise<ContainerParts | null> {
    const { container } = config;
    if (container === null) return null;
    const socket = findSocket(container.dockerHost, around.env);
    if (config.data.snapshot !== null) await endFormerCopies(around.state.tokenPrefix);
    const snapshots = await openSnapshots(config, around.env);
    const signatures = await openSignatures(config, around.env);
    const isKnown = around.state.journal.instances.length > 0;
    const engine = await meetEngine(socket, { mayBeAway: isKnown && !around.isSuccessor });
    const owner = { app: config.app, tokenPrefix: around.state.tokenPrefix };
    const known = new Set(around.state.journal.instances.map(({ token }) => token));
    const tools = { clock: systemClock, log: getLog("containers") };
    const firstLook = new FirstLook([
      async (signal) => void await engine.ping(signal),
      (signal) => tellOfStrangers(engine, owner, known, tools.log, signal),
    ], tools);
    const found = { socket, engine, snapshots, signatures, firstLook };
    return new ContainerParts(config, container, found, around);
  }

  private constructor(
    config: Config,
    options: ContainerOptions,
    { socket, engine, snapshots, signatures, firstLook }: Found,
    around: ContainerSurroundings,
  ) {
    const { env, redact, releases, state } = around;
    const { app, data } = config;
    const { image, run: { body, name } } = options;
    const baseName = name ?? containerBaseName(app);
    const owner = { app, tokenPrefix: state.tokenPrefix };
    const log = getLog("containers");
    const images = new KnownImages(shelfOf(engine), image, options.port);
    this.#config = config;
    this.#options = options;
    this.#engine = engine;
    this.firstLook = firstLook;
    this.#images = images;
    this.#forgotten = new ForgottenData(body, log);
    this.runtime = engineRuntime(config, {
      engine,
      owner,
      maker: new RunMaker({
        engine,
        owner,
        body,
        baseName,
        images,
        replicas: options.replicas,
        log,
      }),
      firstPart: options.maxSurge === 0 ? null : Math.min(options.maxSurge, options.replicas),
      onStop: options.onStop,
      log,
    }, around);
    this.probe = engineProbe(config, this.runtime);
    this.#source = imageSource(engine, options, env, releases);
    this.#store = imageStore({ image, owner, signatures, env }, {
      engine,
      images,
      onImage: (image) => this.#forgotten.look(image),
      keep: options.keepImages,
      wanted: () => this.#wanted(),
      log,
    });
    const migrations = data.migrate === null ? null : containerMigrations({
      engine,
      owner,
      baseName,
      body,
      images,
      forth: data.migrate,
      back: data.migrateBack,
      timeoutMs: data.migrateTimeoutMs,
      log,
      redact,
    });
    const memory = DataFile.open(config.stateDir);
    const places = () => Promise.resolve(placesOfBody(body));
    const place = { engine, owner, replaced: [], socket, places, env, redact, memory, log };
    const kept = snapshots === null ? null : snapshotKeeper(snapshots, config, place);
    const contract = data.migration;
    const writers = config.strategy === "recreate" ? writersOf(config, place) : null;
    this.#data = dataWorkOf({ memory, snapshots: kept, migrations, contract, writers, log });
  }

  /** Names the newest image. */
  source(): Source {
    return this.#source;
  }

  find(name: string, signal: AbortSignal): Promise<string | null> {
    return this.#source.find(name, signal);
  }

  get replicas(): number {
    return this.runtime.count;
  }

  /** Why nothing may be started on the data; null: it may. */
  get dataProblem(): string | null {
    return this.#data?.obstacle ?? null;
  }

  get forgottenData(): readonly string[] {
    return this.#forgotten.complaints;
  }

  /** What a roll of containers has besides what every roll has. */
  effects(traffic: SharedTraffic): ReturnType<EngineParts["effects"]> {
    const { replicas, maxSurge, maxUnavailable } = this.#options;
    const exchange = maxSurge === 0
      ? null
      : new PieceByPiece({ ...this.#config, traffic, replicas, maxSurge, maxUnavailable });
    return {
      artifacts: this.#store,
      lookAround: (search) => this.firstLook.untilDone(search),
      ...(this.#data !== null && { data: this.#data }),
      ...(exchange !== null && { exchange }),
    };
  }

  /** From now on containers and images follow what happens. */
  follow(hub: EventHub, updater: Updater): void {
    this.#wanted = () => wantedImages(updater);
    followRolls(hub, this.runtime, this.#store);
    hub.addObserver((event) => {
      if (event.type === "instance.adopted") void this.#lookAt(event.instance.id);
    });
  }

  /** The image of what went on running was not brought here by us. Never rejects. */
  async #lookAt(id: string): Promise<void> {
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(LOOK_MS)]);
    try {
      const image = await this.#engine.images.find(this.#images.reference(id), signal);
      if (image !== null) this.#forgotten.look(image);
    } catch {
      // The next roll looks at its image itself.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#store.idle();
    await this.runtime[Symbol.asyncDispose]();
  }
}

/** Two that fill the same volume would leave a mixture. */
async function endFormerCopies(mark: string): Promise<void> {
  const onLeft = () =>
    getLog("containers").info("Waiting for copies of the data that were begun before");
  await endLeftOverCalls(mark, { onLeft });
}
