import type { Copies } from "./copies.ts";
import type { AppState, InstanceRef } from "./events.ts";
import type { Settings } from "./journal.ts";
import type { Wait } from "./policy.ts";
import type { Restart } from "./restart_policy.ts";

/** What the application's state is derived from; nothing of it is stored twice. */
export interface Facts {
  stopping: boolean;
  /** What has to answer before it is known what runs, and why it does not; null: nothing. */
  waitsFor: string | null;
  serving: InstanceRef | null;
  /** Id of the version in a roll. */
  rollingTo: string | null;
  /** Which other hosts it waits for; null: it does not. */
  awaited: string | null;
  /** The newest version, when it was refused. */
  refused: { id: string; detail: string } | null;
  /** Why the last check failed. */
  checkProblem: string | null;
  /** What has crashed and has not been replaced yet. */
  crash: { id: string; restart: Restart } | null;
  /** What serves does not answer its probes. */
  sick: boolean;
  /** What serves is made of several; null: of one, or nothing serves. */
  copies: Pick<Copies, "well" | "shortage"> | null;
  /** What should serve in the place of what does, which served badly; null: nothing. */
  wanted: string | null;
  /** The version to go back to, if the one that serves is not well for long enough. */
  onProbation: string | null;
  /** A version that was found and has to wait. */
  waiting: { id: string; wait: Wait } | null;
  /** What could not be ended, and may still write to the data. */
  remains: readonly InstanceRef[];
  /** Nothing is started, or done to the data, before they are gone. */
  waitsForRemains: boolean;
  settings: Settings;
  /** Why nothing can be written down. */
  journalProblem: string | null;
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
  const { settings } = facts;
  if (facts.stopping) return "stopping";
  if (settings.held || settings.maintenance !== null) return "holding";
  if (facts.waitsFor !== null) return "starting";
  if (facts.serving === null) {
    if (facts.waitsForRemains) return "degraded";
    if (facts.crash !== null || facts.refused !== null) return "degraded";
    return settings.paused && facts.rollingTo === null ? "paused" : "starting";
  }
  if (facts.rollingTo !== null) return "rolling";
  if (facts.sick || facts.wanted !== null || isDown(facts)) return "degraded";
  return settings.paused ? "paused" : "serving";
}

/** None of its copies is well; with one that is, it serves. */
function isDown({ copies }: Facts): boolean {
  return copies !== null && copies.shortage !== null && copies.well === 0;
}

function detailOf(facts: Facts): string {
  if (facts.stopping) return "stopping";
  return [what(facts), ...remarks(facts), ...problems(facts)].join("; ");
}

function what({ serving, rollingTo, awaited, crash, waitsFor }: Facts): string {
  if (waitsFor !== null) return `waiting for ${waitsFor}`;
  if (serving !== null) {
    const roll = rollingTo === null ? "" : `, rolling to ${short(rollingTo)}`;
    const place = serving.port === 0 ? "" : ` on port ${serving.port}`;
    const wait = awaited === null ? "" : `, waiting for its turn: ${awaited}`;
    return `serving ${short(serving.id)}${place}${roll}${wait}`;
  }
  if (crash !== null) return describeCrash(crash);
  return rollingTo === null ? "nothing serves yet" : `starting ${short(rollingTo)}`;
}

function remarks({ settings, waiting, onProbation, refused }: Facts): string[] {
  const { held, maintenance, paused, pinned } = settings;
  const lines: string[] = [];
  if (maintenance !== null) lines.push("in maintenance");
  if (held) lines.push("requests are held");
  if (paused) lines.push("updates are paused");
  if (pinned !== null) lines.push(`${short(pinned)} is pinned`);
  if (onProbation !== null) lines.push(`watched, ${short(onProbation)} can come back`);
  const isTold = waiting !== null && waiting.id === refused?.id;
  if (waiting !== null && !isTold) lines.push(`${short(waiting.id)} waits: ${waiting.wait.detail}`);
  return lines;
}

function problems(facts: Facts): string[] {
  const { refused, checkProblem, sick, copies, wanted, crash, serving, journalProblem } = facts;
  const { remains, waitsForRemains } = facts;
  const lines: string[] = [];
  const effect = waitsForRemains ? ": nothing is started on its data before it is gone" : "";
  for (const { id, key } of remains) lines.push(`${short(id)} (${key}) cannot be ended${effect}`);
  if (sick) lines.push("it does not answer its probes");
  if (copies !== null && copies.shortage !== null) lines.push(copies.shortage);
  if (wanted !== null) lines.push(`${short(wanted)} should serve in its place`);
  const isHealed = (sick || wanted !== null) && serving !== null;
  if (isHealed && crash !== null) lines.push(describeCrash(crash));
  if (refused !== null) lines.push(`${short(refused.id)} refused: ${refused.detail}`);
  if (checkProblem !== null) lines.push(`last check failed: ${checkProblem}`);
  if (journalProblem !== null) lines.push(`nothing can be written down: ${journalProblem}`);
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
