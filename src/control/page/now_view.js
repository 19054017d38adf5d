import { byId, el, factList, idNode, show, signOf } from "./dom.js";
import { calmDuration, containersText, count } from "./format.js";
import { agoTime, comingTime, sinceTime, wholeSecond } from "./times.js";
import { checkWord } from "./words.js";
/** @import { InstanceStatus, Status } from "../operator.ts" */
/** @import { Child } from "./dom.js" */

/** @typedef {readonly [string, Child | readonly Child[]]} Fact */

/**
 * What runs, since when, and how the requests fare.
 *
 * @param {Status} status
 */
export function drawNow(status) {
  const { current, replicas, candidate, draining, desired, previous } = status;
  const running = { current, replicas, candidate, draining, desired, previous };
  show(byId("now", HTMLElement), running, () => [headline(status), factList(instances(status))]);
  const checks = { lastCheck: status.lastCheck, next: nextCheck(status) };
  show(byId("checks", HTMLElement), checks, () => [factList(checkFacts(status))]);
  const { requests, rolls, crashes } = status;
  show(byId("figures", HTMLElement), { requests, rolls, crashes }, () => [figures(status)]);
  show(byId("footer", HTMLElement), programFacts(status), () => footer(status));
}

/** @param {Status} status */
function headline({ current, desired }) {
  if (current === null) {
    const wanted = desired === null ? [] : [" It should be ", idNode(desired.id), "."];
    return el("p", { class: "headline" }, signOf("▲"), "Nothing runs.", ...wanted);
  }
  const since = current.healthySince ?? current.startedAt;
  const age = el("span", { class: "headline-note" }, "for ", sinceTime(since));
  return el("p", { class: "headline" }, idNode(current.id), age);
}

/**
 * @param {Status} status
 * @returns {Fact[]}
 */
function instances({ current, replicas, candidate, draining, previous }) {
  return [
    ...(current === null ? [] : [instanceFact("Process", current)]),
    ...(replicas ? [containers(replicas)] : []),
    ...(candidate === null ? [] : [instanceFact("Candidate", candidate)]),
    ...draining.map((instance) => instanceFact("Leaving", instance)),
    ...(previous === null ? [] : [before(previous.id)]),
  ];
}

/**
 * @param {Status} status
 * @returns {Fact[]}
 */
function checkFacts(status) {
  const next = nextCheck(status);
  return [["Last check", lastCheck(status)], ...(next === null ? [] : [after(next)])];
}

/** @param {Status} status */
function figures(status) {
  return factList([["Requests", requests(status.requests)], ["Rolls", rolls(status)]]);
}

/** @param {Status} status */
const nextCheck = ({ nextCheckAt }) => nextCheckAt === null ? null : wholeSecond(nextCheckAt);

/** @param {string} id @returns {Fact} */
const before = (id) => ["Before", idNode(id)];

/** @param {NonNullable<Status["replicas"]>} replicas @returns {Fact} */
const containers = (replicas) => ["Containers", containersText(replicas)];

/** @param {string} at @returns {Fact} */
const after = (at) => ["Next check", comingTime(at)];

/**
 * @param {string} term
 * @param {InstanceStatus} instance
 * @returns {Fact}
 */
function instanceFact(term, { id, pid, port, startedAt }) {
  const place = `pid ${pid}${port === 0 ? "" : `, port ${port}`}, started `;
  return [term, [...(term === "Process" ? [] : [idNode(id), ", "]), place, agoTime(startedAt)]];
}

/** @param {Status["requests"]} requests */
function requests({ total, failed, retried, inFlight, held }) {
  const parts = [`${count(total)} in all`, `${count(failed)} failed`, `${count(retried)} retried`];
  const waiting = held === 0 ? [] : [`${count(held)} held`];
  return [...parts, `${count(inFlight)} in flight`, ...waiting].join(", ");
}

/**
 * @param {Status} status
 * @returns {Child[]}
 */
function lastCheck({ lastCheck }) {
  if (lastCheck === null) return ["none yet"];
  const { at, outcome, detail } = lastCheck;
  return [agoTime(at), `, ${checkWord(outcome)}`, detail && `: ${detail}`];
}

/** @param {Status} status */
function rolls({ rolls: { succeeded, failed, rolledBack, interrupted }, crashes }) {
  const parts = [
    `${count(succeeded)} succeeded`,
    `${count(failed)} failed`,
    `${count(rolledBack)} rolled back`,
    ...(interrupted === 0 ? [] : [`${count(interrupted)} interrupted`]),
  ];
  const crashed = crashes === 1 ? "1 crash" : `${count(crashes)} crashes`;
  return [...parts, crashed].join(", ");
}

/** @param {Status} status */
function programFacts({ version, pid, startedAt, listen, stateDir }) {
  return { version, pid, startedAt, listen, stateDir };
}

/**
 * @param {Status} status
 * @returns {Child[]}
 */
function footer({ version, pid, startedAt, listen, stateDir, uptimeSeconds }) {
  const title = calmDuration(uptimeSeconds * 1_000);
  const up = el(
    "span",
    { title },
    `liveroll ${version}, pid ${pid}, up for `,
    sinceTime(startedAt),
  );
  return [up, ` · listens on ${listen.join(", ")} · state in `, idNode(stateDir)];
}
