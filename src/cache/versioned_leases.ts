import type { Lease, LeaseOptions, VersionedStore } from "./store.ts";

/** What is written about a lease. */
interface LeaseRecord {
  /** Null: nobody holds it. */
  readonly holder: string | null;
  readonly fence: number;
  /** Grows with every renewal. */
  readonly beat: number;
  readonly ttlMs: number;
}

/** A lease of somebody else, as it was seen. */
interface Seen {
  readonly version: string;
  readonly at: number;
}

/**
 * Leases in a store that knows nothing of them. No two clocks are compared: a lease whose record has
 * not changed for its time, as measured by whoever wants it, has ended.
 */
export class VersionedLeases {
  readonly #store: VersionedStore;
  readonly #now: () => number;
  readonly #seen = new Map<string, Seen>();

  /** @param now Monotonic milliseconds. */
  constructor(store: VersionedStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Null: somebody else has it. @throws {StoreError} */
  async take(key: string, { holder, ttlMs, signal }: LeaseOptions): Promise<Lease | null> {
    const found = await this.#store.look(key, signal);
    const record = found === null ? null : read(found.bytes);
    if (found !== null && record?.holder !== null && !this.#hasEnded(key, found.version, record)) {
      return null;
    }
    const fence = (record?.fence ?? 0) + 1;
    const mine = { holder, fence, beat: 0, ttlMs };
    const isMine = await this.#store.putIf(key, write(mine), found?.version ?? null, signal);
    this.#seen.delete(key);
    return isMine ? new VersionedLease(this.#store, key, mine) : null;
  }

  #hasEnded(key: string, version: string, record: LeaseRecord | null): boolean {
    // Nobody knows whose it is: it is nobody's.
    if (record === null) return true;
    const seen = this.#seen.get(key);
    if (seen?.version === version) return this.#now() - seen.at >= record.ttlMs;
    this.#seen.set(key, { version, at: this.#now() });
    return false;
  }
}

class VersionedLease implements Lease {
  readonly #store: VersionedStore;
  readonly #key: string;
  #record: LeaseRecord;

  constructor(store: VersionedStore, key: string, record: LeaseRecord) {
    this.#store = store;
    this.#key = key;
    this.#record = record;
  }

  get fence(): number {
    return this.#record.fence;
  }

  async renew(signal: AbortSignal): Promise<boolean> {
    const next = { ...this.#record, beat: this.#record.beat + 1 };
    if (!await this.#replace(next, signal)) return false;
    this.#record = next;
    return true;
  }

  async release(signal: AbortSignal): Promise<void> {
    await this.#replace({ ...this.#record, holder: null }, signal);
  }

  async #replace(next: LeaseRecord, signal: AbortSignal): Promise<boolean> {
    const found = await this.#store.look(this.#key, signal);
    if (found === null || !this.#isMine(read(found.bytes))) return false;
    return await this.#store.putIf(this.#key, write(next), found.version, signal);
  }

  /** Whoever takes it over counts on from its fence. */
  #isMine(record: LeaseRecord | null): boolean {
    return record?.holder === this.#record.holder && record.fence === this.#record.fence;
  }
}

function write(record: LeaseRecord): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(record));
}

/** Null: it is no such record. */
function read(bytes: Uint8Array): LeaseRecord | null {
  try {
    const { holder, fence, beat, ttlMs } = JSON.parse(new TextDecoder().decode(bytes));
    const isNumber = [fence, beat, ttlMs].every(Number.isFinite);
    const isHolder = holder === null || typeof holder === "string";
    return isNumber && isHolder ? { holder, fence, beat, ttlMs } : null;
  } catch {
    return null;
  }
}
