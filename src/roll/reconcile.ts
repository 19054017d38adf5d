import type { Chronicle } from "./chronicle.ts";
import type { Effects, Search } from "./effects.ts";
import { gate, type GateOptions, type GateResult } from "./gate.ts";
import type { Instance } from "./instance.ts";
import type { InstanceRecord } from "./journal.ts";
import { refer } from "./refer.ts";
import { probe } from "./probe.ts";
import type { Stage } from "./stage.ts";

/** It has been well before; requests wait while it is asked. */
const LONGEST_PROOF_MS = 10_000;

const STOPPING = "liveroll is stopping";
const ANOTHER_SERVES = "another one serves";

/** Something of a former life that still runs. */
export interface Survivor {
  readonly record: InstanceRecord;
  readonly instance: Instance;
}

/** How survivors are judged. */
export interface ReconcileOptions extends GateOptions {
  /** The data that it works on is not its own. @default {nobody} */
  isInTheWay?(record: InstanceRecord): boolean;
  /** Told what is waited for, for people; null: nothing any more. */
  onWait?(why: string | null): void;
  /** Something goes on although somebody serves already; it ends when the signal aborts. */
  besides?(work: Promise<void>): void;
}

/** Who compares the journal with reality. */
export interface ReconcileTools {
  effects: Effects;
  chronicle: Chronicle;
  stage: Stage;
}

/**
 * Compares what the journal says to run with what does, before anything new is started: the
 * instance that served goes on serving if it can live without us and is healthy, everything else
 * that is left is stopped.
 *
 * Resolves when one serves again, whatever becomes of the others, else when nothing is left. Ends early when `signal` aborts; who is
 * on the stage then is left to whoever clears it.
 *
 * @returns The one that serves, or null.
 * @throws The reason of `signal`, when it aborts before that is known and the runtime lets run on
 * what served: whoever starts next has to find it as it was written down.
 */
export async function reconcile(
  tools: ReconcileTools,
  options: ReconcileOptions,
  signal: AbortSignal,
): Promise<Survivor | null> {
  const { effects, stage } = tools;
  const { onWait = () => {}, besides = () => {} } = options;
  const look = (record: InstanceRecord) => find(record, { signal, onWait }, tools);
  const { instances } = effects.journal.memory;
  const leftovers = instances.filter((one) => !mayHaveServed(one)).map(look);
  // Nobody hears of the failure of one before it is waited for.
  for (const leftover of leftovers) leftover.catch(() => {});
  const survivors = await admitAll(instances.filter(mayHaveServed).map(look), tools, options);
  let adopted: Survivor | null = null;
  for (const survivor of survivors.toSorted(byRank)) {
    const problem = adopted === null
      ? await whyNot(survivor, effects, options, signal)
      : ANOTHER_SERVES;
    if (problem === null) {
      adopt(survivor, tools);
      adopted = survivor;
    } else if (problem !== STOPPING || !stage.stays(survivor.instance)) {
      dismiss(survivor, problem, tools);
    }
  }
  const clearing = clearAway(leftovers, adopted, tools, options, signal);
  // Of one that cannot be looked at who serves is not to suffer; it stays in the journal.
  if (adopted !== null) besides(clearing.catch(() => {}));
  else await clearing.then(() => stage.empty());
  // Who was left alone may serve: nothing is done that would be right only if nobody does.
  if (adopted === null && stage.list().size > 0) signal.throwIfAborted();
  return adopted;
}

/** @throws What a look was thrown for; who was found is on the stage all the same. */
async function admitAll(
  looks: readonly Promise<Survivor[]>[],
  { stage }: ReconcileTools,
  { isInTheWay = () => false }: ReconcileOptions,
): Promise<Survivor[]> {
  const ends = await Promise.allSettled(looks);
  const found = ends.flatMap((end) => end.status === "fulfilled" ? end.value : []);
  for (const { record, instance } of found) {
    stage.admit(instance, record.startedAt, { survives: !isInTheWay(record) });
  }
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return found;
}

