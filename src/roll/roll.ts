import type { Chronicle } from "./chronicle.ts";
import type { Effects } from "./effects.ts";
import type { Instance } from "./instance.ts";
import type { GateFailure, Trigger } from "./events.ts";
import { gate, type GateOptions, type GateResult } from "./gate.ts";
import { SwitchIntent, unwritable } from "./intent.ts";
import { inTurn } from "./in_turn.ts";
import type { PhaseName } from "./journal.ts";
import { foresee, onChangedData } from "./on_changed_data.ts";
import type { Phases } from "./phases.ts";
import { beforeHook, fetch } from "./preparation.ts";
import { probe } from "./probe.ts";
import { refer } from "./refer.ts";
import type { Stage } from "./stage.ts";
import { start } from "./start.ts";
import type { TurnOutcome } from "./turn_keeper.ts";

/** How versions are replaced. */
export interface RollOptions extends GateOptions {
  /** True: the old instance is stopped before the new one starts (strategy `recreate`). */
  exclusive: boolean;
}

/** One passage of a version to the front. */
export interface RollPlan {
  /** Number of the roll. */
  roll: number;
  trigger: Trigger;
  /** The version that served last. */
  from: string | null;
  id: string;
  /** The version changes: the operator's hooks are run. */
  hooks: boolean;
  /** The data of the application is changed for it. */
  changesData: boolean;
  /** Nothing is done that could not be written down before; else only told. */
  strict: boolean;
  /** Waits until other hosts have rolled; absent: it need not. */
  takeTurn?(signal: AbortSignal): Promise<TurnOutcome>;
  /** Called in the same synchronous step as the switch; `previous` has begun to leave. */
  onSwitched(instance: Instance, previous: Instance | null): void;
}

/** Who takes part in a roll. */
export interface Cast {
  stage: Stage;
  effects: Effects;
  chronicle: Chronicle;
  phases: Phases;
}

/** How a roll ended. `port_busy`, `unwritable` and `gave_way` say nothing about the version. */
export type RollResult =
  | { outcome: "switched"; instance: Instance }
  | {
    outcome: "failed";
    reason: GateFailure;
    phase: PhaseName;
    detail: string;
    lastLines: readonly string[];
    /** False: the version is not to blame, another try may go better. Absent: it is. */
    isFault?: boolean;
  }
  | { outcome: "port_busy"; port: number; holder: string }
  | { outcome: "unwritable"; detail: string }
  /** It waited for its turn, and something else could not wait. Nothing was done. */
  | { outcome: "gave_way" };

/**
 * Brings one version to the front: fetch, turn, hook, data, port, start, gate, switch; the one that
 * served before leaves behind the scenes (drain, stop). Until the switch the old instance is not
 * touched, unless the strategy is exclusive. Everything is written down before it is done.
 *
 * @throws The reason of `signal`, when it aborts before the switch; the candidate is then dismissed.
 */
export async function roll(
  plan: RollPlan,
  cast: Cast,
  options: RollOptions,
  signal: AbortSignal,
): Promise<RollResult> {
  const refusal = await fetch(plan, cast, signal);
  if (refusal !== null) return refusal;
  return await inTurn(plan, cast, signal, (signal) => replace(plan, cast, options, signal));
}

/** What changes something here. */
async function replace(
  plan: RollPlan,
  cast: Cast,
  options: RollOptions,
  signal: AbortSignal,
): Promise<RollResult> {
  const { stage } = cast;
  const refusal = plan.hooks ? await beforeHook(plan, cast, signal) : null;
  if (refusal !== null) return refusal;
  const problem = await foresee(plan, cast, signal);
  if (problem !== null) return problem;
  if (options.exclusive) await stage.vacate(plan.roll, signal);
  return await onChangedData(
    plan,
    cast,
    options,
    signal,
    (plan) => takeToFront(plan, cast, options, signal),
  );
}

async function takeToFront(
  plan: RollPlan,
  cast: Cast,
  options: RollOptions,
  signal: AbortSignal,
): Promise<RollResult> {
  const { stage, phases } = cast;
  const choice = await phases.run(
    "port",
    signal,
    () => stage.takePort(signal),
    ({ port }) => port !== null,
  );
  if (choice.port === null) {
    return { outcome: "port_busy", port: choice.busy, holder: choice.holder };
  }
  const started = await start(plan, choice.port, cast, signal);
  if ("outcome" in started) return started;
  return await proveAndSwitch(started, plan, cast, options, signal);
}

