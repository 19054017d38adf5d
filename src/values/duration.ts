/** Nanoseconds of each unit that Go knows; `µ` has two code points. */
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["μs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);
const MAX_NS = 2n ** 63n - 1n;
const NS_PER_MS = 1e6;

/**
 * Reads a duration as Go's `time.ParseDuration` does: `1m30s`, `500ms`, `1.5h`, `-2us`, `0`.
 *
 * @returns Milliseconds, with a fraction where needed.
 * @throws {SyntaxError} When `text` is not a duration; the message names it and a fix.
 * @throws {RangeError} When it is beyond what Go can count (about 292 years).
 */
export function parseDuration(text: string): number {
  const unsigned = text.replace(/^[-+]/, "");
  if (unsigned === "0") return 0;
  const parts = [...unsigned.matchAll(/(\d*)(?:\.(\d*))?([^\d.]*)/g)].filter(([part]) => part);
  if (parts.length === 0) throw invalid(text);
  const ns = parts.reduce((sum, [, whole, fraction, unit]) => {
    if (!whole && !fraction) throw invalid(text);
    return sum + partNs(text, whole ?? "", fraction ?? "", unit ?? "");
  }, 0n);
  if (ns > MAX_NS) throw new RangeError(`duration "${text}" is too long`);
  const ms = Number(ns) / NS_PER_MS;
  return text.startsWith("-") && ms !== 0 ? -ms : ms;
}

/**
 * Spells a duration in Go's syntax, without empty parts: 90000 is `1m30s`, 600000 is `10m`.
 *
 * @param ms Milliseconds, not negative; rounded to whole nanoseconds.
 */
export function formatDuration(ms: number): string {
  const ns = BigInt(Math.round(ms * NS_PER_MS));
  if (ns === 0n) return "0s";
  if (ns < 1_000n) return `${ns}ns`;
  if (ns < 1_000_000n) return `${decimal(ns, 3)}us`;
  if (ns < 1_000_000_000n) return `${decimal(ns, 6)}ms`;
  const minutes = ns / 60_000_000_000n;
  const seconds = ns % 60_000_000_000n;
  return [
    minutes >= 60n ? `${minutes / 60n}h` : "",
    minutes % 60n > 0n ? `${minutes % 60n}m` : "",
    seconds > 0n ? `${decimal(seconds, 9)}s` : "",
  ].join("");
}

function partNs(text: string, whole: string, fraction: string, unit: string): bigint {
  if (unit === "") {
    const example = /^[^.]*(\.\d*)?$/.test(text) && /\d\.?$/.test(text) ? `${text}s` : "10s";
    throw new SyntaxError(`missing unit in "${text}", for example ${example}`);
  }
  const unitNs = UNITS.get(unit);
  if (unitNs === undefined && !/^[a-zµμ]+$/i.test(unit)) throw invalid(text);
  if (unitNs === undefined) {
    throw new SyntaxError(`unknown unit "${unit}" in "${text}", use ns, us, ms, s, m or h`);
  }
  return BigInt(whole || "0") * unitNs +
    BigInt(fraction || "0") * unitNs / 10n ** BigInt(fraction.length);
}

function invalid(text: string): SyntaxError {
  return new SyntaxError(
    `${JSON.stringify(text)} is not a duration, give for example 10s or 1m30s`,
  );
}

/** `value` / 10^`places`, without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const digits = String(value).padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  return digits.slice(0, -places) + (fraction && `.${fraction}`);
}
