import type { Engine } from "../container/engine/engine.ts";
import { isNotFound } from "../container/engine/engine_error.ts";
import type { ContainerLabels } from "./project_record.ts";
import type { SnapshotEngine } from "./snapshot/mounts.ts";

/** What we ask the engine about a stack, beside compose. */
export class StackEngine implements SnapshotEngine {
  readonly #engine: Pick<Engine, "containers" | "surroundings">;
  readonly #signal: AbortSignal;

  /** @param signal Calls everything off. */
  constructor(engine: Pick<Engine, "containers" | "surroundings">, signal: AbortSignal) {
    this.#engine = engine;
    this.#signal = signal;
  }

  /** The labels of all containers of a project, running or not, to see whose it is. */
  async labels(project: string): Promise<ContainerLabels[]> {
    const found = await this.#list({ "com.docker.compose.project": project });
    return found.map(({ labels }) => labels);
  }

  /** Full ids of the containers that have all of these labels, running or not. */
  async findContainers(labels: Readonly<Record<string, string>>): Promise<string[]> {
    return (await this.#list(labels)).map(({ id }) => id);
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

  #list(labels: Readonly<Record<string, string>>) {
    const wanted = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    return this.#engine.containers.list(wanted, this.#signal);
  }
}
