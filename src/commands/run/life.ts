import type { Config } from "../../config/config.ts";
import type { Redactor } from "../../notify/redact.ts";
import type { Log } from "../../platform/log.ts";
import type { Probe } from "../../roll/effects.ts";
import { processesOf } from "../../runtime/orphans.ts";
import { StateLockedError } from "../../state/state_directory.ts";
import { type AppRuntime, appRuntime } from "./app_runtime.ts";
import { ComposeParts } from "./compose_parts.ts";
import { ContainerParts } from "./container_parts.ts";
import type { DirectDoor } from "./direct_door.ts";
import type { EngineParts } from "./engine_parts.ts";
import { FleetParts } from "./fleet_parts.ts";
import type { OutputRing } from "./output_ring.ts";
import type { OpenStack } from "./open_stack.ts";
import type { PublicSockets } from "./public_sockets.ts";
import { RegistryParts } from "./registry_parts.ts";
import { State } from "./state.ts";

const TRY_AGAIN_MS = 50;

/** What lives longer than one life. */
export interface LifeOptions {
  env: Readonly<Record<string, string>>;
  output: OutputRing;
  redact: Redactor;
  /** Null: versions are not services of a compose file. */
  stack: OpenStack | null;
  /** Null: they are simply opened, by the proxy. */
  sockets: PublicSockets | null;
  log: Log;
  /** So long another liveroll may take to let go of the state directory. @default {0} */
  lockWaitMs?: number;
  /** Who served before serves on if this one cannot: nothing may be put off. @default {false} */
  isSuccessor?: boolean;
}

/** Everything that only one process may have at a time, from the lock of the state directory on. */
export class Life implements AsyncDisposable {
  readonly state: State;
  readonly releases: RegistryParts | null;
  readonly fleet: FleetParts | null;
  readonly containers: EngineParts | null;
  /** Null: a proxy is in front of children. */
  readonly door: DirectDoor | null;
  readonly runtime: AppRuntime;
  readonly probe: Probe;
  readonly #parts: AsyncDisposableStack;
  #isLeft = false;

  /**
   * Takes up what a former life has left, or begins the first one.
   *
   * @throws {Error} When something that has to be there from the beginning cannot be.
   */
  static async begin(config: Config, options: LifeOptions): Promise<Life> {
    await using parts = new AsyncDisposableStack();
    // The lock comes before everything that another liveroll could be disturbed by.
    const state = parts.use(await openState(config.stateDir, options));
    const { env, output, redact, stack } = options;
    const releases = await RegistryParts.open(config, env);
    const fleet = parts.use(await FleetParts.open(config, env));
    const { isSuccessor = false } = options;
    const around = { env, output, redact, releases, state, isSuccessor };
    const containers = parts.use(
      stack === null
        ? await ContainerParts.open(config, around)
        : await ComposeParts.open(config, stack, around),
    );
    const door = await directDoor(config, state, options);
    const sockets = door?.sockets ?? null;
    const { runtime, probe } = appRuntime(config, { ...around, containers, sockets });
    if (containers === null) await state.takeInOrphans(runtime);
    else {
      containers.firstLook.add((signal) => state.takeInOrphans(runtime, signal));
      await containers.firstLook.take({ isStrict: isSuccessor });
    }
    return new Life({ state, releases, fleet, containers, door, runtime, probe }, parts.move());
  }

  private constructor(
    things: Pick<
      Life,
      "state" | "releases" | "fleet" | "containers" | "door" | "runtime" | "probe"
    >,
    parts: AsyncDisposableStack,
  ) {
    this.state = things.state;
    this.releases = things.releases;
    this.fleet = things.fleet;
    this.containers = things.containers;
    this.door = things.door;
    this.runtime = things.runtime;
    this.probe = things.probe;
    this.#parts = parts;
  }

  /** Somebody else goes on: what runs is left running when this is disposed of. */
  leave(): void {
    this.#isLeft = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is left to stop when all went well; a bug of ours must not leave anybody behind either.
    if (this.#isLeft) await this.runtime.leave();
    else await this.runtime.stopAll();
    await this.#parts.disposeAsync();
  }
}

async function directDoor(
  { engine }: Config,
  { tokenPrefix }: State,
  { sockets, env }: LifeOptions,
): Promise<DirectDoor | null> {
  if (engine !== "direct" || sockets === null) return null;
  return await sockets.door({ heirs: await processesOf(tokenPrefix), path: env.PATH });
}

/** @throws {StateLockedError} When another liveroll has it for longer than that. */
async function openState(path: string, { log, lockWaitMs = 0 }: LifeOptions): Promise<State> {
  const until = performance.now() + lockWaitMs;
  for (;;) {
    try {
      return State.open(path, log);
    } catch (error) {
      if (!(error instanceof StateLockedError) || performance.now() >= until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
  }
}
