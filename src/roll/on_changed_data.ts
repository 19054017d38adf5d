import { OutageError, RemainsError } from "./effects.ts";
import type { DataChanges, DataEnd, DataStep } from "./data_changes.ts";
import type { GateFailure } from "./events.ts";
import type { Remnant } from "./instance.ts";
import type { Cast, RollOptions, RollPlan, RollResult } from "./roll.ts";

const REASONS: Readonly<Record<DataStep, GateFailure>> = {
  snapshot: "snapshot_failed",
  migrate: "migration_failed",
};

/**
 * Takes a snapshot of the data, changes it for the version and does `next`; unless that ends with
 * the version in service, what was changed is taken back before anything else is started.
 *
 * @throws What `next` throws, and the reason of `signal`; the data is then as it was, too.
 */
export async function onChangedData(
  plan: RollPlan,
  cast: Cast,
  options: RollOptions,
  signal: AbortSignal,
  next: (plan: RollPlan) => Promise<RollResult>,
): Promise<RollResult> {
  const { data } = cast.effects;
  if (data === undefined || data.steps.length === 0) return await next(plan);
  if (!plan.changesData) {
    // Somebody wants this version on the data as it is: that is not taken back from under it.
    if (plan.trigger === "rollback") await data.commit(null);
    return await next(plan);
  }
  let serves = false;
  const onSwitched: RollPlan["onSwitched"] = (instance, previous) => {
    serves = true;
    plan.onSwitched(instance, previous);
  };
  const settle = async () => {
    if (!serves) return await takeBack(plan, cast, options, data);
    await keep(plan, cast, data);
    return null;
  };
  let result: RollResult;
  try {
    result = await change(plan, cast, data, signal) ?? await next({ ...plan, onSwitched });
  } catch (error) {
    await settle();
    throw error;
  }
  return withWord(result, await settle());
}

/**
 * Looks whether the data could be saved, before anybody is stopped for it.
 *
 * @returns Why there will be no roll; null: it could.
 */
export async function foresee(
  { changesData }: RollPlan,
  { effects: { data } }: Cast,
  signal: AbortSignal,
): Promise<RollResult | null> {
  if (data === undefined || !changesData) return null;
  try {
    await data.foresee(signal);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    return notDone("snapshot", error);
  }
}

/** @returns Why the version is not started; null: its data is ready. */
async function change(
  { roll, from, id: to }: RollPlan,
  { stage, phases }: Cast,
  data: DataChanges,
  signal: AbortSignal,
): Promise<RollResult | null> {
  for (const step of data.steps) {
    try {
      await phases.run(step, signal, () => data.run(step, { roll, from, to }, signal));
    } catch (error) {
      const isLeft = error instanceof RemainsError;
      if (isLeft) stage.remain(error.remains);
      signal.throwIfAborted();
      return notDone(step, isLeft ? error.why : error);
    }
  }
  return null;
}

function notDone(step: DataStep, error: unknown): RollResult {
  const detail = error instanceof Error ? error.message : String(error);
  // A disk without room for a snapshot says nothing about the version.
  const isFault = step === "migrate" && !(error instanceof OutageError);
  const reason = REASONS[step];
  return { outcome: "failed", reason, phase: step, detail, lastLines: [], isFault };
}

/**
 * The data is the version's from now on. Not before it is known for good whose that is: after a
 * death in between, the version before would be started on it. A disk that is full is not waited for.
 */
async function keep({ roll }: RollPlan, { chronicle }: Cast, data: DataChanges): Promise<void> {
  await chronicle.settled();
  if (chronicle.problem === null) return await data.commit(roll);
  void chronicle.recovery().then(() => data.commit(roll));
}

async function takeBack(
  { roll, id }: RollPlan,
  { stage, phases }: Cast,
  { exclusive }: RollOptions,
  data: DataChanges,
): Promise<DataEnd> {
  // Whoever was refused may still be writing; side by side, the version before does so anyway.
  const quiet = (left?: Remnant) => {
    if (left !== undefined) stage.remain(left);
    return stage.gone((one) => exclusive || one.id === id);
  };
  return await phases.run(
    "restore",
    null,
    () => data.undo(roll, quiet),
    ({ outcome }) => outcome !== "not_restored",
  );
}

function withWord(result: RollResult, end: DataEnd | null): RollResult {
  if (!("detail" in result) || end === null || end.detail === "") return result;
  return { ...result, detail: `${result.detail}; ${end.detail}` };
}
