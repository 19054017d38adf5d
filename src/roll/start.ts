import { OutageError, RemainsError } from "./effects.ts";
import type { Instance } from "./instance.ts";
import { intend, unwritable } from "./intent.ts";
import type { Cast, RollPlan, RollResult } from "./roll.ts";

/**
 * Starts the candidate of a roll on `port`, and takes it onto the stage. What comes to nothing
 * leaves the port free, and nothing to look for.
 *
 * @returns How the roll ends, when it did not start.
 * @throws The reason of `signal`, when it aborts.
 */
export async function start(
  plan: RollPlan,
  port: number,
  { stage, effects, chronicle, phases }: Cast,
  signal: AbortSignal,
): Promise<Instance | RollResult> {
  const { roll, id } = plan;
  const obstacle = effects.data?.obstacle ?? null;
  if (obstacle !== null) {
    stage.releasePort(port);
    return notOnThisData(obstacle);
  }
  const what = { key: `i${roll}`, id, port, token: effects.newToken() };
  const startedAt = effects.date();
  const { outlives } = effects.runtime;
  const record = {
    ...what,
    roll,
    outlives,
    stage: "starting",
    startedAt,
    pid: null,
    birth: null,
  } as const;
  try {
    await intend(plan, chronicle, { step: "instance.starting", instance: record });
  } catch (error) {
    stage.releasePort(port);
    // The journal keeps what it could not write: nobody must look for what was never started.
    chronicle.note({ step: "instance.gone", key: what.key });
    return unwritable(error);
  }
  try {
    signal.throwIfAborted();
    const isPart = effects.exchange !== undefined && stage.current !== null;
    const asked = isPart ? { ...what, isPart } : what;
    const instance = await phases.run("start", signal, () => effects.runtime.start(asked));
    stage.admit(instance, startedAt);
    const { pid, birth } = instance;
    await chronicle.note({ step: "instance.started", key: what.key, pid, birth });
    return instance;
  } catch (error) {
    stage.releasePort(port);
    if (error instanceof RemainsError) stage.remain(error.remains);
    // Who was not waited for may come to be all the same: the next start looks for it.
    else if (!stage.isKilled) await chronicle.note({ step: "instance.gone", key: what.key });
    signal.throwIfAborted();
    return notStarted(error instanceof RemainsError ? error.why : error);
  }
}

function notStarted(error: unknown): RollResult {
  const detail = error instanceof Error ? error.message : String(error);
  const failure = { outcome: "failed", reason: "start_failed", phase: "start", detail } as const;
  if (error instanceof OutageError) return { ...failure, lastLines: [], isFault: false };
  return { ...failure, lastLines: [] };
}

function notOnThisData(detail: string): RollResult {
  const reason = "data_not_restored";
  return { outcome: "failed", reason, phase: "start", detail, lastLines: [], isFault: false };
}
