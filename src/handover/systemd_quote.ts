/** Words of these characters mean themselves everywhere in a unit file. */
const PLAIN = /^[A-Za-z0-9_\/.:=@,+-]+$/;

const ESCAPES: Record<string, string> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "%": "%%",
};

/**
 * Writes `word` so that it arrives as exactly one argument of an `ExecStart=` command line: quotes,
 * C escapes, `%` specifiers and `$` variables are all taken care of.
 *
 * @throws {RangeError} When it holds a NUL, which no argument can.
 */
export function quoteArgument(word: string): string {
  return quoteProgram(word).replaceAll("$", "$$$$");
}

/** As {@linkcode quoteArgument}, for the program itself: variables are not replaced in its path. */
export function quoteProgram(word: string): string {
  if (word.includes("\0")) {
    throw new RangeError(`Cannot quote ${JSON.stringify(word)}: an argument holds no NUL`);
  }
  return PLAIN.test(word) ? word : `"${escape(word)}"`;
}

/** Writes `text` as the value of a setting that is not split into words, for example `Description=`. */
export function settingText(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f\u007f]+/g, " ").replaceAll("%", "%%").trim();
}

function escape(word: string): string {
  // deno-lint-ignore no-control-regex
  return word.replace(/[\\"%\u0000-\u001f\u007f]/g, (char) => ESCAPES[char] ?? hex(char));
}

function hex(char: string): string {
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
