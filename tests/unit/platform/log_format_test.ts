import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import {
  journaldFormat,
  jsonFormat,
  type LogEntry,
  textFormat,
} from "../../../src/platform/log_format.ts";

const TIME = "2026-01-02T03:04:05.678Z";
const text = textFormat();

function entry(extra: Partial<LogEntry> = {}): LogEntry {
  const timestamp = Date.parse(TIME);
  return {
    timestamp,
    level: "info",
    logger: "roll",
    message: "Switched",
    properties: {},
    ...extra,
  };
}

Deno.test("textFormat shows time, level, who, what and the facts", () => {
  const properties = { id: "v2", port: 9101, detail: "exit status 1", none: undefined, no: null };
  assertEquals(
    text(entry({ properties })),
    `${TIME} INFO  roll: Switched id=v2 port=9101 detail="exit status 1" no=null\n`,
  );
});

Deno.test("textFormat indents what follows the first line", () => {
  const lines = text(
    entry({ level: "error", message: "Died\nlast words", properties: { code: 1 } }),
  );
  assertEquals(lines, `${TIME} ERROR roll: Died code=1\n${TIME} ERROR     last words\n`);
});

Deno.test("textFormat colours time and level only when asked to", () => {
  assertStringIncludes(
    textFormat({ colors: true })(entry({ level: "warn" })),
    "\x1b[33mWARN \x1b[0m",
  );
  assert(!text(entry()).includes("\x1b"));
});

Deno.test("B47 a line of a child carries the version and the port that printed it", () => {
  const properties = { id: "v2", port: 9101, stream: "stderr" };
  const line = entry({ logger: "child", message: "Listening", properties });
  assertEquals(text(line), `${TIME} INFO  v2@9101 | Listening\n`);
  assertEquals(journaldFormat(line), "<6>v2@9101 | Listening\n");
});

Deno.test("the lines of a pull carry its name", () => {
  assertEquals(journaldFormat(entry({ logger: "pull", message: "50 %" })), "<6>pull | 50 %\n");
});

Deno.test("journaldFormat puts the priority in front of every line", () => {
  const lines = journaldFormat(entry({ level: "error", message: "a\nb\nc" }));
  assertEquals(lines, "<3>roll: a\n<3>    b\n<3>    c\n");
  const priorities = (["debug", "info", "warn"] as const)
    .map((level) => journaldFormat(entry({ level })).slice(0, 3));
  assertEquals(priorities, ["<7>", "<6>", "<4>"]);
});

Deno.test("jsonFormat writes one object a line with the facts at the top", () => {
  const properties = { event: "roll.switched", port: 9101, cause: new Error("no"), big: 7n };
  const line = jsonFormat(entry({ message: "a\nb", properties }));
  assertEquals(line.indexOf("\n"), line.length - 1);
  assertEquals(JSON.parse(line), {
    time: TIME,
    level: "info",
    logger: "roll",
    message: "a\nb",
    event: "roll.switched",
    port: 9101,
    cause: "no",
    big: "7",
  });
});

Deno.test("jsonFormat keeps a property from taking the place of the time or the level", () => {
  const parsed = JSON.parse(jsonFormat(entry({ properties: { time: 1, level: "x" } })));
  assertEquals([parsed.time, parsed.time_, parsed.level, parsed.level_], [TIME, 1, "info", "x"]);
});

Deno.test("a value that refers to itself does not break a line", () => {
  const value: Record<string, unknown> = {};
  value.self = value;
  for (const format of [text, jsonFormat, journaldFormat]) {
    assertStringIncludes(format(entry({ properties: { value } })), "[object Object]");
  }
});

Deno.test("no child and no value can forge a line or reach the terminal", () => {
  const nasty = fc.string({
    unit: fc.constantFrom("\n", "\r", "\x1b", "[31m", "\x9b", "\u2028", "a"),
  });
  fc.assert(fc.property(nasty, (evil) => {
    const child = entry({ logger: "child", message: evil, properties: { id: evil, port: 1 } });
    const value = entry({ properties: { evil, [evil]: 1, list: [evil] } });
    for (const format of [text, journaldFormat, jsonFormat]) {
      for (const line of [format(child), format(value)]) {
        assertEquals(line.split(/[\n\r\u0085]/).length, 2, line);
        // deno-lint-ignore no-control-regex -- they are what must not be there
        assert(!/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(line), JSON.stringify(line));
      }
    }
  }));
});

Deno.test("the colours of a child are left out", () => {
  const line = entry({ logger: "child", message: "\x1b[31mred\x1b[0m\tend", properties: {} });
  assertEquals(journaldFormat(line), "<6>child | red\tend\n");
});

Deno.test("for people an event is its message alone; machines get its facts", () => {
  const entry = {
    timestamp: 0,
    level: "info" as const,
    logger: "roll",
    message: "Roll 1 to v2 began",
    properties: { event: "roll.started", roll: 1 },
  };
  assertEquals(journaldFormat(entry), "<6>roll: Roll 1 to v2 began\n");
  assertEquals(JSON.parse(jsonFormat(entry)).roll, 1);
});
