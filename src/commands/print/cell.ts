import { printable as escaped } from "../../platform/log_format.ts";

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
const NOTHING = /\p{Mn}|\p{Me}|\p{Cf}/u;
const ELLIPSIS = "…";

/** `text` on one line, with nothing in it that a terminal would obey. */
export function printable(text: string): string {
  return escaped(text).replaceAll("\t", " ");
}

/** Columns that `text` takes on a terminal; it must be printable. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOfCharacter(character);
  return columns;
}

/** `text`, or its beginning and an ellipsis, in at most `columns` columns. */
export function shorten(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let shortened = "";
  let used = columnsOf(ELLIPSIS);
  for (const character of text) {
    used += columnsOfCharacter(character);
    if (used > columns) break;
    shortened += character;
  }
  return columns < 1 ? "" : shortened + ELLIPSIS;
}

/** `text` with spaces up to `columns` columns. */
export function pad(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - columnsOf(text)));
}

function columnsOfCharacter(character: string): number {
  if (character < "\x7f") return 1;
  if (NOTHING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
