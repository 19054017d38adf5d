const MAX_LINES = 20;
const MAX_COLUMNS = 300;

/** Escape sequences of terminals, and whatever else cannot be seen. */
// deno-lint-ignore no-control-regex
const INVISIBLE = /\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0a-\x1f\x7f\x80-\x9f\u2028\u2029]/g;

/** One line that is not too long for a message, without what cannot be seen. */
export function bounded(text: string): string {
  const clean = text.replace(/[\r\n]+/g, " ").replace(INVISIBLE, "").toWellFormed();
  return clean.length > MAX_COLUMNS ? `${clean.slice(0, MAX_COLUMNS - 1).toWellFormed()}…` : clean;
}

/** The last lines of an output; bounded. */
export function boundedLines(lines: readonly string[]): string[] {
  return lines.slice(-MAX_LINES).map(bounded);
}
