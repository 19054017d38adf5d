const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span for people: `340ms`, `3.2s`, `42s`, `5m10s`, `3h12m`, `4d3h`. */
export function span(ms: number): string {
  if (!(ms > 0)) return "0s";
  if (ms < SECOND) return `${Math.max(1, Math.floor(ms))}ms`;
  if (ms < 10 * SECOND) return `${Math.floor(ms / 100) / 10}s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < HOUR) return pair(ms, MINUTE, "m", SECOND, "s");
  if (ms < DAY) return pair(ms, HOUR, "h", MINUTE, "m");
  return pair(ms, DAY, "d", HOUR, "h");
}

/** A span in whole seconds or more: `0s`, `42s`, `5m10s`. */
export function wholeSeconds(ms: number): string {
  return ms < SECOND ? "0s" : span(Math.floor(ms / SECOND) * SECOND);
}

/** How long ago `at` (ISO 8601) was, in whole seconds or more: `3h12m`. */
export function since(at: string, now: number): string {
  return wholeSeconds(now - Date.parse(at));
}

/** How long it is until `at` (ISO 8601). */
export function until(at: string, now: number): string {
  return since(new Date(now).toISOString(), Date.parse(at));
}

/** `at` (ISO 8601) in the time zone of this machine: `2026-11-21 17:05:09`. */
export function localTime(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function pair(ms: number, large: number, largeUnit: string, small: number, smallUnit: string) {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)}${largeUnit}${rest > 0 ? `${rest}${smallUnit}` : ""}`;
}