async function proveAndSwitch(
  candidate: Instance,
  plan: RollPlan,
  cast: Cast,
  options: RollOptions,
  signal: AbortSignal,
): Promise<RollResult> {
  const { stage, effects, chronicle, phases } = cast;
  try {
    effects.observe({ type: "roll.candidate", roll: plan.roll, instance: refer(candidate) });
    const verdict = await phases.run(
      "gate",
      signal,
      () => prove(candidate, effects, options, signal),
      ({ outcome }) => outcome === "healthy",
    );
    if (verdict.outcome !== "healthy") return refuse(candidate, stage, verdict, signal);
    const intent = new SwitchIntent(candidate, plan, chronicle);
    const problem = await exchange(candidate, intent, cast, signal);
    if (problem === null) await intent.forth().catch(() => {});
    if (intent.problem !== null) {
      signal.throwIfAborted();
      stage.dismiss(candidate);
      return unwritable(intent.problem);
    }
    if (problem !== null) {
      return refuse(candidate, stage, { outcome: "timed_out", detail: problem }, signal);
    }
    return await phases.run(
      "switch",
      signal,
      () => Promise.resolve(conclude(candidate, plan, cast, verdict, signal)),
      ({ outcome }) => outcome === "switched",
    );
  } catch (error) {
    // Somebody who fails to hear of a switch must not get the new current instance stopped.
    if (stage.current !== candidate) stage.dismiss(candidate);
    throw error;
  }
}

/** @returns Why the candidate does not take over; null: it is whole. */
async function exchange(
  candidate: Instance,
  intent: SwitchIntent,
  { stage, effects, phases }: Cast,
  signal: AbortSignal,
): Promise<string | null> {
  const { current } = stage;
  const { exchange } = effects;
  if (exchange === undefined || current === null) return null;
  const work = () => exchange.run(candidate, current, intent, signal);
  return await phases.run("exchange", signal, work, (problem) => problem === null);
}

function prove(
  candidate: Instance,
  effects: Effects,
  options: RollOptions,
  signal: AbortSignal,
): Promise<GateResult> {
  const instance = refer(candidate);
  return gate(
    candidate,
    (s) => probe(candidate, effects, s),
    effects.clock,
    options,
    signal,
    (detail) => effects.observe({ type: "probe.failed", instance, detail }),
  );
}

/** Judges and acts in one synchronous step: nothing can happen between the last look and the switch. */
function conclude(
  candidate: Instance,
  plan: RollPlan,
  { stage, chronicle, effects }: Cast,
  verdict: GateResult,
  signal: AbortSignal,
): RollResult {
  signal.throwIfAborted();
  if (candidate.exit !== null) return refuse(candidate, stage, verdict, signal);
  const previous = stage.current;
  const { roll } = plan;
  stage.promote(candidate, roll);
  // Before anything else is written down: what serves is never told later than what leaves.
  chronicle.note({ step: "switch.done", roll, key: candidate.key, at: effects.date() });
  plan.onSwitched(candidate, previous);
  return { outcome: "switched", instance: candidate };
}

function refuse(
  candidate: Instance,
  stage: Stage,
  verdict: GateResult,
  signal: AbortSignal,
): RollResult {
  signal.throwIfAborted();
  const { reason, detail } = explain(candidate, verdict);
  const lastLines = candidate.lastLines();
  const excuse = candidate.excuse ?? null;
  stage.dismiss(candidate);
  const failure = { outcome: "failed", reason, phase: "gate", lastLines } as const;
  if (excuse === null) return { ...failure, detail };
  return { ...failure, detail: `${detail}; it is not to blame: ${excuse}`, isFault: false };
}

function explain(
  { exit }: Instance,
  verdict: GateResult,
): { reason: GateFailure; detail: string } {
  if (exit !== null) {
    const how = exit.signal === null ? `with code ${exit.code}` : `by ${exit.signal}`;
    return { reason: "exited", detail: `it exited ${how} before it was healthy` };
  }
  const why = verdict.outcome === "timed_out" ? verdict.detail : "it went away";
  return { reason: "timed_out", detail: `it was not healthy in time: ${why}` };
}
