import { compareVersions, type Version } from "./version.ts";

/** Tells whether a version lies within a range. */
export type VersionRange = (version: Version) => boolean;

/** A version of which only the beginning may be given. */
interface PartialVersion {
  /** None to three. */
  readonly numbers: readonly bigint[];
  readonly pre: readonly string[];
}

/** One side of a range. */
interface Bound {
  readonly operator: "<" | "<=" | ">" | ">=";
  readonly version: Version;
}

const PARTIAL = /^v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-([0-9A-Za-z.-]+))?$/;
const COMPARATOR = /^(\^|~>?|[<>]?=?)([^<>=~^]+)$/;
const HYPHEN = /^(\S+)\s+-\s+(\S+)$/;
const MAX_LENGTH = 256;

/**
 * Reads a range of semantic versions as npm writes it: `^1.2`, `~1.2.3`, `1.x`, `>=1.2 <2`,
 * `1.2 - 1.4`, and alternatives with `||`. A comma between two conditions is as good as a space.
 *
 * A pre-release lies where the order of versions puts it, with one exception: what is below 2.0.0
 * is below its pre-releases, too, so that `^1.2` never lets 2.0.0-rc.1 in. Whether pre-releases are
 * wanted at all is for the caller to ask.
 *
 * @throws {SyntaxError} When `text` is not such a range. Build metadata is refused: it has no order.
 */
export function parseRange(text: string): VersionRange {
  const alternatives = text.split("||").map(readAlternative);
  if (text.length > MAX_LENGTH || alternatives.includes(null)) throw invalid(text);
  return (version) =>
    alternatives.some((bounds) => bounds?.every((bound) => isWithin(version, bound)));
}

/** @returns null: not understood. */
function readAlternative(text: string): Bound[] | null {
  const hyphen = HYPHEN.exec(text.trim());
  if (hyphen !== null) return join([readBounds(">=", hyphen[1]!), readBounds("<=", hyphen[2]!)]);
  const words = text.replaceAll(",", " ").replace(/([<>=~^])\s+/g, "$1").split(/\s+/).filter(
    Boolean,
  );
  if (words.length === 0) return null;
  return join(words.map((word) => {
    const [, operator, partial] = COMPARATOR.exec(word) ?? [];
    return partial === undefined ? null : readBounds(operator ?? "", partial);
  }));
}

function join(parts: readonly (readonly Bound[] | null)[]): Bound[] | null {
  return parts.some((part) => part === null) ? null : parts.flatMap((part) => part ?? []);
}

function readBounds(operator: string, text: string): Bound[] | null {
  const partial = readPartial(text);
  if (partial === null) return null;
  if (partial.numbers.length === 0) return operator === "<" || operator === ">" ? null : [];
  return toBounds(operator, partial);
}

function readPartial(text: string): PartialVersion | null {
  const match = PARTIAL.exec(text);
  if (match === null) return null;
  const given = match.slice(1, 4).map((part) =>
    part === undefined || /\D/.test(part) ? null : part
  );
  const known = given.indexOf(null) < 0 ? given.length : given.indexOf(null);
  const isPatchy = given.slice(known).some((part) => part !== null);
  if (isPatchy || (match[4] !== undefined && known < 3)) return null;
  const numbers = given.slice(0, known).map((part) => BigInt(part ?? 0));
  return { numbers, pre: match[4]?.split(".") ?? [] };
}

function toBounds(operator: string, { numbers, pre }: PartialVersion): Bound[] {
  const isWhole = numbers.length === 3;
  const lowest = isWhole ? toVersion(numbers, pre) : floor(numbers);
  const from: Bound = { operator: ">=", version: lowest };
  switch (operator) {
    case "^":
      return [from, below(numbers.slice(0, significant(numbers)))];
    case "~":
    case "~>":
      return [from, below(numbers.slice(0, 2))];
    case ">=":
      return [from];
    case ">":
      return [isWhole ? { operator, version: lowest } : { operator: ">=", version: next(numbers) }];
    case "<":
      return [{ operator, version: pre.length > 0 ? lowest : floor(numbers) }];
    case "<=":
      return [isWhole ? { operator, version: lowest } : below(numbers)];
    default:
      return [from, isWhole ? { operator: "<=", version: lowest } : below(numbers)];
  }
}

/** How many numbers a caret holds: up to the first one that is not 0. */
function significant(numbers: readonly bigint[]): number {
  const first = numbers.findIndex((number) => number > 0n);
  return first < 0 ? numbers.length : first + 1;
}

function below(numbers: readonly bigint[]): Bound {
  return { operator: "<", version: next(numbers) };
}

/** The lowest version after all that begin with `numbers`. */
function next(numbers: readonly bigint[]): Version {
  return floor(numbers.map((number, i) => i === numbers.length - 1 ? number + 1n : number));
}

/** The lowest version that begins with `numbers`: no pre-release is below `-0`. */
function floor(numbers: readonly bigint[]): Version {
  return toVersion(numbers, ["0"]);
}

function toVersion(numbers: readonly bigint[], pre: readonly string[]): Version {
  return { tag: "", numbers, pre, build: null };
}

function isWithin(version: Version, bound: Bound): boolean {
  const order = compareVersions(version, bound.version);
  if (order === 0) return bound.operator.endsWith("=");
  return order < 0 === bound.operator.startsWith("<");
}

function invalid(text: string): SyntaxError {
  return new SyntaxError(
    `${JSON.stringify(text)} is not a range of versions, give for example ^1.2 or ">=1.2 <2"`,
  );
}
