import type { Lease, LeaseOptions, Store, Versioned } from "./store.ts";
import { VersionedLeases } from "./versioned_leases.ts";

const PIECE_BYTES = 1024 * 1024;

/** What is kept at most, all values together. */
const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

/** Values in this process, gone with it. The oldest make room for new ones. */
export class MemoryStore implements Store {
  readonly name = "memory";
  readonly pieceBytes = PIECE_BYTES;
  readonly #values = new Map<string, Versioned>();
  readonly #leases: VersionedLeases;
  readonly #maxBytes: number;
  #bytes = 0;
  #writes = 0;

  /** @param now Monotonic milliseconds. */
  constructor(now: () => number, { maxBytes = DEFAULT_MAX_BYTES } = {}) {
    this.#leases = new VersionedLeases(this, now);
    this.#maxBytes = maxBytes;
  }

  get(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return Promise.resolve(this.#values.get(key)?.bytes ?? null);
  }

  look(key: string): Promise<Versioned | null> {
    return Promise.resolve(this.#values.get(key) ?? null);
  }

  put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#remove(key);
    this.#values.set(key, { bytes, version: String(++this.#writes) });
    this.#bytes += bytes.length;
    for (const oldest of this.#values.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#remove(oldest);
    }
    return Promise.resolve();
  }

  hasRoom(bytes: number): Promise<boolean> {
    return Promise.resolve(bytes <= this.#maxBytes);
  }

  async putIf(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    version: string | null,
  ): Promise<boolean> {
    if ((this.#values.get(key)?.version ?? null) !== version) return false;
    await this.put(key, bytes);
    return true;
  }

  lease(key: string, options: LeaseOptions): Promise<Lease | null> {
    return this.#leases.take(key, options);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #remove(key: string): void {
    this.#bytes -= this.#values.get(key)?.bytes.length ?? 0;
    this.#values.delete(key);
  }
}
