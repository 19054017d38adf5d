import { quote } from "../../values/kinds.ts";

/** A field in quotes, in which two stand for one; or one without any. */
const FIELD = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;

/**
 * The fields of one line of comma-separated values, as docker reads them: `"source=/a,b",target=/c`
 * has two.
 *
 * @throws {SyntaxError} When quotes are in the wrong place, or there is more than one line.
 */
export function readCsv(text: string): string[] {
  const fields: string[] = [];
  for (let at = 0;; at++) {
    FIELD.lastIndex = at;
    const [whole = "", quoted, plain = ""] = FIELD.exec(text) ?? [];
    fields.push(quoted?.replaceAll('""', '"') ?? plain);
    at += whole.length;
    if (at === text.length) return fields;
    if (text[at] !== ",") throw misplaced(text, at);
  }
}

/** As {@linkcode readCsv} reads it. */
export function writeCsv(fields: readonly string[]): string {
  return fields.map((field) => /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)
    .join(",");
}

function misplaced(text: string, at: number): SyntaxError {
  const isLine = /[\r\n]/.test(text[at] ?? "");
  const why = isLine
    ? "it has more than one line"
    : "a quote is in the wrong place: put whole members in quotes, and write a quote inside twice";
  return new SyntaxError(`${quote(text)}: ${why}, as in '"source=/a,b",target=/c'`);
}
