import { escapeDouble } from "./escapes.ts";

/** Characters that mean themselves wherever they stand, to every reader of such files. */
const BARE = /^[\w.,:/@%+=~-]*$/;

/** A line break, or a character that nothing can be started with. */
const IMPOSSIBLE = /[\0\n\r\u2028\u2029]/;

/** A name that every shell and every version of compose takes. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** @throws {Error} When no variable can have that name. */
export function requireEnvKey(key: string): void {
  if (NAME.test(key)) return;
  throw new Error(
    `Cannot use ${JSON.stringify(key)} as a name in an environment file: letters, digits and _ ` +
      "are possible, not beginning with a digit",
  );
}

/**
 * A value as it has to be written: bare if it can be, in single quotes, else in double ones.
 *
 * @param mustQuote What stands behind it on the line must not become part of it.
 * @throws {Error} When it has a line break or a NUL.
 */
export function quoteEnvValue(value: string, mustQuote = false): string {
  if (IMPOSSIBLE.test(value)) {
    throw new Error("Cannot write a value with a line break or a NUL into an environment file");
  }
  if (!mustQuote && BARE.test(value)) return value;
  return /['\\]/.test(value) ? `"${escapeDouble(value)}"` : `'${value}'`;
}
