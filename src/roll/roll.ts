import { gate, type GateOptions, type GateResult } from "../health/gate.ts";
import type { Effects, Instance, ProbeResult } from "./effects.ts";
import type { GateFailure } from "./events.ts";
import { refer, type Stage } from "./stage.ts";

/** How versions are replaced. */
export interface RollOptions extends GateOptions {
  /** True: the old instance is stopped before the new one starts (strategy `recreate`). */
  exclusive: boolean;
}

/** One passage of a version to the front. */
export interface RollPlan {
  /** Number of the roll. */
  roll: number;
  id: string;
  /** Called in the same synchronous step as the switch. */
  onSwitched(instance: Instance): void;
}

/** How a roll ended. `port_busy` says nothing about the version. */
export type RollResult =
  | { outcome: "succeeded"; instance: Instance }
  | { outcome: "failed"; reason: GateFailure; detail: string; lastLines: readonly string[] }
  | { outcome: "port_busy"; port: number; holder: string };

/**
 * Brings one version to the front: port, start, gate, switch; the one that served before leaves
 * behind the scenes (drain, stop). Until the switch the old instance is not touched, unless the
 * strategy is exclusive.
 *
 * @throws The reason of `signal`, when it aborts before the switch; the candidate is then dismissed.
 */
export async function roll(
  plan: RollPlan,
  stage: Stage,
  effects: Effects,
  options: RollOptions,
  signal: AbortSignal,
): Promise<RollResult> {
  if (options.exclusive) await stage.vacate();
  const choice = await stage.takePort(signal);
  if (choice.port === null) {
    return { outcome: "port_busy", port: choice.busy, holder: choice.holder };
  }
  const candidate = await start(plan.id, choice.port, stage, effects);
  if (candidate instanceof Error) {
    signal.throwIfAborted();
    return { outcome: "failed", reason: "start_failed", detail: candidate.message, lastLines: [] };
  }
  try {
    effects.observe({ type: "roll.candidate", roll: plan.roll, instance: refer(candidate) });
    const verdict = await prove(candidate, effects, options, signal);
    return conclude(candidate, plan, stage, verdict, signal);
  } catch (error) {
    // Somebody who fails to hear of a switch must not get the new current instance stopped.
    if (stage.current !== candidate) stage.dismiss(candidate);
    throw error;
  }
}

async function start(
  id: string,
  port: number,
  stage: Stage,
  effects: Effects,
): Promise<Instance | Error> {
  try {
    const instance = await effects.runtime.start({ id, port });
    stage.admit(instance);
    return instance;
  } catch (error) {
    stage.releasePort(port);
    return error instanceof Error ? error : new Error(String(error));
  }
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

/** A healthy answer only counts if it comes from the candidate itself. */
async function probe(
  candidate: Instance,
  effects: Effects,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const result = await effects.probe(candidate, signal);
  if (!result.healthy) return result;
  const impostor = await candidate.impostor();
  if (impostor === null) return result;
  return { healthy: false, detail: `answered by ${impostor}, which is no part of it` };
}

/** Judges and acts in one synchronous step: nothing can happen between the last look and the switch. */
function conclude(
  candidate: Instance,
  plan: RollPlan,
  stage: Stage,
  verdict: GateResult,
  signal: AbortSignal,
): RollResult {
  signal.throwIfAborted();
  if (verdict.outcome === "healthy" && candidate.exit === null) {
    stage.promote(candidate);
    plan.onSwitched(candidate);
    return { outcome: "succeeded", instance: candidate };
  }
  const { reason, detail } = explain(candidate, verdict);
  const lastLines = candidate.lastLines();
  stage.dismiss(candidate);
  return { outcome: "failed", reason, detail, lastLines };
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
