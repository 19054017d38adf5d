import { formatDuration, parseDuration } from "./duration.ts";
import { didYouMean } from "./suggestion.ts";

/** Deno's timers overflow, and fire at once, beyond 2^31 ms; jitter needs some room below that. */
const LONGEST_MS = 500 * 3_600_000;
const SHORTEST_MS = 1;

/** Bytes. */
export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;
const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["k", KIB],
  ["m", MIB],
  ["g", GIB],
]);

const TRUE_WORDS = ["1", "t", "T", "true", "TRUE", "True"];
const FALSE_WORDS = ["0", "f", "F", "false", "FALSE", "False"];

/** A kind of option value: how it is written and read. */
export interface Kind<T> {
  /** Stands for the value in help, for example `TIME`. */
  readonly placeholder: string;
  /** The flag alone means true, as `--check`. */
  readonly isSwitch?: true;
  /** Comma-separated; a list in a config file. */
  readonly isList?: true;
  /** May be given several times; lines in the environment, a list in a config file. */
  readonly isRepeated?: true;
  /**
   * @throws {SyntaxError} When `text` cannot be read.
   * @throws {RangeError} When the value is out of range.
   */
  parse(text: string): T;
}

/** `text` in quotes, with control characters escaped and not too long for a message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

/** A shell command. */
export const command: Kind<string> = { placeholder: "CMD", parse: parseCommand };

/** A path to a file. */
export const file: Kind<string> = {
  placeholder: "FILE",
  parse(text) {
    if (text === "") throw new SyntaxError("the path is empty, give the path of a file");
    return text;
  },
};

/** A path to a directory. */
export const directory: Kind<string> = {
  placeholder: "DIR",
  parse(text) {
    if (text === "") throw new SyntaxError("the path is empty, give the path of a directory");
    return text;
  },
};

/** Some text on one line, as others write it. */
export const line: Kind<string> = {
  placeholder: "TEXT",
  parse(text) {
    if (text.trim() === "") throw new SyntaxError("the value is empty, give one or leave it out");
    // deno-lint-ignore no-control-regex
    if (!/[\x00-\x1f\x7f]/.test(text)) return text;
    throw new SyntaxError(`${quote(text)} has control characters in it`);
  },
};

/** Several values of `kind`, one a line; each error names its own value. */
export function repeated<T>(kind: Kind<T>): Kind<readonly T[]> {
  return {
    placeholder: kind.placeholder,
    isRepeated: true,
    parse: (text) => text.split("\n").filter((line) => line.trim() !== "").map(kind.parse),
  };
}

/** True or false, in Go's spellings. */
export const toggle: Kind<boolean> = {
  placeholder: "BOOL",
  isSwitch: true,
  parse(text) {
    if (TRUE_WORDS.includes(text)) return true;
    if (FALSE_WORDS.includes(text)) return false;
    throw new SyntaxError(`${quote(text)} is neither true nor false`);
  },
};

/** One of `words`. */
export function choice<const T extends string>(words: readonly T[]): Kind<T> {
  return {
    placeholder: words.join("|"),
    parse(text) {
      const found = words.find((word) => word === text);
      if (found !== undefined) return found;
      throw new SyntaxError(
        `unknown value ${quote(text)}${didYouMean(text, words)}: give one of ${words.join(", ")}`,
      );
    },
  };
}

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number): Kind<number> {
  return { placeholder: "N", parse: (text) => parseInteger(text, min, max) };
}

/** A TCP port. */
export const port: Kind<number> = {
  placeholder: "PORT",
  parse: (text) => parseInteger(text, 1, 65_535),
};

/** A number of bytes from `min` (0 by default) to `max`, in powers of 1024: `512`, `64k`, `1m`. */
export function size({ min = 0, max }: { min?: number; max: number }): Kind<number> {
  return { placeholder: "SIZE", parse: (text) => parseSize(text, min, max) };
}

/** A word as HTTP knows it (RFC 9110, 5.6.2). */
export const token: Kind<string> = {
  placeholder: "NAME",
  parse(text) {
    if (/^[\w!#$%&'*+.^`|~-]{1,100}$/.test(text)) return text;
    throw new SyntaxError(
      `${quote(text)} is not a name, give letters, digits and dashes, for example edge-1`,
    );
  },
};

/** A duration in Go's syntax, in milliseconds; `zero`: 0 has a meaning. */
export function duration(options: { zero?: boolean } = {}): Kind<number> {
  return { placeholder: "TIME", parse: (text) => parseLimited(text, options.zero ?? false) };
}

function parseCommand(text: string): string {
  if (text.trim() === "") throw new SyntaxError("the command is empty, give a shell command");
  if (text.includes("\0")) throw new SyntaxError("the command contains a NUL byte, remove it");
  return text;
}

/**
 * A whole number in its plain decimal form.
 *
 * @throws {SyntaxError} When `text` is none.
 * @throws {RangeError} When it is not from `min` to `max`.
 */
export function parseInteger(text: string, min: number, max: number): number {
  if (!/^-?(0|[1-9]\d*)$/.test(text)) {
    throw new SyntaxError(`${quote(text)} is not a whole number, give ${min} to ${max}`);
  }
  const value = Number(text);
  if (value < min || value > max) {
    throw new RangeError(`${text} is out of range, give ${min} to ${max}`);
  }
  return value;
}

function parseSize(text: string, min: number, max: number): number {
  const [, digits, unit = ""] = /^(0|[1-9]\d*)([a-z]?)$/i.exec(text) ?? [];
  const factor = SIZE_UNITS.get(unit.toLowerCase());
  if (digits === undefined || factor === undefined) {
    throw new SyntaxError(`${quote(text)} is not a size, give for example 512, 64k or 1m`);
  }
  const bytes = Number(digits) * factor;
  if (bytes < min || bytes > max) {
    throw new RangeError(`${text} is out of range, give ${formatSize(min)} to ${formatSize(max)}`);
  }
  return bytes;
}

function formatSize(bytes: number): string {
  for (const [unit, factor] of [...SIZE_UNITS].toReversed()) {
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}

function parseLimited(text: string, zero: boolean): number {
  const ms = parseDuration(text);
  if (/^[-+]/.test(text)) throw new RangeError(`${quote(text)} has a sign, remove it`);
  if (ms === 0 && zero) return 0;
  if (ms < SHORTEST_MS) {
    const least = formatDuration(SHORTEST_MS);
    throw new RangeError(
      `${quote(text)} is too short, give ${zero ? "0 or " : ""}at least ${least}`,
    );
  }
  if (ms > LONGEST_MS) {
    throw new RangeError(`${quote(text)} is too long, give at most ${formatDuration(LONGEST_MS)}`);
  }
  return ms;
}