/** Stops those that cannot serve, each as soon as it is found. @throws What a look was thrown for. */
async function clearAway(
  looks: readonly Promise<Survivor[]>[],
  adopted: Survivor | null,
  tools: ReconcileTools,
  options: ReconcileOptions,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(looks.map(async (look) => {
    for (const survivor of await look) {
      tools.stage.admit(survivor.instance, survivor.record.startedAt);
      const problem = adopted === null
        ? await whyNot(survivor, tools.effects, options, signal)
        : ANOTHER_SERVES;
      dismiss(survivor, problem ?? ANOTHER_SERVES, tools);
    }
  }));
}

function dismiss({ instance }: Survivor, detail: string, { effects, stage }: ReconcileTools): void {
  effects.observe({ type: "instance.leftover", instance: refer(instance), detail });
  stage.dismiss(instance);
}

/** @returns Nothing, when it is gone. */
async function find(
  record: InstanceRecord,
  search: Search,
  { effects, chronicle }: ReconcileTools,
): Promise<Survivor[]> {
  const instance = await effects.runtime.find(record, search);
  if (instance !== null) return [{ record, instance }];
  await chronicle.note({ step: "instance.gone", key: record.key });
  return [];
}

/** Who was about to serve has been proven, and is newer than who served. */
function byRank(a: Survivor, b: Survivor): number {
  return rank(a) - rank(b);
}

function rank({ record }: Survivor): number {
  if (record.stage === "switching") return 0;
  return record.stage === "current" ? 1 : 2;
}

/** @returns Why a survivor cannot serve; null: it can. */
async function whyNot(
  { record, instance }: Survivor,
  effects: Effects,
  options: ReconcileOptions,
  signal: AbortSignal,
): Promise<string | null> {
  if (signal.aborted) return STOPPING;
  if (options.isInTheWay?.(record)) return "the data is not that of its version";
  if (!mayHaveServed(record)) {
    return `it was ${record.stage} when liveroll ended`;
  }
  if (!record.outlives || !effects.runtime.outlives) return "its output has nobody who reads it";
  const { misfit = null } = instance;
  if (misfit !== null) return misfit;
  try {
    const verdict = await prove(instance, effects, options, signal);
    if (verdict.outcome === "healthy" && instance.exit === null) return null;
    return verdict.outcome === "timed_out"
      ? `it is not healthy: ${verdict.detail}`
      : "it has ended";
  } catch {
    return STOPPING;
  }
}

/** What says nothing about it, since what it runs on has failed, is asked again. */
async function prove(
  instance: Instance,
  effects: Effects,
  { onWait = () => {}, ...options }: ReconcileOptions,
  signal: AbortSignal,
): Promise<GateResult> {
  const ask = (s: AbortSignal) => probe(instance, effects, s);
  const healthTimeoutMs = Math.min(options.healthTimeoutMs, LONGEST_PROOF_MS);
  const limits = { ...options, healthTimeoutMs };
  for (;;) {
    const before = instance.excuse ?? null;
    const verdict = await gate(instance, ask, effects.clock, limits, signal);
    const excuse = verdict.outcome === "timed_out" ? instance.excuse ?? before : null;
    onWait(excuse === null ? null : `${instance.id}: ${excuse}`);
    if (excuse === null) return verdict;
  }
}

function mayHaveServed({ stage }: InstanceRecord): boolean {
  return stage === "switching" || stage === "current";
}

function adopt(
  { record, instance }: Survivor,
  { effects, chronicle, stage }: ReconcileTools,
): void {
  const { roll, key } = record;
  stage.promote(instance, roll);
  if (record.stage === "switching") {
    chronicle.note({ step: "switch.done", roll, key, at: effects.date() });
  }
  effects.observe({ type: "instance.adopted", instance: refer(instance) });
}
