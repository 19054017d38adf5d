import { assertEquals } from "@std/assert";
import { conformanceTable, tableIn } from "../../scripts/docs/conformance_table.ts";
import { CHECKLIST, HTTP_ENGINES } from "./checklist.ts";
import { collect, type Declared } from "./item.ts";

const FOLDER = new URL("./", import.meta.url);

/** Every test that is declared by item, in whatever file. */
function declarations(): Promise<readonly Declared[]> {
  return collect(async () => {
    for await (const { name } of Deno.readDir(FOLDER)) {
      if (!name.endsWith("_test.ts") || name === "table_test.ts") continue;
      const file = new URL(name, FOLDER);
      if ((await Deno.readTextFile(file)).includes('from "./item.ts"')) await import(file.href);
    }
  });
}

Deno.test("every item has a test for every engine that claims something of it", async () => {
  const declared = await declarations();
  for (const engine of HTTP_ENGINES) {
    const tested = new Set(
      declared.filter((test) => test.engine === engine).flatMap(({ numbers }) => numbers),
    );
    const claimed = CHECKLIST.filter(({ verdicts }) => verdicts[engine].level !== "no");
    const untested = claimed.filter(({ number }) => !tested.has(number));
    assertEquals(untested.map(({ number }) => number), [], engine);
  }
});

Deno.test("the checklist has 72 items, each of them met by the relay or decided", () => {
  const short = CHECKLIST.filter(({ verdicts }) =>
    !["met", "decided"].includes(verdicts.relay.level)
  );
  assertEquals([CHECKLIST.length, short.map(({ number }) => number)], [72, []]);
});

Deno.test("the table in docs/proxy.md is that of the checklist, nothing fails", async () => {
  const markdown = await Deno.readTextFile(new URL("../../docs/proxy.md", import.meta.url));
  assertEquals(tableIn(markdown), conformanceTable());
});
