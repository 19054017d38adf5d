import { assert, assertEquals } from "@std/assert";
import { getColorEnabled, setColorEnabled, stripAnsiCode } from "@std/fmt/colors";
import type { Model } from "../../../../scripts/demo/model.ts";
import { screen } from "../../../../scripts/demo/screen.ts";
import { after, BAD_VERSION, FIRST_START, SECOND_VERSION, start, then } from "./inputs.ts";

const VIEW = { columns: 80, rows: 24, now: 11_000, address: "http://127.0.0.1:1", ending: false };

function draw(model: Model, view: Partial<typeof VIEW> = {}): string[] {
  return screen(model, { ...VIEW, ...view }).map(stripAnsiCode);
}

function lineOf(lines: readonly string[], label: string): string {
  return lines.find((line) => line.startsWith(`  ${label}`)) ?? "";
}

function busy(): Model {
  const model = after(...FIRST_START, ...SECOND_VERSION, ...BAD_VERSION);
  const samples = Array.from({ length: 400 }, (_, index) => {
    const at = 1_000 + index * 25;
    const version = at < 6_000 ? "v1" : "v2";
    return { kind: "sample", sample: { at, ok: true, version, firstByteMs: index % 10 } } as const;
  });
  return then(model, ...samples);
}

Deno.test("the screen fits whatever terminal it gets", () => {
  for (const model of [start(), busy()]) {
    for (const columns of [1, 20, 40, 80, 81, 200]) {
      for (const rows of [1, 5, 15, 23, 24, 60]) {
        const lines = draw(model, { columns, rows });
        assert(lines.length <= rows, `${lines.length} lines in ${rows} rows`);
        const widest = Math.max(...lines.map((line) => [...line].length));
        assert(widest <= columns, `${widest} wide in ${columns} columns`);
      }
    }
  }
});

Deno.test("80 by 24 shows everything at once", () => {
  const lines = draw(busy());
  assertEquals(lineOf(lines, "SERVING"), "  SERVING  ● v2  for 5.0 s   pid 1002, port 9102");
  assertEquals(lineOf(lines, "ROLL"), "  ROLL     v2 → v3   refused, v2 serves on");
  assertEquals(
    lineOf(lines, "REQUESTS"),
    "  REQUESTS 400 ok   0 failed   40/s   first byte p50 5.0 ms, p99 9.0 ms",
  );
  assertEquals(lineOf(lines, "REFUSED"), "  REFUSED  ✗ v3 it exited with code 1");
  assertEquals(lineOf(lines, "NEWS"), "  NEWS     0:10 ✗ v3 is refused: it exited with code 1");
  assert(lineOf(lines, "BY").endsWith("v2 100 %"));
  assertEquals(lines.length, 24);
  assert(lines.at(-1)?.includes("Ctrl-C"));
});

Deno.test("the timeline names who begins to answer, and who was refused", () => {
  const lines = draw(busy(), { now: 12_000 });
  const at = lines.findIndex((line) => line.startsWith("  ANSWERED"));
  const names = lines[at + 1]!;
  assertEquals(names.trim().split(/\s+/), ["v1", "v2", "✗v3"]);
  assertEquals([
    names.indexOf("v2") - names.indexOf("v1"),
    names.indexOf("✗") - names.indexOf("v2"),
  ], [10, 8]);
});

Deno.test("a failed request shows in the timeline and in the count", () => {
  const sample = { at: 10_200, ok: false, detail: "status 502" } as const;
  const lines = draw(then(busy(), { kind: "sample", sample }));
  assert(lineOf(lines, "REQUESTS").includes("1 failed"));
  assert(lineOf(lines, "ANSWERED").includes("✗"));
});

Deno.test("the step under way is marked with a spinner and the time so far", () => {
  const lines = draw(after(...FIRST_START, ...SECOND_VERSION.slice(0, 3)), { now: 5_825 });
  const at = lines.findIndex((line) => line.startsWith("  ROLL"));
  assert(lines[at]?.includes("v1 → v2   must prove that it is healthy, v1 serves on"));
  assert(/✓ start +[◐◓◑◒] gate +switch/.test(lines[at + 2]!), lines[at + 2]);
  assert(lines[at + 3]?.includes("800 ms"), lines[at + 3]);
});

Deno.test("what a version printed cannot command the terminal", () => {
  const enabled = getColorEnabled();
  setColorEnabled(false);
  try {
    const text = screen(busy(), VIEW).join("\n");
    assert(text.includes("it said: TypeError"), text);
    assertEquals(/(?!\n)\p{Cc}/u.exec(text), null);
  } finally {
    setColorEnabled(enabled);
  }
});

Deno.test("before the first version the screen says what it waits for", () => {
  const lines = draw(start());
  assertEquals(lineOf(lines, "SERVING"), "  SERVING  ○ nobody yet, requests wait");
  assertEquals(lineOf(lines, "ROLL"), "  ROLL     waiting for the first version");
});
