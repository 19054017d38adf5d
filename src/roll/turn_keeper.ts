import type { Effects } from "./effects.ts";
import type { Stage } from "./stage.ts";
import type { Turn, TurnEnd, Turns } from "./turns.ts";

/** Who wants to roll. */
export interface TurnSeeker {
  readonly roll: number;
  readonly version: string;
  /** A person wants it: it is tried although it failed elsewhere. */
  readonly isOrdered: boolean;
}

/** What came of the wish to roll now. */
export type TurnOutcome =
  /** `lost` aborts when somebody else may roll although this one has not ended. */
  | { readonly outcome: "granted"; readonly lost: AbortSignal }
  /** The fleet has stopped, or nobody can tell. */
  | { readonly outcome: "refused"; readonly detail: string }
  /** Something here could not wait; the same roll is begun again later. */
  | { readonly outcome: "gave_way" };

/** What a keeper of turns works with. */
export interface TurnKeeperTools {
  effects: Pick<Effects, "observe" | "turns">;
  stage: Pick<Stage, "current">;
  /** Whether a roll waits has changed, or for whom. */
  onChanged(): void;
}

/** Has the turns of rolls from when they are granted until it is known how the roll went. */
export class TurnKeeper {
  readonly #tools: TurnKeeperTools;
  readonly #turns = new Map<number, Turn>();
  #awaited: string | null = null;
  #patience: AbortController | null = null;

  constructor(tools: TurnKeeperTools) {
    this.#tools = tools;
  }

  /** Who rolls while a roll here waits; null: none waits. */
  get awaited(): string | null {
    return this.#awaited;
  }

  /** Waits until it may roll. @throws The reason of `signal`, when it aborts. */
  async take(seeker: TurnSeeker, turns: Turns, signal: AbortSignal): Promise<TurnOutcome> {
    const patience = this.#patience = new AbortController();
    try {
      const answer = await turns.take(
        this.#wish(seeker, patience.signal),
        AbortSignal.any([signal, patience.signal]),
      );
      if (answer.outcome === "stopped") return { outcome: "refused", detail: answer.detail };
      this.#turns.set(seeker.roll, answer.turn);
      return { outcome: "granted", lost: answer.turn.lost };
    } catch (error) {
      signal.throwIfAborted();
      if (patience.signal.aborted) return { outcome: "gave_way" };
      return { outcome: "refused", detail: error instanceof Error ? error.message : String(error) };
    } finally {
      this.#patience = null;
      this.#await(null);
    }
  }

  /** Whoever waits does so no longer. */
  giveWay(): void {
    this.#patience?.abort(new Error("something else came first"));
    this.#await(null);
  }

  /** A roll of a former life goes on; its turn has gone with that life. */
  resume(roll: number, version: string): void {
    const turn = this.#tools.effects.turns?.without(version);
    if (turn !== undefined) this.#turns.set(roll, turn);
  }

  /** It is known how a roll went. @returns Null: it had no turn. */
  end(roll: number, end: TurnEnd): Promise<void> | null {
    const turn = this.#turns.get(roll);
    this.#turns.delete(roll);
    return turn?.end(end) ?? null;
  }

  #wish({ roll, version, isOrdered }: TurnSeeker, patience: AbortSignal) {
    const { effects: { observe }, stage } = this.#tools;
    const onWaiting = (detail: string) => {
      if (patience.aborted) return;
      observe({ type: "turn.waiting", roll, id: version, detail });
      this.#await(detail);
    };
    return { version, isOrdered, isUrgent: stage.current === null, onWaiting };
  }

  #await(awaited: string | null): void {
    if (this.#awaited === awaited) return;
    this.#awaited = awaited;
    this.#tools.onChanged();
  }
}
