import type { CommandEnd, Inside } from "../health/inside.ts";
import type { ProbeResult, Runtime } from "../roll/effects.ts";
import type { Instance } from "../roll/instance.ts";
import { type AssetsIdentity, AssetsInstance } from "./assets_instance.ts";

/** Where versions lie, and whether they are served. */
export interface AssetsRuntimeOptions {
  /** Where a version lies; null: it is not here. */
  releaseDir(id: string): string | null;
  /** Address that instances listen on, each on a port of its own; null: nobody asks them. */
  readonly childHost: string | null;
}

/**
 * Versions that are files, and nothing that runs. To be asked for them, an instance is a small
 * server in this process, for one version: so a request sees one version, and never a half-switched
 * one.
 */
export class AssetsRuntime implements Runtime, Inside {
  readonly outlives = false;
  readonly #options: AssetsRuntimeOptions;
  readonly #instances = new Set<AssetsInstance>();

  constructor(options: AssetsRuntimeOptions) {
    this.#options = options;
  }

  /** @throws {Error} When its files are not there. */
  async start({ key, id }: Pick<AssetsIdentity, "key" | "id">): Promise<Instance> {
    const { childHost } = this.#options;
    const directory = this.#options.releaseDir(id);
    const trouble = await whyUnreadable(directory);
    if (directory === null || trouble !== null) throw new Error(`Cannot use ${id}: ${trouble}`);
    const instance = new AssetsInstance({ key, id, directory }, childHost);
    this.#instances.add(instance);
    instance.exited.then(() => this.#instances.delete(instance));
    return instance;
  }

  /** Nothing of a former life serves files. */
  find(): Promise<null> {
    return Promise.resolve(null);
  }

  /** The system finds a port for each. */
  portHolder(): Promise<null> {
    return Promise.resolve(null);
  }

  /** As {@linkcode AssetsRuntime.portHolder}. */
  portObstacle(): Promise<null> {
    return Promise.resolve(null);
  }

  /** Whether the files of a version can be read. Never rejects. */
  probe = async (instance: Instance): Promise<ProbeResult> => {
    const detail = await whyUnreadable(this.#options.releaseDir(instance.id));
    return detail === null ? { healthy: true } : { healthy: false, detail };
  };

  run(): Promise<CommandEnd> {
    return Promise.reject(new Error("files run no commands"));
  }

  notices(): null {
    return null;
  }

  /** Files are handed out as long as this process lives. */
  leave(): Promise<void> {
    return Promise.resolve();
  }

  /** Stops every instance that was not stopped yet. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#instances].map((instance) => instance.stop()));
  }
}

/** Null: there is a directory, and it can be read. */
async function whyUnreadable(directory: string | null): Promise<string | null> {
  if (directory === null) return "its files are not here";
  try {
    for await (const _ of Deno.readDir(directory)) break;
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `its files cannot be read: ${why}`;
  }
}
