import { type Clock, withDeadline } from "../platform/clock.ts";
import { type Lease, type LeaseOptions, type Store, StoreError, type Versioned } from "./store.ts";

/** No call takes longer than this; a cache that hangs is as good as none. */
const CALL_MS = 10_000;

/** A store that answers in time, or fails. */
export class BoundedStore implements Store {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  get name(): string {
    return this.#store.name;
  }

  get pieceBytes(): number | null {
    return this.#store.pieceBytes;
  }

  get(key: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#within(signal, (signal) => this.#store.get(key, signal));
  }

  look(key: string, signal: AbortSignal): Promise<Versioned | null> {
    return this.#within(signal, (signal) => this.#store.look(key, signal));
  }

  put(key: string, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    return this.#within(signal, (signal) => this.#store.put(key, bytes, signal));
  }

  hasRoom(bytes: number, signal: AbortSignal): Promise<boolean> {
    return this.#within(
      signal,
      async (signal) => await this.#store.hasRoom?.(bytes, signal) ?? true,
    );
  }

  putIf(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    version: string | null,
    signal: AbortSignal,
  ): Promise<boolean> {
    return this.#within(signal, (signal) => this.#store.putIf(key, bytes, version, signal));
  }

  async lease(key: string, options: LeaseOptions): Promise<Lease | null> {
    const lease = await this.#within(
      options.signal,
      (signal) => this.#store.lease(key, { ...options, signal }),
    );
    if (lease === null) return null;
    return {
      fence: lease.fence,
      renew: (signal) => this.#within(signal, (signal) => lease.renew(signal)),
      release: (signal) => this.#within(signal, (signal) => lease.release(signal)),
    };
  }

  async close(): Promise<void> {
    await this.#store.close();
  }

  async #within<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const result = await withDeadline(this.#clock, CALL_MS, signal, work);
    if (result !== "timed_out") return result;
    throw new StoreError(`Cannot use ${this.name}: no answer within ${CALL_MS / 1000} s`);
  }
}
