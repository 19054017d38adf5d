import { quoteEnvValue, requireEnvKey } from "./quote.ts";
import type { Statement } from "./statement.ts";
import { tokenise } from "./tokenise.ts";

/** What a file says of one variable. */
export interface EnvLookup {
  /** The value that counts: the last one; null: there is none. */
  readonly value: string | null;
  /** The same as it is written, with its quotes. */
  readonly raw: string | null;
  /** Whether compose puts other variables into it. */
  readonly expands: boolean;
  /** Lines that assign it, counted from 1; all but the last have no effect. */
  readonly lines: readonly number[];
}

/** A new text, and what the old one said. */
export interface EnvEdit {
  readonly text: string;
  readonly before: EnvLookup;
}

/** @throws {EnvSyntaxError} When compose could not read the text. */
export function lookUpEnv(text: string, key: string): EnvLookup {
  const found = assignments(text, key);
  const last = found.at(-1);
  return {
    value: last?.value ?? null,
    raw: last === undefined ? null : text.slice(last.valueStart, last.valueEnd),
    expands: last?.expands ?? false,
    lines: found.map(({ line }) => line),
  };
}

/**
 * Gives a variable a value: in place of the last one it has, or in a new line at the end. Every
 * other byte stays: earlier assignments (they had no effect, and have none), indentation, `export`,
 * comments, kinds of line break, a byte order mark, a missing line break at the end.
 *
 * @throws {EnvSyntaxError} When compose could not read the text.
 * @throws {Error} When name or value cannot be in such a file.
 */
export function setEnv(text: string, key: string, value: string): EnvEdit {
  requireEnvKey(key);
  const last = assignments(text, key).at(-1);
  const mustQuote = last !== undefined && !canBeBare(text, last, value);
  const written = quoteEnvValue(value, mustQuote);
  const edited = put(text, key, written);
  // What would not be read back as it was meant must not be written.
  if (lookUpEnv(edited, key).value !== value) {
    throw new Error(`Cannot set ${key}: it would not be read back as it was meant`);
  }
  return { text: edited, before: lookUpEnv(text, key) };
}

/** Gives a variable back the value that it had, as it was written; null: it had none. */
export function resetEnv(text: string, key: string, raw: string | null): string {
  if (lookUpEnv(text, key).raw === raw) return text;
  return raw === null ? unset(text, key) : put(text, key, raw);
}

function assignments(text: string, key: string): Statement[] {
  return tokenise(text).filter((statement) => statement.key === key && statement.value !== null);
}

function put(text: string, key: string, raw: string): string {
  const last = assignments(text, key).at(-1);
  if (last !== undefined) return text.slice(0, last.valueStart) + raw + text.slice(last.valueEnd);
  const line = `${key}=${raw}`;
  const lineBreak = text.includes("\r\n") ? "\r\n" : "\n";
  if (text === "" || text === "\ufeff") return `${text}${line}\n`;
  return text.endsWith("\n") ? `${text}${line}${lineBreak}` : `${text}${lineBreak}${line}`;
}

/** Nothing but a comment can stand behind a bare value; behind an empty one it would be the value. */
function canBeBare(text: string, { valueEnd }: Statement, value: string): boolean {
  const behind = /^[^\n]*/.exec(text.slice(valueEnd))![0];
  return behind.trim() === "" || (value !== "" && /^ +#/.test(behind));
}

/** Takes the last assignment out again, with its line if nothing else is on it. */
function unset(text: string, key: string): string {
  const last = assignments(text, key).at(-1);
  if (last === undefined) return text;
  const lineStart = text.lastIndexOf("\n", last.start - 1) + 1;
  const lineEnd = text.indexOf("\n", last.valueEnd);
  const end = lineEnd === -1 ? text.length : lineEnd + 1;
  const bom = lineStart === 0 && text.startsWith("\ufeff") ? "\ufeff" : "";
  const rest = text.slice(lineStart + bom.length, last.start) + text.slice(last.valueEnd, end);
  if (rest.trim() !== "") return text.slice(0, last.start) + text.slice(last.valueEnd);
  // The file ended without a line break, and does so again.
  const before = lineEnd === -1 ? text.slice(0, lineStart).replace(/\r?\n$/, "") : null;
  return (before ?? text.slice(0, lineStart)) + bom + text.slice(end);
}
