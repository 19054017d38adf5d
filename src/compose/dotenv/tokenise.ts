import { unescapeDouble, unescapeSingle } from "./escapes.ts";
import { EnvSyntaxError, type Statement } from "./statement.ts";

/** White space that does not end a line; a carriage return does not, either. */
const BLANKS = /[\t\v\f\r \u0085\u00a0]*/y;
/** A byte order mark is none, except at the very beginning. */
const SPACE = /(?:(?!\ufeff)\s|\u0085)+/y;
const COMMENT = /#[^\n]*/y;
const EXPORT = /export[\t\v\f\r \u0085\u00a0]+/y;
/** The name, and what ends it; without that, the line ends. */
const KEY = /([\p{L}\p{N}_.\-[\]]+)[\t\v\f\r \u0085\u00a0]*([=:]|(?=\n)|$)/uy;
const REST = /[^\n]*/y;
const DOUBLE = /"((?:[^"\\]|\\[^])*)"/y;
const SINGLE = /'((?:[^'\\]|\\[^])*)'/y;

type Value = Pick<Statement, "value" | "expands">;

/**
 * The assignments of a `.env` file in their order, read as `docker compose` reads them: not line by
 * line, for a quoted value may go over several, and another assignment may stand behind it.
 *
 * @throws {EnvSyntaxError} For what compose refuses to read.
 */
export function tokenise(text: string): Statement[] {
  const cursor = new Cursor(text);
  const statements: Statement[] = [];
  for (;;) {
    if (cursor.take(SPACE) !== null || cursor.take(COMMENT) !== null) continue;
    if (cursor.isAtEnd) return statements;
    statements.push(readStatement(cursor));
  }
}

function readStatement(cursor: Cursor): Statement {
  const { at: start, line } = cursor;
  cursor.take(EXPORT);
  const [head, key = "", separator] = cursor.take(KEY) ?? cursor.refuse("NAME=VALUE is expected");
  if (separator === "") {
    const end = cursor.at - (head.length - head.trimEnd().length);
    return { key, line, start, valueStart: end, valueEnd: end, value: null, expands: false };
  }
  const place = cursor.at;
  cursor.take(BLANKS);
  // An empty value stands right behind the separator.
  const valueStart = cursor.isAtEnd || cursor.next === "\n" ? place : cursor.at;
  const value = readQuoted(cursor);
  if (value !== null) return { key, line, start, valueStart, valueEnd: cursor.at, ...value };
  const bare = cursor.take(REST)![0].split(" #", 1)[0]!.trimEnd();
  return { key, line, start, valueStart, valueEnd: valueStart + bare.length, ...expand(bare) };
}

function readQuoted(cursor: Cursor): Value | null {
  if (cursor.next === "'") {
    const [, inside] = cursor.take(SINGLE) ?? cursor.refuse("the quote ' does not end");
    return { value: unescapeSingle(inside!), expands: false };
  }
  if (cursor.next !== '"') return null;
  const [, inside] = cursor.take(DOUBLE) ?? cursor.refuse('the quote " does not end');
  return expand(unescapeDouble(inside!));
}

function expand(text: string): Value {
  const expands = /\$[\p{L}_{]/u.test(text.replaceAll("$$", ""));
  return { value: text.replaceAll("$$", () => "$"), expands };
}

/** A place in the text. */
class Cursor {
  readonly #text: string;
  at: number;
  /** Counted from 1. */
  line = 1;

  constructor(text: string) {
    this.#text = text;
    // Some editors begin a file with a byte order mark; it belongs to no name.
    this.at = text.startsWith("\ufeff") ? 1 : 0;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#text.length;
  }

  get next(): string | undefined {
    return this.#text[this.at];
  }

  /** Reads what `pattern`, a sticky one, matches here; null: nothing. */
  take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.#text);
    if (match === null) return null;
    this.at += match[0].length;
    this.line += match[0].split("\n").length - 1;
    return match;
  }

  /** The message has nothing of the text: it may hold secrets. */
  refuse(why: string): never {
    throw new EnvSyntaxError(`line ${this.line}: ${why}`);
  }
}
