import { assert } from "@std/assert";
import { testNames } from "./test_names.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** The text of a file of this repository. */
export function fileText(path: string): string {
  return Deno.readTextFileSync(ROOT + path);
}

/** The rows of the first table below a heading, cell by cell. */
export function rowsBelow(document: string, heading: string): string[][] {
  const text = document.split(`# ${heading}\n`)[1]?.split(/\n#+ /)[0] ?? "";
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** What stands between the first backticks. */
function codeIn(text: string): string {
  return /`([^`]+)`/.exec(text)?.[1] ?? "";
}

/** The examples of a document: what follows `<!-- MARK: NAME -->`, a script and what it prints. */
export function examplesIn(
  document: string,
  mark: string,
): { name: string; script: string; expected: string }[] {
  const examples = new RegExp(
    `<!-- ${mark}: (\\S+) -->\\n+\`\`\`sh\\n(.*?)\`\`\`\\n+\`\`\`text\\n(.*?)\`\`\``,
    "gs",
  );
  return [...document.matchAll(examples)].map(([, name = "", script = "", expected = ""]) => (
    { name, script, expected }
  ));
}

/** Fails unless the last two cells of every row are a file and what a test or step in it is called. */
export function assertShown(rows: readonly string[][]): void {
  for (const row of rows) {
    const [what = "", file = "", test = ""] = [row[0], ...row.slice(-2)];
    assert(test !== "", `${what}: no test is named`);
    const isThere = testNames(fileText(codeIn(file))).some((name) => name.includes(test));
    assert(isThere, `${what}: no test in ${file} is called ${JSON.stringify(test)}`);
  }
}
