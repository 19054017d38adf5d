import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import {
  type Asset,
  type AssetBody,
  type AuditRecord,
  type Registry,
  RegistryError,
  type Release,
} from "../source/registry.ts";
import { HeldLease } from "./held_lease.ts";
import { readEntry, type ReleaseEntry, toTrouble, writeEntry } from "./release_entry.ts";
import { type Lease, type Store, StoreError } from "./store.ts";

/** Whoever has begun to ask the registry and has died is waited for so long. */
const LEASE_MS = 60_000;

/** Whoever waits for another's answer looks so often. */
const LOOK_MS = 250;

const NOTHING: ReleaseEntry = { fetchedAt: null, releases: [], trouble: null };

/** How releases are shared. */
export interface SharedReleasesOptions {
  readonly registry: Registry;
  readonly store: Store;
  /** Of the registry's answer in the store. */
  readonly key: string;
  /** For so long, an answer is good for all. */
  readonly ttlMs: number;
  /** For so long, an answer is used while the registry cannot be asked. */
  readonly maxStaleMs: number;
  /** Who asks, for people. */
  readonly holder: string;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  date(): number;
  readonly log: Log;
}

/** A registry that many ask as if they were one. Without its store, it is asked directly. */
export class SharedReleases implements Registry {
  readonly #options: SharedReleasesOptions;
  #told = "";

  constructor(options: SharedReleasesOptions) {
    this.#options = options;
  }

  get hasFiles(): boolean {
    return this.#options.registry.hasFiles ?? true;
  }

  async releases(signal: AbortSignal): Promise<readonly Release[]> {
    try {
      return await this.#shared(signal);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#tell(`The registry is asked without the cache: ${error.message}`);
      return await this.#options.registry.releases(signal);
    }
  }

  fetch(asset: Asset, options: { offset: number; signal: AbortSignal }): Promise<AssetBody> {
    return this.#options.registry.fetch(asset, options);
  }

  report(tag: string, record: AuditRecord, signal: AbortSignal): Promise<void> {
    return this.#options.registry.report(tag, record, signal);
  }

  /** @throws {StoreError} When the registry has not been asked yet. */
  async #shared(signal: AbortSignal): Promise<readonly Release[]> {
    const { store, key, holder, clock } = this.#options;
    for (;;) {
      const entry = await this.#read(signal);
      if (this.#isFresh(entry)) return this.#answer(entry);
      const options = { holder, ttlMs: LEASE_MS, signal };
      const lease = await store.lease(`${key}.lock`, options);
      if (lease !== null) return await this.#refresh(lease, signal);
      await clock.sleep(LOOK_MS, signal);
    }
  }

  async #refresh(lease: Lease, signal: AbortSignal): Promise<readonly Release[]> {
    const { clock } = this.#options;
    // Many pages may take longer than its time.
    await using _held = new HeldLease(lease, { clock, ttlMs: LEASE_MS });
    const entry = await this.#read(signal);
    // Somebody has asked in the meantime.
    if (this.#isFresh(entry)) return this.#answer(entry);
    return this.#answer(await this.#ask(entry, signal));
  }

  async #ask(entry: ReleaseEntry, signal: AbortSignal): Promise<ReleaseEntry> {
    const next = await this.#askUpstream(entry, signal);
    try {
      const { store, key } = this.#options;
      await store.put(key, writeEntry(next), signal);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#tell(`The registry's answer is not shared: ${error.message}`);
    }
    return next;
  }

  async #askUpstream(entry: ReleaseEntry, signal: AbortSignal): Promise<ReleaseEntry> {
    const { registry, date } = this.#options;
    try {
      return { releases: await registry.releases(signal), fetchedAt: date(), trouble: null };
    } catch (error) {
      const trouble = toTrouble(error, date());
      if (trouble === null) throw error;
      return { ...entry, trouble };
    }
  }

  /** @throws {RegistryError} When there is nothing to go by. */
  #answer({ fetchedAt, releases, trouble }: ReleaseEntry): readonly Release[] {
    const { date, maxStaleMs } = this.#options;
    if (trouble === null) {
      this.#tell("");
      return releases;
    }
    const { kind, message, at, retryAfterMs } = trouble;
    if (fetchedAt !== null && date() - fetchedAt <= maxStaleMs) {
      const then = new Date(fetchedAt).toISOString();
      this.#tell(`Going by what the registry said at ${then}, it cannot be asked now: ${message}`);
      return releases;
    }
    const restMs = retryAfterMs === null ? null : Math.max(0, at + retryAfterMs - date());
    throw new RegistryError(kind, message, { retryAfterMs: restMs });
  }

  /** Clocks of two machines differ a little: a little from the future is fresh, too. */
  #isFresh({ fetchedAt, trouble }: ReleaseEntry): boolean {
    const { date, ttlMs } = this.#options;
    if (trouble === null) return fetchedAt !== null && Math.abs(date() - fetchedAt) < ttlMs;
    return Math.abs(date() - trouble.at) < Math.max(ttlMs, trouble.retryAfterMs ?? 0);
  }

  async #read(signal: AbortSignal): Promise<ReleaseEntry> {
    const { store, key } = this.#options;
    const bytes = await store.get(key, signal);
    return (bytes === null ? null : readEntry(bytes)) ?? NOTHING;
  }

  /** What is not as it should be is told once, and when it is well again. */
  #tell(line: string): void {
    const { log } = this.#options;
    if (line !== this.#told) {
      if (line !== "") log.warn(line);
      else log.info("The registry is asked as it should be again");
    }
    this.#told = line;
  }
}
