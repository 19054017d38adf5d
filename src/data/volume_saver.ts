import type { Engine } from "../container/engine/engine.ts";
import { isNotFound } from "../container/engine/engine_error.ts";
import type { DataChange } from "../roll/data_changes.ts";
import type { DataPlace, FindPlaces } from "./data_place.ts";
import { EngineVolumes } from "./engine_volumes.ts";
import type { Collection, Demand, Saver } from "./saver.ts";
import type { Archiver } from "./snapshot/archiver.ts";
import { type MountSelection, selectMounts, whyNotSaved } from "./snapshot/mounts.ts";
import type { Writers } from "./writers.ts";

/** What has to stay free for others. */
const MARGIN_BYTES = 64 * 1024 * 1024;

/** How the volumes and directories of containers are saved. */
export interface VolumeSaverOptions {
  readonly engine: Pick<Engine, "surroundings">;
  /** Where the engine is. */
  readonly socket: string;
  readonly places: FindPlaces;
  /** Who could write while it is read. */
  readonly writers: Pick<Writers, "still" | "requireStill" | "requireNoOthers">;
  readonly timeoutMs: number;
  /** Who can get at all of `mounts`; throws if nobody can. */
  archiverFor(mounts: MountSelection["saved"]): Promise<Archiver>;
}

/** Copies everything that containers can write to and that outlives them. */
export class VolumeSaver implements Saver {
  readonly #options: VolumeSaverOptions;

  constructor(options: VolumeSaverOptions) {
    this.#options = options;
  }

  async foresee(signal: AbortSignal): Promise<Demand> {
    const { writers, timeoutMs, archiverFor } = this.#options;
    const { saved } = await this.#select(signal);
    const archiver = await archiverFor(saved);
    await writers.requireNoOthers(saved);
    // Files come and go while somebody serves: not to find one is no reason to give up.
    const expectedBytes = await archiver.measure(saved, { timeoutMs, signal }).catch(() => null);
    signal.throwIfAborted();
    return { expectedBytes, marginBytes: MARGIN_BYTES };
  }

  async collect(_: DataChange, signal: AbortSignal): Promise<Collection> {
    const { socket, writers, timeoutMs, archiverFor } = this.#options;
    const { saved, skipped } = await this.#select(signal);
    const archiver = await archiverFor(saved);
    await writers.still(saved);
    const options = { timeoutMs, signal };
    return {
      method: "host",
      skipped,
      wayBack: { engine: socket },
      source: {
        suffix: archiver.suffix,
        expectedBytes: await archiver.measure(saved, options),
        marginBytes: MARGIN_BYTES,
        write: async (path) => {
          const mounts = await archiver.pack(path, saved, options);
          await writers.requireStill(saved);
          return mounts;
        },
      },
    };
  }

  async #select(signal: AbortSignal): Promise<MountSelection> {
    const { engine, places: find } = this.#options;
    const places = await find(signal);
    for (const place of places) await this.#make(place, signal);
    const selection = await selectMounts(places, new EngineVolumes(engine, signal));
    const { saved, skipped } = selection;
    const problem = whyNotSaved(skipped);
    if (problem !== null) throw new Error(problem);
    if (saved.length === 0) throw new Error("there is nothing that could be copied");
    return selection;
  }

  /** Before the first start there is nothing yet; it is made as the engine would make it then. */
  async #make({ kind, source, labels }: DataPlace, signal: AbortSignal): Promise<void> {
    const { surroundings } = this.#options.engine;
    if (kind === "bind") {
      if (await exists(source)) return;
      return await Deno.mkdir(source, { recursive: true });
    }
    try {
      await surroundings.volume(source, signal);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (labels === null) {
        throw new Error(
          `there is no volume ${source}, and it is external: docker volume create ${source}`,
          { cause: error },
        );
      }
      await surroundings.createVolume(source, labels, signal);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
