import { type Course, hasHooks } from "./course.ts";
import type { Effects, HookContext } from "./effects.ts";
import type { HookName } from "./events.ts";
import type { PhaseName } from "./journal.ts";

/** A hook for which nothing waits. */
export type LateHookName = Exclude<HookName, "before">;

/** What a late hook is told beyond its course. */
export interface LateHookOptions {
  /** Where it failed; empty: it did not. */
  phase: PhaseName | "";
  /** Of the new instance; null: there is none. */
  port: number | null;
}

/**
 * Runs a hook for which nothing waits, and which does not change how its roll ends.
 *
 * @returns Resolves when it has ended, and never rejects; null: there is none for this course.
 */
export function lateHook(
  hook: LateHookName,
  course: Course,
  options: LateHookOptions,
  effects: Pick<Effects, "hooks" | "observe">,
  signal: AbortSignal,
): Promise<void> | null {
  if (!hasHooks(course) || !effects.hooks.has(hook)) return null;
  const { number: roll, target: { trigger, id }, from } = course;
  const outcome = hook === "after" ? "succeeded" : "failed";
  const context = { roll, trigger, from, to: id, ...options, outcome } as const;
  return run(hook, course, context, effects, signal);
}

async function run(
  hook: LateHookName,
  { number, phases }: Course,
  context: HookContext,
  { hooks, observe }: Pick<Effects, "hooks" | "observe">,
  signal: AbortSignal,
): Promise<void> {
  const work = () => hooks.run(hook, context, signal);
  try {
    const end = hook === "after"
      ? await phases.run("after-hook", signal, work, ({ outcome }) => outcome === "succeeded")
      : await work();
    observe({ type: "hook.ended", roll: number, hook, end });
  } catch {
    // Only the end of liveroll gets here.
  }
}
