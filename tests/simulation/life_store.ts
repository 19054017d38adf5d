import {
  type Lease,
  type LeaseOptions,
  type Store,
  StoreError,
  type Versioned,
} from "../../src/cache/store.ts";
import type { Fate } from "./fate.ts";
import type { LifeClock } from "./life_clock.ts";
import type { Random } from "./random.ts";
import type { SimFleet } from "./sim_fleet.ts";

/** What hosts share, as one life of liveroll sees it: far away, and not always there. */
export class LifeStore implements Store {
  readonly name = "the store";
  readonly pieceBytes = 1024;
  readonly #fleet: SimFleet;
  readonly #parts: { readonly fate: Fate; readonly clock: LifeClock; readonly rng: Random };

  constructor(fleet: SimFleet, parts: { fate: Fate; clock: LifeClock; rng: Random }) {
    this.#fleet = fleet;
    this.#parts = parts;
  }

  get(key: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#do(signal, () => this.#fleet.store.get(key));
  }

  look(key: string, signal: AbortSignal): Promise<Versioned | null> {
    return this.#do(signal, () => this.#fleet.store.look(key));
  }

  put(key: string, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    return this.#do(signal, () => this.#fleet.store.put(key, bytes));
  }

  putIf(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    version: string | null,
    signal: AbortSignal,
  ): Promise<boolean> {
    return this.#do(signal, () => this.#fleet.store.putIf(key, bytes, version));
  }

  async lease(key: string, options: LeaseOptions): Promise<Lease | null> {
    const lease = await this.#do(options.signal, () => this.#fleet.store.lease(key, options));
    if (lease === null) return null;
    return {
      fence: lease.fence,
      renew: (signal) => this.#do(signal, () => lease.renew(signal)),
      release: (signal) => this.#do(signal, () => lease.release(signal)),
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #do<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { fate, clock, rng } = this.#parts;
    return fate.do("turn", async () => {
      await clock.sleep(rng.between(0, 20), signal);
      if (this.#fleet.isDown) throw new StoreError("Cannot use the store: it is away");
      return await work();
    }, () => void work());
  }
}
