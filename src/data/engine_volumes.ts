import type { Engine } from "../container/engine/engine.ts";
import { isNotFound } from "../container/engine/engine_error.ts";
import type { SnapshotEngine } from "./snapshot/mounts.ts";

/** Volumes as the engine tells of them. */
export class EngineVolumes implements SnapshotEngine {
  readonly #engine: Pick<Engine, "surroundings">;
  readonly #signal: AbortSignal;

  /** @param signal Calls everything off. */
  constructor(engine: Pick<Engine, "surroundings">, signal: AbortSignal) {
    this.#engine = engine;
    this.#signal = signal;
  }

  /**
   * Where a volume is on this host. A volume that is something else underneath (NFS, a directory)
   * is only there while a container uses it: who looked at the wrong time would find it empty.
   *
   * @returns Null: not here, not always, or nowhere.
   */
  async volumeMountpoint(name: string): Promise<string | null> {
    try {
      const { driver, options, path } = await this.#engine.surroundings.volume(name, this.#signal);
      return driver === "local" && Object.keys(options).length === 0 ? path : null;
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }
}
