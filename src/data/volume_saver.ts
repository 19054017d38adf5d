import type { Archiver } from "../compose/snapshot/archiver.ts";
import { type MountSelection, selectMounts } from "../compose/snapshot/mounts.ts";
import { StackEngine } from "../compose/stack_engine.ts";
import type { CreateBody } from "../container/engine/create_body.ts";
import type { Engine } from "../container/engine/engine.ts";
import { isNotFound } from "../container/engine/engine_error.ts";
import { type Place, placesOf } from "../container/shared_state.ts";
import type { DataChange } from "../roll/effects.ts";
import type { Collection, Saver } from "./saver.ts";

/** What has to stay free for others. */
const MARGIN_BYTES = 64 * 1024 * 1024;

/** How the volumes and directories of containers are saved. */
export interface VolumeSaverOptions {
  readonly engine: Pick<Engine, "containers" | "surroundings">;
  /** Where the engine is. */
  readonly socket: string;
  /** What every container gets. */
  readonly body: Pick<CreateBody, "HostConfig">;
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

  async collect(_: DataChange, signal: AbortSignal): Promise<Collection> {
    const { engine, socket, body, timeoutMs, archiverFor } = this.#options;
    const places = writable(body);
    for (const place of places) await this.#make(place, signal);
    const mounts = places.map(({ kind, source, target }) => {
      return { type: kind, source, target, isReadOnly: false };
    });
    const stack = new StackEngine(engine, signal);
    const { saved, skipped } = await selectMounts({ mounts }, { volumes: new Map() }, stack);
    if (saved.length === 0) {
      const why = skipped.map(({ name, why }) => `${name}: ${why}`).join(", ");
      throw new Error(`there is nothing that could be saved${why && `: ${why}`}`);
    }
    const archiver = await archiverFor(saved);
    const options = { timeoutMs, signal };
    return {
      method: archiver.method,
      skipped,
      wayBack: { engine: socket },
      source: {
        suffix: archiver.suffix,
        expectedBytes: await archiver.measure(saved, options),
        marginBytes: MARGIN_BYTES,
        write: (path) => archiver.pack(path, saved, options),
      },
    };
  }

  /** Before the first start there is nothing yet; it is made as the engine would make it then. */
  async #make({ kind, source }: Place, signal: AbortSignal): Promise<void> {
    const { surroundings } = this.#options.engine;
    if (kind === "bind") {
      if (await exists(source)) return;
      return await Deno.mkdir(source, { recursive: true });
    }
    try {
      await surroundings.volume(source, signal);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await surroundings.createVolume(source, signal);
    }
  }
}

/** Sockets are written to, too, and hold no data. */
function writable(body: VolumeSaverOptions["body"]): Place[] {
  return placesOf(body).filter(({ source, isWritable }) =>
    isWritable && source !== "" && !source.endsWith(".sock")
  );
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
