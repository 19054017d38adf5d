import type { Clock } from "../../platform/clock.ts";
import type { EngineWatch } from "./engine_watch.ts";
import type { ReplicaSet } from "./replica_set.ts";

/** After something was done to them, containers that serve have so long to be back. */
const GRACE_MS = 60_000;

/** What others do to an instance: neither its end nor a bad answer is the fault of its version then. */
export class Trouble {
  readonly #watch: Pick<EngineWatch, "isAway">;
  readonly #clock: Clock;
  readonly #replicas: ReplicaSet;
  #isCommitted = false;
  /** It has served before: what was done to it passes. */
  #hasServed = false;
  /** Why nobody could look at it when that was tried last; null: it was looked at. */
  #blind: string | null = null;
  #last: { readonly why: string; readonly until: number } | null = null;
  #end: { readonly excuse: string | null } | null = null;

  constructor(
    { watch, clock }: { watch: Pick<EngineWatch, "isAway">; clock: Clock },
    replicas: ReplicaSet,
  ) {
    this.#watch = watch;
    this.#clock = clock;
    this.#replicas = replicas;
  }

  /** Something was done to one of its containers, or to all of them; `why` is for people. */
  strike(why: string): void {
    // One that is still to be proven does not come back: its proof is worth nothing any more.
    const until = this.#hasServed ? this.#clock.now() + GRACE_MS : Infinity;
    this.#last = { why, until };
  }

  /** Something was done to it so short a time ago that nobody can tell whose doing an end is. */
  get isRecent(): boolean {
    return this.#last !== null && this.#clock.now() < this.#last.until;
  }

  /** What comes is its own doing. */
  forget(): void {
    this.#last = null;
  }

  /** It has served before, and may again. */
  survive(): void {
    this.#hasServed = true;
  }

  /**
   * Somebody has tried to look at it.
   *
   * @param why The engine did not let him, where it did before; null: it did.
   */
  lookedAt(why: string | null): void {
    this.#blind = this.#hasServed ? why : null;
  }

  /** It was proven in spite of all, and serves. */
  commit(): void {
    this.#isCommitted = true;
    this.#hasServed = true;
    this.forget();
  }

  /** It has ended: what was true then stays so. An engine may also be known to be away only later. */
  ended(): void {
    this.#end = { excuse: this.#end?.excuse ?? this.#now };
  }

  /** Why it is not to blame for what can be seen of it now; null: it is. */
  get excuse(): string | null {
    return this.#end === null ? this.#now ?? this.#blind : this.#end.excuse;
  }

  get #now(): string | null {
    if (this.#watch.isAway) return "the container engine is away";
    if (this.#last === null || !this.isRecent) return null;
    return this.#isCommitted && this.#isWhole() ? null : this.#last.why;
  }

  #isWhole(): boolean {
    return [...this.#replicas].every(({ endpoint, isReady, isSilent }) =>
      isSilent || (endpoint !== null && isReady)
    );
  }
}
