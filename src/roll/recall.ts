import { withDeadline } from "../platform/clock.ts";
import type { Course } from "./course.ts";
import type { Instance } from "./instance.ts";
import { probe } from "./probe.ts";
import type { Cast, RollOptions } from "./roll.ts";

/** Who is still there serves again, from this step on. */
export function recall(
  instance: Instance,
  roll: number,
  from: string | null,
  { stage, effects, chronicle }: Pick<Cast, "stage" | "effects" | "chronicle">,
): void {
  const { key } = instance;
  chronicle.note({ step: "switch.intended", roll, key, from });
  stage.recall(instance, roll);
  chronicle.note({ step: "switch.done", roll, key, at: effects.date() });
}

/**
 * Who is still there and well need not be started again.
 *
 * @returns The one that serves again; null: it has to be started.
 * @throws The reason of `signal`, when it aborts; who served before serves on.
 */
export async function recallIfWell(
  { number, target, from }: Pick<Course, "number" | "target" | "from">,
  cast: Cast,
  { healthProbeTimeoutMs }: Pick<RollOptions, "healthProbeTimeoutMs">,
  signal: AbortSignal,
): Promise<Instance | null> {
  const { stage, effects, phases } = cast;
  const instance = stage.returning(target.id);
  if (instance === null) return null;
  const ask = (s: AbortSignal) => probe(instance, effects, s);
  const isWell = await phases.run("gate", signal, async () => {
    const result = await withDeadline(effects.clock, healthProbeTimeoutMs, signal, ask);
    return result !== "timed_out" && result.healthy;
  }, (isWell) => isWell);
  signal.throwIfAborted();
  if (!isWell || !stage.canReturn(instance)) return null;
  recall(instance, number, from, cast);
  return instance;
}
