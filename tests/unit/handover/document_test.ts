// What docs/self-upgrade.md promises of sockets is shown by tests, which are looked for here.
import { assertEquals } from "@std/assert";
import { assertShown, fileText, rowsBelow } from "../../helpers/document.ts";

const SOURCES = new URL("../../../src/", import.meta.url).pathname;
const GUIDE = fileText("docs/self-upgrade.md");

Deno.test("docs/self-upgrade.md: every rule of sockets is shown by a test", () => {
  const rules = rowsBelow(GUIDE, "Rules, and what shows them");
  assertEquals(new Set(rules.map(([rule]) => rule)).size, 10);
  assertShown(rules);
});

Deno.test("docs/self-upgrade.md: every promise of direct mode is shown by a test", () => {
  const promises = rowsBelow(GUIDE, "What shows it");
  assertEquals(promises.length, 21);
  assertShown(promises);
});

Deno.test("foreign functions are nowhere but in src/handover", async () => {
  assertEquals((await filesWith("dlopen")).filter((path) => !path.startsWith("handover/")), []);
});

Deno.test("no socket shares its port with another one", async () => {
  assertEquals(await filesWith("reusePort"), []);
  assertEquals(await filesWith("SO_REUSEPORT"), []);
});

/** Sources in which a word is. */
async function filesWith(word: string, directory = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${SOURCES}${directory}`)) {
    const path = directory + name;
    if (isDirectory) found.push(...await filesWith(word, `${path}/`));
    else if ((await Deno.readTextFile(SOURCES + path)).includes(word)) found.push(path);
  }
  return found;
}
