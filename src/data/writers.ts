import type { Engine } from "../container/engine/engine.ts";
import { isNotFound } from "../container/engine/engine_error.ts";
import type { ArchivedMount } from "./snapshot/manifest.ts";
import { isAlive, type Labels, othersOn, ownContainers } from "./volume_users.ts";

/** Time for one call to the engine. */
const CALL_MS = 30_000;

/** Who may be writing to data. */
export interface WritersOptions {
  readonly engine: Pick<Engine, "containers">;
  /** Who has all labels of one of these is a container of the application itself. */
  readonly owned: readonly Labels[];
  /** Between asking a container to end and KILL, in milliseconds. */
  readonly stopTimeoutMs: number;
}

/** The containers that could write to data while it is copied or put back. */
export class Writers {
  readonly #options: WritersOptions;

  constructor(options: WritersOptions) {
    this.#options = options;
  }

  /**
   * Sees to it that nobody can write to `mounts`. Those of the application itself are ended: an
   * engine that was started again may have brought them back.
   *
   * @throws {Error} When somebody else can; nothing is changed for them.
   */
  async still(mounts: readonly Pick<ArchivedMount, "type" | "name">[]): Promise<void> {
    await this.#endOurs();
    await this.requireNoOthers(mounts);
  }

  /** @throws {Error} When somebody who is no part of the application can write to `mounts`. */
  async requireNoOthers(mounts: readonly Pick<ArchivedMount, "type" | "name">[]): Promise<void> {
    const { engine, owned } = this.#options;
    const signal = AbortSignal.timeout(CALL_MS);
    const names = await othersOn(engine, { mounts, owned, signal });
    if (names.length === 0) return;
    const [verb, whom] = names.length === 1 ? ["runs", "it"] : ["run", "them"];
    throw new Error(
      `${names.join(", ")} ${verb} and can write to the data; stop ${whom}, or mount it there ` +
        "read-only",
    );
  }

  async #endOurs(): Promise<void> {
    const { engine, owned, stopTimeoutMs } = this.#options;
    const all = await ownContainers(engine, owned, AbortSignal.timeout(CALL_MS));
    for (const { id, state } of all) {
      if (!isAlive(state)) continue;
      try {
        const signal = AbortSignal.timeout(stopTimeoutMs + CALL_MS);
        await engine.containers.stop(id, stopTimeoutMs, signal);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }
}
