import { el, setText } from "./dom.js";
import { absolute, ago, calmDuration } from "./format.js";

/** How much the clock of the server is ahead of ours, in milliseconds. */
let aheadMs = 0;

/** Smaller differences are the way of the message. */
const TOLERATED_MS = 3_000;

/**
 * Learns from a status what time it is where liveroll runs.
 *
 * @param {{ startedAt: string, uptimeSeconds: number }} status
 */
export function syncClock({ startedAt, uptimeSeconds }) {
  const difference = Date.parse(startedAt) + uptimeSeconds * 1_000 - Date.now();
  aheadMs = Math.abs(difference) > TOLERATED_MS ? difference : 0;
}

/** What is said of a point in time, by its age in milliseconds. */
const TEXTS = {
  ago,
  since: calmDuration,
  coming: (/** @type {number} */ age) => ago(Math.min(0, age)),
};

/** Milliseconds since 1970, on the clock of the server. */
export function now() {
  return Date.now() + aheadMs;
}

/**
 * `12 s ago`, kept right by {@linkcode tick}.
 *
 * @param {string} iso
 */
export function agoTime(iso) {
  return timeNode(iso, "ago");
}

/**
 * How long it has been, kept right by {@linkcode tick}.
 *
 * @param {string} iso
 */
export function sinceTime(iso) {
  return timeNode(iso, "since");
}

/**
 * When it will be, kept right by {@linkcode tick}; `now` when it has been.
 *
 * @param {string} iso
 */
export function comingTime(iso) {
  return timeNode(iso, "coming");
}

/**
 * What is computed anew for each status differs by a millisecond now and then.
 *
 * @param {string} iso
 */
export function wholeSecond(iso) {
  return new Date(Math.round(Date.parse(iso) / 1_000) * 1_000).toISOString();
}

/** Makes all times of the page right. */
export function tick() {
  for (const node of document.querySelectorAll("time[data-as]")) {
    if (node instanceof HTMLTimeElement) refresh(node);
  }
}

/**
 * @param {string} iso
 * @param {keyof typeof TEXTS} as
 */
function timeNode(iso, as) {
  const title = absolute(new Date(iso));
  const node = el("time", { datetime: iso, title, "data-as": as });
  refresh(node);
  return node;
}

/** @param {HTMLTimeElement} node */
function refresh(node) {
  const text = TEXTS[/** @type {keyof typeof TEXTS} */ (node.dataset["as"])];
  setText(node, text(now() - Date.parse(node.dateTime)));
}
