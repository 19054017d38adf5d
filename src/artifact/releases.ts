import { type Clock, systemClock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { ArtifactError, type Artifacts } from "../roll/effects.ts";
import type { RollEvent } from "../roll/events.ts";
import type { Catalog } from "../source/catalog.ts";
import type { Chosen } from "../source/choice/choice.ts";
import { DiskError, explainDisk } from "./disk_error.ts";
import { extract } from "./extract/extract.ts";
import { archiveFormat } from "./extract/format.ts";
import type { Fetcher } from "./fetcher.ts";
import { installFile } from "./install.ts";
import { LiveLink } from "./live_link.ts";
import { ArtifactRefusedError } from "./refused.ts";
import type { ReleaseOutcome } from "./release_record.ts";
import type { Release, ReleaseStore } from "./release_store.ts";

/** What releases are made of. */
export interface ReleasesOptions {
  readonly store: ReleaseStore;
  readonly catalog: Pick<Catalog, "find">;
  readonly fetcher: Pick<Fetcher, "fetch">;
  readonly maxUnpackedBytes: number;
  /** Versions that somebody still runs, or may go back to. */
  inUse(): Iterable<string>;
  readonly log: Log;
  /** @default {systemClock} */
  readonly clock?: Clock;
}

/** The versions on this host: brings them here, lets `current` follow, and clears up. */
export class Releases implements Artifacts {
  readonly #options: ReleasesOptions;
  readonly #byTag = new Map<string, Release>();
  /** What goes on in the store, one after the other. */
  #work: Promise<void> = Promise.resolve();
  readonly #live: LiveLink;

  /** Looks at what is there. */
  static async open(options: ReleasesOptions): Promise<Releases> {
    const releases = new Releases(options);
    for (const release of await options.store.list()) {
      if (release.outcome !== "failed") releases.#byTag.set(release.tag, release);
    }
    return releases;
  }

  private constructor(options: ReleasesOptions) {
    this.#options = options;
    const { store, clock = systemClock, log } = options;
    this.#live = new LiveLink({
      store,
      clock,
      onTrouble: ({ tag }, error) =>
        this.#complain(`let ${store.directory}/current lead to ${tag}`, error),
      onDone: ({ tag }, wasLate) => {
        if (wasLate) log.info(`${store.directory}/current leads to ${tag} now`);
        this.#do((store) => store.settle());
      },
    });
  }

  has(id: string): boolean {
    const path = this.directoryOf(id);
    return path !== null && isDirectory(path);
  }

  /** Where a version lies; null: it is not here. */
  directoryOf(id: string): string | null {
    return this.#byTag.get(id)?.path ?? null;
  }

  async fetch(id: string, signal: AbortSignal): Promise<void> {
    const { catalog, fetcher } = this.#options;
    const chosen = await this.#find(id, () => catalog.find(id, signal));
    const downloaded = await fetcher.fetch(chosen, signal);
    try {
      const { asset } = chosen;
      const origin = { tag: id, asset: asset.name, digest: downloaded.sha256 };
      this.#byTag.set(id, await this.#unpack(origin, downloaded.path, signal));
    } finally {
      await Deno.remove(downloaded.path).catch(() => {});
    }
  }

  /** Follows what happens; neither throws nor waits. */
  observe(event: RollEvent): void {
    switch (event.type) {
      case "roll.switched":
        return this.#makeCurrent(event.instance.id);
      case "roll.succeeded":
        return this.#do(async (store) => {
          await this.#mark(store, event.id, "good");
          await this.#prune(store);
        });
      case "roll.failed":
        // The version that runs is not bad because it could not be started once more.
        if (event.retryInMs === null) return;
        if (event.reason === "fetch_failed" || event.reason === "no_turn") return;
        return this.#do((store) => this.#discard(store, event.id));
      case "roll.rolled_back":
        return this.#do((store) => this.#discard(store, event.id));
      case "instance.stopped":
        // Nobody reads its files any more.
        return this.#do((store) => this.#prune(store));
    }
  }

  /** Resolves when the store is at rest. */
  async idle(): Promise<void> {
    await this.#work;
  }

  /** Tries nothing more that the disk does not take; resolves when the store is at rest. */
  async close(): Promise<void> {
    this.#live.stop();
    await this.idle();
  }

  async #find(id: string, find: () => Promise<Chosen | null>): Promise<Chosen> {
    let chosen: Chosen | null;
    try {
      chosen = await find();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new ArtifactError(message, false, { cause });
    }
    if (chosen !== null) return chosen;
    throw new ArtifactError(`Cannot fetch ${id}: the registry has no file for this machine`, false);
  }

  async #unpack(
    origin: Pick<Release, "tag" | "asset" | "digest">,
    file: string,
    signal: AbortSignal,
  ): Promise<Release> {
    const { store, maxUnpackedBytes: maxBytes } = this.#options;
    try {
      const { tag, asset: name } = origin;
      return await store.add(
        origin,
        (into) =>
          archiveFormat(name) === null
            ? installFile(file, { into, name, tag, signal })
            : extract(file, { into, name, limits: { maxBytes }, signal }),
      );
    } catch (cause) {
      signal.throwIfAborted();
      const error = explainDisk(`unpack ${origin.asset} into ${store.directory}/releases`, cause);
      const message = error instanceof Error ? error.message : String(error);
      throw new ArtifactError(message, error instanceof ArtifactRefusedError, { cause: error });
    }
  }

  /** In the step of the switch: who hears of it finds the link where it should be. */
  #makeCurrent(id: string): void {
    const release = this.#byTag.get(id);
    if (release !== undefined) this.#live.follow(release);
  }

  async #mark(store: ReleaseStore, id: string, outcome: ReleaseOutcome): Promise<void> {
    const release = this.#byTag.get(id);
    if (release === undefined || release.outcome === outcome) return;
    this.#byTag.set(id, { ...release, outcome });
    await store.mark(release, outcome);
  }

  /** A version that was refused is fetched anew if somebody wants it again. */
  async #discard(store: ReleaseStore, id: string): Promise<void> {
    await this.#mark(store, id, "failed");
    this.#byTag.delete(id);
    await this.#prune(store);
  }

  async #prune(store: ReleaseStore): Promise<void> {
    const ids = new Set(this.#options.inUse());
    const inUse = (await store.list()).filter(({ tag }) => ids.has(tag)).map(({ name }) => name);
    for (const { tag, name } of await store.prune(inUse)) {
      if (this.#byTag.get(tag)?.name === name) this.#byTag.delete(tag);
      this.#options.log.debug(`Removed ${name} (${tag})`);
    }
  }

  #do(work: (store: ReleaseStore) => Promise<void>): void {
    this.#work = this.#work.then(() => work(this.#options.store)).catch((error) =>
      this.#complain(`tidy the releases in ${this.#options.store.directory}`, error)
    );
  }

  #complain(what: string, error: unknown): void {
    const explained = explainDisk(what, error);
    const why = error instanceof Error ? error.message : String(error);
    const text = explained instanceof DiskError ? explained.message : `Cannot ${what}: ${why}`;
    this.#options.log.error(text, { event: "releases.failed" });
  }
}

/** Somebody may have cleared up by hand. */
function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
