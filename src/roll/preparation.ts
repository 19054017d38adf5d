import { ArtifactError } from "./effects.ts";
import type { Cast, RollPlan, RollResult } from "./roll.ts";

/** @returns Why there will be no roll; null: everything that can be started is here. */
export async function fetch(
  { id }: RollPlan,
  { effects, phases }: Cast,
  signal: AbortSignal,
): Promise<RollResult | null> {
  const { artifacts } = effects;
  if (artifacts === undefined || artifacts.has(id)) return null;
  try {
    await phases.run("fetch", signal, () => artifacts.fetch(id, signal));
    return null;
  } catch (error) {
    signal.throwIfAborted();
    const detail = error instanceof Error ? error.message : String(error);
    const isFault = error instanceof ArtifactError && error.isFault;
    const reason = "fetch_failed";
    return { outcome: "failed", reason, phase: "fetch", detail, lastLines: [], isFault };
  }
}

/** @returns Why there will be no roll; null: the hook has nothing against it. */
export async function beforeHook(
  { roll, trigger, from, id }: RollPlan,
  { effects, phases }: Cast,
  signal: AbortSignal,
): Promise<RollResult | null> {
  if (!effects.hooks.has("before")) return null;
  const context = {
    roll,
    trigger,
    from,
    to: id,
    port: null,
    outcome: "started",
    phase: "",
  } as const;
  const end = await phases.run(
    "before-hook",
    signal,
    () => effects.hooks.run("before", context, signal),
    (end) => end.outcome === "succeeded",
  );
  effects.observe({ type: "hook.ended", roll, hook: "before", end });
  if (end.outcome === "succeeded") return null;
  const how = end.outcome === "timed_out" ? "took too long" : `ended with code ${end.code ?? "?"}`;
  return {
    outcome: "failed",
    reason: "hook_failed",
    phase: "before-hook",
    detail: `the before hook ${how}`,
    lastLines: end.lastLines,
  };
}
