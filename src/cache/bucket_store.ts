import type { Clock } from "../platform/clock.ts";
import type { VersionedBucket } from "../source/bucket/bucket.ts";
import { RegistryError } from "../source/registry.ts";
import { heedsConditions } from "./heeds_conditions.ts";
import { type Lease, type LeaseOptions, type Store, StoreError, type Versioned } from "./store.ts";
import { VersionedLeases } from "./versioned_leases.ts";

const PIECE_BYTES = 4 * 1024 * 1024;

/** Google takes one change of an object in a second. */
const REST_MS = 1_100;

/** How often a call is made that was too early. */
const TRIES = 3;

const PROBE = "conditions";

/** Values in objects of a bucket. Nothing is removed: that is for a rule of the bucket itself. */
export class BucketStore implements Store {
  readonly name: string;
  readonly pieceBytes = PIECE_BYTES;
  readonly #bucket: VersionedBucket;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #leases: VersionedLeases;
  #canLease = false;

  /** @param prefix Empty, or with a slash at its end. */
  constructor(bucket: VersionedBucket, prefix: string, clock: Clock) {
    this.name = bucket.name;
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#clock = clock;
    this.#leases = new VersionedLeases(this, () => clock.now());
  }

  async get(key: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | null> {
    return (await this.look(key, signal))?.bytes ?? null;
  }

  look(key: string, signal: AbortSignal): Promise<Versioned | null> {
    return this.#try("read", signal, () => this.#bucket.look(this.#prefix + key, signal));
  }

  put(key: string, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    return this.#try("write", signal, () => this.#bucket.put(this.#prefix + key, bytes, signal));
  }

  putIf(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    version: string | null,
    signal: AbortSignal,
  ): Promise<boolean> {
    const path = this.#prefix + key;
    return this.#try("write", signal, () => this.#bucket.putIf(path, bytes, version, signal));
  }

  async lease(key: string, options: LeaseOptions): Promise<Lease | null> {
    await this.#requireConditions(options.signal);
    return await this.#leases.take(key, options);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #requireConditions(signal: AbortSignal): Promise<void> {
    if (this.#canLease) return;
    const probe = () => heedsConditions(this.#bucket, this.#prefix + PROBE, signal);
    this.#canLease = await this.#try("use", signal, probe);
    if (this.#canLease) return;
    const detail = "its server does not heed If-Match and If-None-Match when it writes";
    throw new StoreError(`Cannot hold leases in ${this.name}: ${detail}`);
  }

  async #try<T>(verb: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let tries = 1;; tries++) {
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof RegistryError)) throw error;
        if (error.kind !== "rate_limited" || tries === TRIES) {
          throw new StoreError(`Cannot ${verb} ${this.name}: ${error.message}`);
        }
      }
      await this.#clock.sleep(REST_MS, signal);
    }
  }
}
