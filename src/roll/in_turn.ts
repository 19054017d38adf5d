import type { Cast, RollPlan, RollResult } from "./roll.ts";
import type { TurnOutcome } from "./turn_keeper.ts";

/**
 * Waits until other hosts have rolled, if need be, and does `next`; when the turn is lost before the
 * switch, what `next` has begun is undone as it is when a roll is called off.
 *
 * @param next Its signal aborts also when the turn is lost.
 * @throws What `next` throws, and the reason of `signal`.
 */
export async function inTurn(
  plan: RollPlan,
  cast: Cast,
  signal: AbortSignal,
  next: (signal: AbortSignal) => Promise<RollResult>,
): Promise<RollResult> {
  const turn = await takeTurn(plan, cast, signal);
  if (turn === null) return await next(signal);
  if (turn.outcome === "gave_way") return turn;
  if (turn.outcome === "refused") return noTurn(turn.detail);
  const { lost } = turn;
  try {
    return await next(AbortSignal.any([signal, lost]));
  } catch (error) {
    signal.throwIfAborted();
    if (!lost.aborted) throw error;
    return noTurn(lost.reason instanceof Error ? lost.reason.message : String(lost.reason));
  }
}

/** @returns Null: none is needed. */
async function takeTurn(
  { takeTurn }: RollPlan,
  { phases }: Cast,
  signal: AbortSignal,
): Promise<TurnOutcome | null> {
  if (takeTurn === undefined) return null;
  return await phases.run(
    "turn",
    signal,
    () => takeTurn(signal),
    ({ outcome }) => outcome === "granted",
  );
}

function noTurn(detail: string): RollResult {
  const reason = "no_turn";
  return { outcome: "failed", reason, phase: "turn", detail, lastLines: [], isFault: false };
}
