import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { readReport } from "../../../../scripts/docs/conformance_run.ts";
import {
  conformanceTable,
  tableIn,
  withTable,
} from "../../../../scripts/docs/conformance_table.ts";

const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="4" failures="2" errors="0" time="1">
  <testsuite name="./tests/conformance/a_test.ts" tests="4" disabled="0" errors="0" failures="2">
    <testcase name="item 01 [relay] a &gt; b" classname="./a_test.ts" time="0.1" line="1" col="1">
    </testcase>
    <testcase name="item 27 item 28 [relay] c" classname="./a_test.ts" time="0.1" line="1" col="1">
      <failure message="Uncaught Error">Error: item 99 [fetch]</failure>
    </testcase>
    <testcase name="item 03 [fetch] d" classname="./a_test.ts" time="0.1" line="1" col="1"/>
    <testcase name="R4 e [fetch]" classname="./a_test.ts" time="0.1" line="1" col="1">
      <failure message="x"/>
    </testcase>
  </testsuite>
</testsuites>`;

Deno.test("a report tells which items fail for which engine", () => {
  const { tests, failed, failures } = readReport(REPORT);
  assertEquals([tests, failed], [4, ["item 27 item 28 [relay] c", "R4 e [fetch]"]]);
  assertEquals([[...failures.relay], [...failures.fetch]], [[27, 28], []]);
});

Deno.test("an item with a failing test is shown as failing", () => {
  const { failures } = readReport(REPORT);
  const lines = conformanceTable(failures).split("\n");
  assertMatch(lines.find((line) => line.startsWith("| 27 ")) ?? "", /\| ○ failing \| ● +\|$/);
  assertMatch(lines.find((line) => line.startsWith("| 26 ")) ?? "", /\| ● +\| ● +\|$/);
});

Deno.test("a table goes between its markers and nowhere else", async () => {
  const markdown = await Deno.readTextFile(new URL("../../../../docs/proxy.md", import.meta.url));
  const other = withTable(markdown, "| new |");
  assertEquals(tableIn(other), "| new |");
  assertEquals(withTable(other, tableIn(markdown)), markdown);
  assertThrows(() => withTable("# none", "| new |"), TypeError, "Cannot find the lines");
});

Deno.test("the table is formatted as deno fmt does it", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext=md", "--line-width=100", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const table = conformanceTable();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(table));
  await writer.close();
  assertEquals(new TextDecoder().decode((await child.output()).stdout).trim(), table);
});
