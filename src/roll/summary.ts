import type { AppState, InstanceRef } from "./events.ts";
import type { Restart } from "./restart_policy.ts";

/** What the application's state is derived from; nothing of it is stored twice. */
export interface Facts {
  stopping: boolean;
  serving: InstanceRef | null;
  /** Id of the version in a roll. */
  rollingTo: string | null;
  /** The newest version, when it was refused. */
  refused: { id: string; detail: string } | null;
  /** Why the last check failed. */
  checkProblem: string | null;
  /** What has crashed and has not been replaced yet. */
  crash: { id: string; restart: Restart } | null;
}

/** Digests are told apart by far fewer digits than they have. */
const MAX_ID = 24;

/** State and one line for people. */
export interface Summary {
  state: AppState;
  detail: string;
}

/** Tells in one word and one line what is going on. */
export function summarize(facts: Facts): Summary {
  return { state: stateOf(facts), detail: detailOf(facts) };
}

function stateOf(facts: Facts): AppState {
  if (facts.stopping) return "stopping";
  if (facts.serving !== null) return facts.rollingTo === null ? "serving" : "rolling";
  return facts.crash === null && facts.refused === null ? "starting" : "degraded";
}

function detailOf(facts: Facts): string {
  if (facts.stopping) return "stopping";
  return [what(facts), ...problems(facts)].join("; ");
}

function what({ serving, rollingTo, crash }: Facts): string {
  if (serving !== null) {
    const roll = rollingTo === null ? "" : `, rolling to ${short(rollingTo)}`;
    return `serving ${short(serving.id)} on port ${serving.port}${roll}`;
  }
  if (crash !== null) return describeCrash(crash);
  return rollingTo === null ? "nothing serves yet" : `starting ${short(rollingTo)}`;
}

function problems({ refused, checkProblem }: Facts): string[] {
  const lines: string[] = [];
  if (refused !== null) lines.push(`${short(refused.id)} refused: ${refused.detail}`);
  if (checkProblem !== null) lines.push(`last check failed: ${checkProblem}`);
  return lines;
}

function describeCrash({ id, restart }: { id: string; restart: Restart }): string {
  const { crashes, waitMs, crashLoop } = restart;
  const next = waitMs === 0 ? "restarting" : `next start in ${(waitMs / 1000).toFixed(1)}s`;
  return crashLoop
    ? `crash loop: ${short(id)} failed ${crashes} times in a row, ${next}`
    : `${short(id)} crashed, ${next}`;
}

function short(id: string): string {
  return id.length > MAX_ID ? `${id.slice(0, MAX_ID - 1)}…` : id;
}
