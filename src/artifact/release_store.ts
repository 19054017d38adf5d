import { syncPath } from "../platform/durable.ts";
import { CurrentLink, type LinkStyle } from "./current_link.ts";
import { compareReleaseNames, isReleaseName, releaseName } from "./release_name.ts";
import {
  readReleaseRecord,
  type ReleaseOutcome,
  type ReleaseRecord,
  writeReleaseRecord,
} from "./release_record.ts";
import { releasesToRemove } from "./retention.ts";
import { REMOVAL_PREFIX, sweepReleases } from "./sweep.ts";

const DEFAULT_KEEP = 7;

/** A version on the disk. */
export interface Release extends ReleaseRecord {
  /** Unique, and in the order of time. */
  readonly name: string;
  /** Absolute, if the store's is. */
  readonly path: string;
}

/** What {@linkcode ReleaseStore.add} has to know; the rest follows. */
export type ReleaseOrigin = Pick<ReleaseRecord, "tag" | "asset" | "digest">;

/** How a {@linkcode ReleaseStore} works. */
export interface ReleaseStoreOptions {
  /** Distinct versions that stay. */
  readonly keep?: number;
  readonly link?: LinkStyle;
  readonly now?: () => Date;
}

/**
 * The releases of one application, in `DIRECTORY/releases`, and `DIRECTORY/current`, a link to the
 * one that is live. Whoever opens it must be the only one: the lock of the state directory sees to
 * that.
 */
export class ReleaseStore {
  /** Where it is. */
  readonly directory: string;
  readonly #keep: number;
  readonly #link: CurrentLink;
  readonly #now: () => Date;

  /**
   * Makes the directory if need be, and removes what a crash left in it. Releases without a record
   * were made by another program; they are not touched.
   */
  static async open(directory: string, options: ReleaseStoreOptions = {}): Promise<ReleaseStore> {
    const store = new ReleaseStore(directory, options);
    await Deno.mkdir(store.#releases, { recursive: true, mode: 0o755 });
    await sweepReleases(store.#releases);
    await store.#link.sweep();
    return store;
  }

  private constructor(directory: string, options: ReleaseStoreOptions) {
    this.directory = directory;
    this.#keep = options.keep ?? DEFAULT_KEEP;
    this.#link = new CurrentLink(directory, options.link ?? "absolute");
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Adds a release.
   *
   * @param extract Makes the directory that it is given, completely or not at all.
   */
  async add(
    origin: ReleaseOrigin,
    extract: (directory: string) => Promise<void>,
  ): Promise<Release> {
    const time = this.#now();
    const name = await this.#freeName(time);
    const { tag, asset, digest } = origin;
    const record = { tag, asset, digest, extractedAt: time.toISOString() };
    await writeReleaseRecord(this.#recordPath(name), { ...record, outcome: "partial" });
    try {
      await extract(this.#path(name));
    } catch (error) {
      await this.#forget(name);
      throw error;
    }
    try {
      await writeReleaseRecord(this.#recordPath(name), { ...record, outcome: "new" });
    } catch (error) {
      await Deno.remove(this.#path(name), { recursive: true }).catch(() => {});
      await this.#forget(name);
      throw error;
    }
    return this.#toRelease(name, { ...record, outcome: "new" });
  }

  /** All of them, oldest first. */
  async list(): Promise<Release[]> {
    const releases: Release[] = [];
    for await (const { name, isDirectory } of Deno.readDir(this.#releases)) {
      if (!isDirectory || !isReleaseName(name)) continue;
      const record = await readReleaseRecord(this.#recordPath(name));
      if (record === null || record.outcome === "partial") continue;
      releases.push(this.#toRelease(name, record));
    }
    return releases.toSorted((left, right) => compareReleaseNames(left.name, right.name));
  }

  /** The newest release of a version that has not failed, made of the same bytes; or null. */
  async find({ tag, digest }: Pick<ReleaseOrigin, "tag" | "digest">): Promise<Release | null> {
    const isWanted = (release: Release) =>
      release.tag === tag && release.digest === digest && release.outcome !== "failed";
    return (await this.list()).findLast(isWanted) ?? null;
  }

  /** The one that `current` leads to; null when it leads to none. */
  async current(): Promise<Release | null> {
    const name = await this.#link.target();
    return (await this.list()).find((release) => release.name === name) ?? null;
  }

  /**
   * Lets `current` lead to a release, in one step and at once: there is no moment without it.
   * {@linkcode settle} sees to it that a power cut does not take it back.
   */
  makeCurrent({ name }: Pick<Release, "name">): void {
    Deno.statSync(this.#path(name));
    this.#link.set(name);
  }

  /** Resolves when `current` is on the disk. */
  async settle(): Promise<void> {
    await this.#link.settle();
  }

  /** Writes down how a release went. */
  async mark({ name }: Pick<Release, "name">, outcome: ReleaseOutcome): Promise<void> {
    const path = this.#recordPath(name);
    const record = await readReleaseRecord(path);
    if (record === null) throw new Error(`Cannot mark the release ${name}: there is none`);
    await writeReleaseRecord(path, { ...record, outcome });
  }

  /**
   * Removes releases that failed, and those beyond the number of distinct versions that stay.
   *
   * @param inUse Names that stay in any case, as the live one does: the previous one, and whatever
   * still runs or is about to.
   * @returns What was removed.
   */
  async prune(inUse: Iterable<string> = []): Promise<Release[]> {
    const live = await this.#link.target();
    const protectedNames = new Set(inUse);
    if (live !== null) protectedNames.add(live);
    const removed = releasesToRemove(await this.list(), { keep: this.#keep, protectedNames });
    for (const { name } of removed) await this.#remove(name);
    return removed;
  }

  /** Out of sight in one step; a crash while it goes leaves nothing that looks like a release. */
  async #remove(name: string): Promise<void> {
    const doomed = `${this.#releases}/${REMOVAL_PREFIX}${name}`;
    await Deno.rename(this.#path(name), doomed);
    await Deno.remove(this.#recordPath(name));
    await Deno.remove(doomed, { recursive: true });
    await syncPath(this.#releases);
  }

  /** The next start removes what cannot be removed now. Never rejects. */
  async #forget(name: string): Promise<void> {
    await Deno.remove(this.#recordPath(name)).catch(() => {});
  }

  async #freeName(time: Date): Promise<string> {
    const taken = new Set<string>();
    for await (const { name } of Deno.readDir(this.#releases)) taken.add(name);
    for (let number = 1;; number++) {
      const name = releaseName(time, number);
      if (!taken.has(name) && !taken.has(`${name}.json`)) return name;
    }
  }

  #toRelease(name: string, record: ReleaseRecord): Release {
    return { ...record, name, path: this.#path(name) };
  }

  get #releases(): string {
    return `${this.directory}/releases`;
  }

  #path(name: string): string {
    return `${this.#releases}/${name}`;
  }

  #recordPath(name: string): string {
    return `${this.#releases}/${name}.json`;
  }
}
