/** What compose understands behind a backslash in double quotes. */
const ESCAPE = /\\(?:([abfnrtv"\\$])|0(\d{0,3}))/g;

const MEANING: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  // A dollar that means itself is written like this where variables are put in.
  $: "$$",
};

/** The text between double quotes, as it is meant; dollars are still to be looked at. */
export function unescapeDouble(text: string): string {
  return text.replaceAll(ESCAPE, (_, letter: string | undefined, octal: string | undefined) => {
    if (octal !== undefined) return characterOf(octal);
    return MEANING[letter!] ?? letter!;
  });
}

/** Three octal digits have to follow the 0; else compose only takes the 0 away. */
function characterOf(digits: string): string {
  const isWhole = /^[0-3][0-7]{2}$/.test(digits);
  return isWhole ? String.fromCharCode(parseInt(digits, 8)) : `\\${digits}`;
}

/** The text between single quotes, as it is meant: only the quote itself can be escaped. */
export function unescapeSingle(text: string): string {
  return text.replaceAll("\\'", "'");
}

/** The other way round of {@linkcode unescapeDouble}, for text without control characters. */
export function escapeDouble(text: string): string {
  return text.replaceAll(/[\\"$]/g, "\\$&");
}
