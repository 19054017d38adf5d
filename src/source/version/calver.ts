import { toVersion, type VersionReader } from "./version.ts";

/** What each specifier stands for; one that begins like another comes before it. */
const SPECIFIERS: ReadonlyMap<string, string> = new Map([
  ["YYYY", "\\d{4}"],
  ["YY", "\\d{1,3}"],
  ["0Y", "\\d{2,3}"],
  ["MM", "[1-9]|1[0-2]"],
  ["0M", "0[1-9]|1[0-2]"],
  ["WW", "[1-9]|[1-4]\\d|5[0-3]"],
  ["0W", "0[1-9]|[1-4]\\d|5[0-3]"],
  ["DD", "[1-9]|[12]\\d|3[01]"],
  ["0D", "0[1-9]|[12]\\d|3[01]"],
  ["MICRO", "\\d+"],
]);
const NAMES = [...SPECIFIERS.keys()];
const PIECE = new RegExp(`${NAMES.join("|")}|[^]`, "g");
const TAIL = "(?:-([0-9A-Za-z.-]+))?(?:\\+([0-9A-Za-z.-]+))?$";

/**
 * Prepares to read tags as calendar versions: `YYYY.0M.MICRO` reads `2026.01.3`. Everything that is
 * not a specifier stands for itself. An optional `v` may come before the version, an optional
 * `-pre` and `+build` after it.
 *
 * Numbers stay within their range (months 1 to 12, weeks 1 to 53, days 1 to 31), `MM`, `WW` and
 * `DD` have no leading zero, `0M`, `0W` and `0D` always two digits. Whether a month has that many
 * days is not asked. Numbers are compared from left to right, whatever they stand for.
 *
 * @throws {SyntaxError} When `format` has no specifier.
 */
export function calVer(format: string): VersionReader {
  const pieces = format.match(PIECE) ?? [];
  const specifiers = pieces.filter((piece) => SPECIFIERS.has(piece));
  if (specifiers.length === 0) throw invalid(format);
  const pattern = new RegExp(`^v?${pieces.map(toPattern).join("")}${TAIL}`);
  return (tag) => {
    const match = pattern.exec(tag);
    if (match === null) return null;
    const numbers = match.slice(1, 1 + specifiers.length);
    return toVersion(tag, { numbers, pre: match.at(-2), build: match.at(-1) });
  };
}

function toPattern(piece: string): string {
  const specifier = SPECIFIERS.get(piece);
  return specifier === undefined ? RegExp.escape(piece) : `(${specifier})`;
}

function invalid(format: string): SyntaxError {
  return new SyntaxError(
    `${JSON.stringify(format)} is not a calendar version format: it has none of ` +
      `${NAMES.join(", ")}; give for example YYYY.0M.MICRO`,
  );
}
