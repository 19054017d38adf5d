import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { HeldLease } from "./held_lease.ts";
import { type Store, StoreError } from "./store.ts";

/** Who has begun to fetch an artifact and has died is waited for so long. */
const LEASE_MS = 30_000;

/** Who waits looks so often. */
const LOOK_MS = 1_000;

/** Who has waited for so long fetches it, too. */
const PATIENCE_MS = 10 * 60_000;

/** Who shares artifacts, and by way of what. */
export interface ArtifactTurnsOptions {
  readonly store: Store;
  /** Who fetches, for people. */
  readonly holder: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** An artifact that somebody wants. */
export interface Wanted {
  /** For messages. */
  readonly name: string;
  /** In the store. */
  readonly key: string;
  /** Whether the store has it. @throws {StoreError} */
  isThere(): Promise<boolean>;
}

/** Of hosts that want the same artifact, one fetches it; the others wait until the store has it. */
export class ArtifactTurns {
  readonly #options: ArtifactTurnsOptions;

  constructor(options: ArtifactTurnsOptions) {
    this.#options = options;
  }

  /**
   * Waits until the store has an artifact, or this host may fetch it alone.
   *
   * @returns What is given back when it was fetched. Null: the store has it, or it takes too long, or
   * nobody can tell.
   * @throws The reason of `signal`, when it aborts.
   */
  async take(wanted: Wanted, signal: AbortSignal): Promise<AsyncDisposable | null> {
    try {
      return await this.#take(wanted, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof StoreError)) throw error;
      this.#options.log.warn(`Not waiting for others to fetch ${wanted.name}: ${error.message}`);
      return null;
    }
  }

  async #take(wanted: Wanted, signal: AbortSignal): Promise<AsyncDisposable | null> {
    const { clock, log } = this.#options;
    const { name, isThere } = wanted;
    const end = clock.now() + PATIENCE_MS;
    for (let looks = 0; !await isThere(); looks++) {
      const turn = await this.#tryTake(wanted, signal);
      if (turn !== null) return await unlessThere(turn, wanted);
      if (looks === 0) log.info(`Another host fetches ${name}: waiting until the cache has it`);
      if (clock.now() >= end) {
        log.warn(`Another host has fetched ${name} for ${PATIENCE_MS / 60_000} min: not waiting`);
        return null;
      }
      await clock.sleep(LOOK_MS, signal);
    }
    return null;
  }

  async #tryTake(wanted: Wanted, signal: AbortSignal): Promise<AsyncDisposable | null> {
    const { store, holder, clock } = this.#options;
    const options = { holder, ttlMs: LEASE_MS, signal };
    const lease = await store.lease(`${wanted.key}.lock`, options);
    return lease === null ? null : new HeldLease(lease, { clock, ttlMs: LEASE_MS });
  }
}

/** Whoever had the turn before may have been done just now. */
async function unlessThere(
  turn: AsyncDisposable,
  { isThere }: Wanted,
): Promise<AsyncDisposable | null> {
  let isNeeded = false;
  try {
    isNeeded = !await isThere();
    return isNeeded ? turn : null;
  } finally {
    if (!isNeeded) await turn[Symbol.asyncDispose]();
  }
}
