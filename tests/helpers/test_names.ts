/** A text as the language has it, in any of its quotes. */
const TEXT = "(?:\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|`(?:[^`\\\\]|\\\\.)*`)";

/** What begins a test or a step of one; some files have a function `test` that does. */
const BEGIN = String
  .raw`(?:\bDeno\.test(?:\.ignore)?|\.step|(?<![.\w])test)\(\s*(?:\{\s*name:\s*)?`;

const NAMED = new RegExp(`${BEGIN}(${TEXT}(?:\\s*\\+\\s*${TEXT})*)`, "gs");

/**
 * What the tests and steps in `source` are called. A name that is put together is told as it is
 * written, with `${…}` in it.
 */
export function testNames(source: string): string[] {
  const code = source.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, "");
  return [...code.matchAll(NAMED)].map(([, name = ""]) =>
    [...name.matchAll(new RegExp(TEXT, "gs"))].map(([text]) => unquoted(text)).join("")
  );
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(.)/gs, "$1");
}
