import { type Kind, quote } from "../values/kinds.ts";

/** Words as a shell would take them apart; nothing is expanded. */
export const words: Kind<readonly string[]> = { placeholder: "WORDS", parse: splitWords };

/**
 * Takes a line apart as a POSIX shell would: by white space, save in quotes and after a backslash.
 * `$`, `*` and the like are letters like others.
 *
 * @throws {SyntaxError} When a quote is not closed.
 */
export function splitWords(text: string): readonly string[] {
  const found: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (/\s/.test(letter)) {
      if (word !== null) found.push(word);
      word = null;
    } else if (letter === "'" || letter === '"') {
      const end = closing(text, at);
      word = (word ?? "") + inside(text.slice(at + 1, end), letter);
      at = end;
    } else if (letter === "\\" && at + 1 < text.length) {
      const next = text[++at]!;
      // A line that goes on in the next one.
      if (next !== "\n") word = (word ?? "") + next;
    } else word = (word ?? "") + letter;
  }
  if (word !== null) found.push(word);
  return found;
}

function closing(text: string, from: number): number {
  const mark = text[from]!;
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === mark) return at;
    if (mark === '"' && text[at] === "\\") at++;
  }
  throw new SyntaxError(`${quote(text)}: the quote ${mark} is not closed`);
}

/** Between double quotes a backslash only counts before what would mean something else. */
function inside(text: string, mark: string): string {
  return mark === "'" ? text : text.replace(/\\([\\"$`])/g, "$1").replaceAll("\\\n", "");
}
