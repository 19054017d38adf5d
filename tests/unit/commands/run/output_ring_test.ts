import { assertEquals } from "@std/assert";
import { OutputRing } from "../../../../src/commands/run/output_ring.ts";
import type { OutputLine } from "../../../../src/control/operator.ts";

function setUp() {
  const ring = new OutputRing(() => Date.UTC(2026, 0, 2));
  const push = (line: string, roll = 1, stream: "stdout" | "stderr" = "stdout") =>
    ring.push({ key: `i${roll}`, id: `v${roll}`, port: 9100 + roll, stream, line });
  const texts = (roll: number | null, limit: number) =>
    ring.newest({ roll, limit }).map(({ line }) => line);
  return { ring, push, texts };
}

Deno.test("a line is kept with its time, its stream, and the roll that its instance came with", () => {
  const { ring, push } = setUp();
  push("hello", 12, "stderr");
  assertEquals(ring.newest({ roll: null, limit: 10 }), [{
    at: "2026-01-02T00:00:00.000Z",
    roll: 12,
    id: "v12",
    port: 9112,
    stream: "stderr",
    line: "hello",
  }]);
});

Deno.test("nothing was printed: there is nothing to tell", () => {
  const { ring } = setUp();
  assertEquals(ring.newest({ roll: null, limit: 10 }), []);
});

for (
  const [roll, limit, expected] of [
    [null, 10, ["a1", "b2", "c1", "d2"]],
    [null, 2, ["c1", "d2"]],
    [1, 10, ["a1", "c1"]],
    [1, 1, ["c1"]],
    [2, 10, ["b2", "d2"]],
    [3, 10, []],
  ] as const
) {
  Deno.test(`the newest ${limit} lines of ${roll === null ? "all" : `roll ${roll}`}, oldest first`, () => {
    const { push, texts } = setUp();
    for (const line of ["a1", "b2", "c1", "d2"]) push(line, Number(line[1]));
    assertEquals(texts(roll, limit), [...expected]);
  });
}

for (const count of [1_999, 2_000, 2_001, 4_000, 4_001, 9_999]) {
  Deno.test(`of ${count} lines the newest two thousand can be had, however many are asked for`, () => {
    const { push, texts } = setUp();
    for (let i = 1; i <= count; i++) push(`${i}`);
    const lines = texts(null, 100_000);
    assertEquals(lines.length, Math.min(count, 2_000));
    assertEquals([lines[0], lines.at(-1)], [`${Math.max(1, count - 1_999)}`, `${count}`]);
  });
}

Deno.test("a line of a megabyte is cut", () => {
  const { texts, push } = setUp();
  push("x".repeat(1_000_000));
  assertEquals(texts(null, 1)[0]?.length, 4_000);
});

Deno.test("whoever listens is told of every line from then on, until disposed of", () => {
  const { ring, push } = setUp();
  const heard: OutputLine[] = [];
  push("before");
  const listener = ring.onOutput((line) => heard.push(line));
  push("during");
  listener[Symbol.dispose]();
  push("after");
  assertEquals(heard.map(({ line }) => line), ["during"]);
});

Deno.test("listeners are told of a flood in full: nothing is cut away before they heard it", () => {
  const { ring, push } = setUp();
  let heard = 0;
  using _ = ring.onOutput(() => void heard++);
  for (let i = 0; i < 10_000; i++) push("x");
  assertEquals(heard, 10_000);
});
