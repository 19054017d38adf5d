import { abortable } from "@std/async/abortable";
import type { Attempts } from "./attempts.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Effects } from "./effects.ts";
import type { Errands } from "./errands.ts";
import type { Guard } from "./guard.ts";
import type { Remnant } from "./instance.ts";
import type { InstanceRecord } from "./journal.ts";
import type { Preferences } from "./preferences.ts";
import type { ProvenVersions } from "./proven_versions.ts";
import { reconcile, type Survivor } from "./reconcile.ts";
import type { Recovery } from "./recovery.ts";
import type { Refusals } from "./refusals.ts";
import type { RollOptions } from "./roll.ts";
import type { Stage } from "./stage.ts";
import type { Waking } from "./waking.ts";

/** Who takes up what a former life has left. */
export interface WakeUpTools {
  effects: Effects;
  chronicle: Chronicle;
  stage: Stage;
  preferences: Preferences;
  proven: ProvenVersions;
  refusals: Refusals;
  attempts: Attempts;
  guard: Guard;
  recovery: Recovery;
  waking: Waking;
  errands: Pick<Errands, "add">;
}

/** How a life begins. */
export interface WakeUpOptions extends RollOptions {
  /** So long the source may think about it, before what ran last is started from memory. */
  patienceMs: number;
  /** Told in the step in which an instance of a former life serves again. */
  onAdopted(survivor: Survivor): void;
}

/**
 * Compares the journal with reality, and decides what runs until the source has answered: what
 * serves goes on serving, else the version that was good last is started again.
 *
 * @throws The reason of `signal`, when it aborts before it is known what serves; nothing was decided.
 */
export async function wakeUp(
  tools: WakeUpTools,
  options: WakeUpOptions,
  signal: AbortSignal,
): Promise<void> {
  const { effects, preferences, proven, recovery, refusals, waking } = tools;
  const { held, maintenance } = preferences.now;
  if (held) effects.traffic.hold(true);
  if (maintenance !== null) effects.traffic.maintenance(maintenance);
  refusals.restore();
  const isInTheWay = (record: InstanceRecord) =>
    options.exclusive && (effects.data?.isInTheWay(record) ?? false);
  const onWait = (why: string | null) => waking.waitFor(why);
  await effects.lookAround?.({ signal, onWait });
  const clearings: Promise<void>[] = [];
  const besides = (work: Promise<void>) => {
    clearings.push(work);
    tools.errands.add(work);
  };
  const judging = { ...options, isInTheWay, onWait, besides };
  const survivor = await reconcile(tools, judging, signal);
  // What the data was changed for comes first: a roll to what is pinned changes it again.
  const isBound = effects.data?.isOneWay ?? false;
  const lastGood = isBound ? proven.newest : whatToStart(preferences.now.pinned, proven);
  if (survivor !== null) {
    recovery.serves(survivor.instance.id, effects.clock.now());
    options.onAdopted(survivor);
  }
  // Nothing is started on data that was being changed; what serves is told of before.
  const quiet = async (left?: Remnant) => {
    if (left !== undefined) tools.stage.remain(left);
    // Who was not found yet may write, too.
    const isKnown = abortable(Promise.all(clearings), signal).then(() => true, () => false);
    return await isKnown && await tools.stage.gone(() => true, signal);
  };
  const end = await effects.data?.recover(survivor?.record ?? null, proven.newest, quiet) ?? null;
  if (survivor === null && lastGood !== null) {
    recovery.restore(lastGood, effects.clock.now() + options.patienceMs);
  }
  endUnfinished(survivor, end?.detail ?? "", tools);
  waking.end();
}

/** What is pinned may never have run well: it must not keep down what is known to be good. */
function whatToStart(pinned: string | null, proven: ProvenVersions): string | null {
  const { newest } = proven;
  return pinned !== null && (newest === null || proven.has(pinned)) ? pinned : newest;
}

/**
 * Rolls that were under way when liveroll ended: one may have come to its end after all.
 *
 * @param word What became of the data; empty: nothing.
 */
function endUnfinished(
  survivor: Survivor | null,
  word: string,
  { effects, attempts, guard, proven }: WakeUpTools,
): void {
  const { unfinished } = effects.journal.memory;
  const ours = unfinished.find(({ roll }) => roll === survivor?.record.roll);
  for (const { roll, trigger, from, to } of unfinished) {
    const target = { id: to, trigger, force: false, requests: [], roll };
    if (roll !== ours?.roll || survivor === null) {
      const reason = "liveroll ended while it was under way";
      attempts.interrupt(roll, target, word === "" ? reason : `${reason}; ${word}`);
      continue;
    }
    const course = attempts.resume(target, from);
    guard.arrived(course, survivor.instance, null);
    guard.settle(course);
  }
  if (survivor === null || ours !== undefined) return;
  // Only a journal that was lost does not know what serves.
  if (proven.newest === null) proven.add(survivor.instance.id);
  guard.keepAnEyeOn(survivor.instance);
}
