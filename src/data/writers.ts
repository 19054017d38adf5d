import type { Engine } from "../container/engine/engine.ts";
import { isNotFound } from "../container/engine/engine_error.ts";
import type { ArchivedMount } from "./snapshot/manifest.ts";
import { isAlive, type Labels, othersOn, ownContainers, usersOf } from "./volume_users.ts";

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
   * Sees to it that nobody can write to `mounts`: {@linkcode Writers.hold}, and nobody else.
   *
   * @throws {Error} When somebody else can; nothing is changed for them.
   */
  async still(mounts: readonly Pick<ArchivedMount, "type" | "name">[]): Promise<void> {
    await this.hold();
    await this.requireNoOthers(mounts);
  }

  /**
   * Ends the containers of the application itself, and has the engine not start them again: one with
   * the policy `always` comes back with an engine that is started again, although it was stopped.
   * What is to run afterwards is made anew.
   *
   * @throws {Error} When one cannot be ended.
   */
  async hold(): Promise<void> {
    const { engine, owned } = this.#options;
    const all = await ownContainers(engine, owned, AbortSignal.timeout(CALL_MS));
    for (const { id } of all) await this.#endOne(id);
  }

  /**
   * Looks once more when the work is done.
   *
   * @param mounts Empty: only those of the application itself are looked for.
   * @throws {Error} When somebody runs who may have written meanwhile.
   */
  async requireStill(mounts: readonly Pick<ArchivedMount, "type" | "name">[] = []): Promise<void> {
    const { engine, owned } = this.#options;
    const signal = AbortSignal.timeout(CALL_MS);
    const names = mounts.length > 0
      ? await usersOf(engine, { mounts, owned, signal })
      : (await ownContainers(engine, owned, signal)).filter(({ state }) => isAlive(state))
        .map(({ name }) => name);
    if (names.length === 0) return;
    const verb = names.length === 1 ? "was" : "were";
    throw new Error(
      `${names.join(", ")} ${verb} started meanwhile, and may have written to the data`,
    );
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

  async #endOne(id: string): Promise<void> {
    const { containers } = this.#options.engine;
    const { stopTimeoutMs } = this.#options;
    const signal = AbortSignal.timeout(stopTimeoutMs + CALL_MS);
    const info = await containers.find(id, signal);
    if (info === null) return;
    try {
      // First: an engine that is started again between the two must not bring it back, either.
      if (info.restartPolicy !== "no") await containers.setRestartPolicy(id, "no", signal);
      if (isAlive(info.state)) await containers.stop(id, stopTimeoutMs, signal);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
