import { byId, el, idNode, show, signOf, unseen } from "./dom.js";
import { duration } from "./format.js";
import { agoTime, sinceTime } from "./times.js";
import { outcomeLook, phaseWord, triggerWord } from "./words.js";
/** @import { HistoryEntry } from "../operator.ts" */
/** @import { RollProgress } from "./steps.js" */
/** @import { Child } from "./dom.js" */
/** @import { Step } from "./types.ts" */

/**
 * The roll under way, or the last one.
 *
 * @param {RollProgress | null} progress
 */
export function drawRoll(progress) {
  const headline = byId("roll-headline", HTMLElement);
  const steps = byId("steps", HTMLElement);
  if (progress === null) {
    show(headline, null, () => [el("p", { class: "note" }, "No roll yet.")]);
    return show(steps, null, () => []);
  }
  const { phases: _, ...entry } = progress.entry;
  show(headline, entry, () => rollHeadline(progress.entry));
  show(steps, progress.steps, () => progress.steps.map(stepNode));
}

/**
 * One step with its time; the times of the steps that are over stand still.
 *
 * @param {Step} step
 */
export function stepNode({ name, state, startedAt, durationMs }) {
  const { sign, tone, word } = outcomeLook(state);
  const current = state === "running" ? "step" : null;
  const time = el("span", { class: "step-time" }, ...stepTime(startedAt, durationMs));
  const title = el("span", { class: "step-name" }, phaseWord(name));
  const attributes = { class: "step", "data-tone": tone, "data-state": state };
  return el(
    "li",
    { ...attributes, "aria-current": current },
    signOf(sign),
    title,
    time,
    unseen(word),
  );
}

/**
 * @param {string | null} startedAt
 * @param {number | null} durationMs
 * @returns {Child[]}
 */
function stepTime(startedAt, durationMs) {
  if (durationMs !== null) return [duration(durationMs)];
  return startedAt === null ? ["–"] : [sinceTime(startedAt)];
}

/**
 * @param {HistoryEntry} entry
 * @returns {Child[]}
 */
function rollHeadline({ id, at, trigger, from, to, outcome, durationMs, detail }) {
  const { sign, tone, word } = outcomeLook(outcome);
  const pill = el("span", { class: "pill small", "data-tone": tone }, signOf(sign), word);
  const way = from === null ? [idNode(to)] : [idNode(from), " → ", idNode(to)];
  const taken = durationMs === null ? [] : [`, took ${duration(durationMs)}`];
  const note = [`#${id}, ${triggerWord(trigger)}, `, agoTime(at), ...taken];
  return [
    el(
      "p",
      { class: "roll-line" },
      pill,
      el("strong", {}, ...way),
      el("span", { class: "note" }, ...note),
    ),
    detail === "" ? null : el("p", { class: "reason" }, detail),
  ];
}
