import type { Chronicle } from "./chronicle.ts";
import type { Effects } from "./effects.ts";
import { gate, type GateOptions } from "./gate.ts";
import type { Instance } from "./instance.ts";
import type { InstanceRecord } from "./journal.ts";
import { refer } from "./refer.ts";
import { probe } from "./probe.ts";
import type { Stage } from "./stage.ts";

/** It has been well before; requests wait while it is asked. */
const LONGEST_PROOF_MS = 10_000;

const STOPPING = "liveroll is stopping";

/** Something of a former life that still runs. */
export interface Survivor {
  readonly record: InstanceRecord;
  readonly instance: Instance;
}

/** How survivors are judged. */
export interface ReconcileOptions extends GateOptions {
  /** The data that it works on is not its own. @default {nobody} */
  isInTheWay?(record: InstanceRecord): boolean;
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
 * Resolves when one serves again, else when nothing is left. Ends early when `signal` aborts; who is
 * on the stage then is left to whoever clears it.
 *
 * @returns The one that serves, or null.
 * @throws The reason of `signal`, when it aborts before that is known and the runtime lets run on
 * what served: whoever starts next has to find it as it was written down.
 */
export async function reconcile(
  { effects, chronicle, stage }: ReconcileTools,
  options: ReconcileOptions,
  signal: AbortSignal,
): Promise<Survivor | null> {
  const survivors = await find(effects, chronicle);
  for (const { record, instance } of survivors) {
    const survives = mayHaveServed(record) && !(options.isInTheWay?.(record) ?? false);
    stage.admit(instance, record.startedAt, { survives });
  }
  let adopted: Survivor | null = null;
  for (const survivor of survivors.toSorted(byRank)) {
    const { instance } = survivor;
    const problem = adopted === null
      ? await whyNot(survivor, effects, options, signal)
      : "another one serves";
    if (problem === null) {
      adopt(survivor, { effects, chronicle, stage });
      adopted = survivor;
    } else if (problem !== STOPPING || !stage.stays(instance)) {
      effects.observe({ type: "instance.leftover", instance: refer(instance), detail: problem });
      stage.dismiss(instance);
    }
  }
  if (adopted === null) await stage.empty();
  // Who was left alone may serve: nothing is done that would be right only if nobody does.
  if (adopted === null && stage.list().size > 0) signal.throwIfAborted();
  return adopted;
}

async function find(effects: Effects, chronicle: Chronicle): Promise<Survivor[]> {
  const { journal, runtime } = effects;
  const found = await Promise.all(
    journal.memory.instances.map(async (record) => {
      const instance = await runtime.find(record);
      if (instance === null) await chronicle.note({ step: "instance.gone", key: record.key });
      return instance === null ? [] : [{ record, instance }];
    }),
  );
  return found.flat();
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
    const ask = (s: AbortSignal) => probe(instance, effects, s);
    const healthTimeoutMs = Math.min(options.healthTimeoutMs, LONGEST_PROOF_MS);
    const limits = { ...options, healthTimeoutMs };
    const verdict = await gate(instance, ask, effects.clock, limits, signal);
    if (verdict.outcome === "healthy" && instance.exit === null) return null;
    return verdict.outcome === "timed_out"
      ? `it is not healthy: ${verdict.detail}`
      : "it has ended";
  } catch {
    return STOPPING;
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
