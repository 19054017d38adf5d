/** @import { ContainerStatus, ReplicasStatus } from "../operator.ts" */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const numbers = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const fractions = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/**
 * A length of time in at most two units, for example `1 min 5 s`.
 *
 * @param {number} ms
 */
export function duration(ms) {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * SECOND) return `${fractions.format(ms / SECOND)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return twoUnits(ms, MINUTE, "min", SECOND, "s");
  if (ms < DAY) return twoUnits(ms, HOUR, "h", MINUTE, "min");
  return twoUnits(ms, DAY, "d", HOUR, "h");
}

/**
 * A length of time that changes once a second at most, and once a minute when it is long.
 *
 * @param {number} ms
 */
export function calmDuration(ms) {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  const step = ms < 10 * MINUTE ? SECOND : MINUTE;
  return duration(Math.floor(ms / step) * step);
}

/**
 * A distance from now, for example `12 s ago` or `in 5 min`.
 *
 * @param {number} ms Negative: in the future.
 */
export function ago(ms) {
  if (ms < -SECOND) return `in ${calmDuration(-ms)}`;
  return ms < SECOND ? "now" : `${calmDuration(ms)} ago`;
}

/**
 * The whole truth about a point in time.
 *
 * @param {Date} date
 */
export function absolute(date) {
  return `${date.toLocaleString()} (${date.toISOString()})`;
}

/**
 * Hours, minutes, seconds, and milliseconds, as people's clocks here show them.
 *
 * @param {Date} date
 */
export function clock(date) {
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const milliseconds = String(date.getMilliseconds()).padStart(3, "0");
  return `${parts.map((part) => String(part).padStart(2, "0")).join(":")}.${milliseconds}`;
}

/**
 * A number with separators.
 *
 * @param {number} value
 */
export function count(value) {
  return numbers.format(value);
}

/**
 * A number per second: one digit after the point as long as it matters.
 *
 * @param {number} value
 */
export function rate(value) {
  return value < 100 ? fractions.format(value) : numbers.format(value);
}

/**
 * `1 request`, `2 requests`.
 *
 * @param {number} value
 * @param {string} noun
 */
export function plural(value, noun) {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/**
 * @param {number} ms
 * @param {number} big
 * @param {string} bigName
 * @param {number} small
 * @param {string} smallName
 */
function twoUnits(ms, big, bigName, small, smallName) {
  const rest = Math.floor((ms % big) / small);
  const head = `${Math.floor(ms / big)} ${bigName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}

/**
 * How many containers are well, and what the others are like, for example
 * `2 of 3 well; web-1: ended, code 137, out of memory`.
 *
 * @param {ReplicasStatus} replicas
 */
export function containersText({ wanted, well, containers }) {
  const ill = containers.filter(({ state }) => state !== "well" && state !== "done");
  return [`${well} of ${wanted} well`, ...ill.map(containerText)].join("; ");
}

/** @param {ContainerStatus} container */
function containerText({ name, state, lastEnd }) {
  const code = lastEnd === null ? [] : [`code ${lastEnd.code}`];
  const memory = lastEnd?.outOfMemory ? ["out of memory"] : [];
  return `${name}: ${[state, ...code, ...memory].join(", ")}`;
}
