import { byId, el, factList, idNode, show } from "./dom.js";
import { plural } from "./format.js";
import { comingTime, wholeSecond } from "./times.js";
import { obstacleWord } from "./words.js";
/** @import { Status } from "../operator.ts" */
/** @import { Child } from "./dom.js" */

/**
 * What waits, what is refused, and what has been asked for.
 *
 * @param {Status} status
 */
export function drawLists({ waiting, quarantined: exact, settings }) {
  const quarantined = exact.map((entry) => ({ ...entry, retryAt: wholeSecond(entry.retryAt) }));
  show(byId("waits", HTMLElement), waiting, () => [waits(waiting)]);
  show(byId("quarantine", HTMLElement), quarantined, () => [quarantine(quarantined)]);
  show(byId("settings", HTMLElement), settings, () => [inForce(settings)]);
}

/** @param {Status["waiting"]} waiting */
function waits(waiting) {
  if (waiting === null) return none("No version waits.");
  const { id, obstacle, detail, until } = waiting;
  const why = `: ${detail === "" ? obstacleWord(obstacle) : detail}`;
  const end = until === null ? [] : [" Possible ", comingTime(until), "."];
  return el("p", {}, idNode(id), " waits", why.replace(/[^.]$/, "$&."), ...end);
}

/** @param {Status["quarantined"]} quarantined */
function quarantine(quarantined) {
  if (quarantined.length === 0) return none("No version is in quarantine.");
  return el("ul", { class: "plain" }, ...quarantined.map(quarantineItem));
}

/** @param {Status["quarantined"][number]} entry */
function quarantineItem({ id, failures, retryAt, detail }) {
  const count = `failed ${plural(failures, "time")}, may be tried again `;
  const note = el("span", { class: "note" }, count, comingTime(retryAt));
  return el("li", {}, idNode(id), " ", note, el("span", { class: "reason" }, detail));
}

/** @param {Status["settings"]} settings */
function inForce({ paused, pinned, skipped, held, maintenance }) {
  /** @type {[string, Child | readonly Child[]][]} */
  const facts = [];
  if (paused) facts.push(["Updates", "paused"]);
  if (pinned !== null) facts.push(["Pinned", idNode(pinned)]);
  if (skipped.length > 0) facts.push(["Skipped", joined(skipped.map(idNode))]);
  if (held) facts.push(["Requests", "held"]);
  if (maintenance !== null) facts.push(["Maintenance", maintenance || "no message"]);
  return facts.length === 0
    ? none("Nothing special: updates come by themselves.")
    : factList(facts);
}

/**
 * @param {readonly Node[]} nodes
 * @returns {Child[]}
 */
function joined(nodes) {
  return nodes.flatMap((node, index) => index === 0 ? [node] : [", ", node]);
}

/** @param {string} text */
function none(text) {
  return el("p", { class: "note" }, text);
}
