import { assertEquals } from "@std/assert";
import { sum, TestLog } from "../../../scripts/lib/test_log.ts";

function read(text: string): TestLog {
  const log = new TestLog();
  for (const line of text.split("\n")) log.read(line);
  return log;
}

const ENDINGS: [string, { passed: number; failed: number; skipped: number }][] = [
  ["ok | 5 passed | 0 failed (8ms)", { passed: 5, failed: 0, skipped: 0 }],
  ["ok | 5 passed (1 step) | 0 failed | 1 ignored (8ms)", { passed: 5, failed: 0, skipped: 1 }],
  ["FAILED | 0 passed (2 steps) | 1 failed (3 steps) | 2 ignored | 1 filtered out (1m6s)", {
    passed: 0,
    failed: 1,
    skipped: 2,
  }],
];

for (const [line, counts] of ENDINGS) {
  Deno.test(`TestLog reads ${JSON.stringify(line)}`, () => {
    assertEquals(read(line).counts, counts);
  });
}

Deno.test("TestLog pairs skipped tests with their reasons, file by file and in order", () => {
  const log = read(`skipped: tests/e2e/a_test.ts: needs root
skipped: tests/e2e/a_test.ts: dockerd not installed: twice
skipped: tests/e2e/b_test.ts: needs Linux, this is darwin
running 3 tests from ./tests/e2e/a_test.ts
first ... ignored (0ms)
between ... ok (1ms)
  a step ... ignored (0ms)
second ... ignored (0ms)
running 2 tests from ./tests/e2e/b_test.ts
third ... ignored (0ms)
fourth ... ignored (0ms)
running 1 test from ./tests/e2e/c_test.ts
fifth ... ignored (0ms)`);
  assertEquals(log.skipped(), [
    { file: "tests/e2e/a_test.ts", name: "first", why: "needs root" },
    { file: "tests/e2e/a_test.ts", name: "second", why: "dockerd not installed: twice" },
    { file: "tests/e2e/b_test.ts", name: "third", why: "needs Linux, this is darwin" },
    { file: "tests/e2e/b_test.ts", name: "fourth", why: "needs Linux, this is darwin" },
    { file: "tests/e2e/c_test.ts", name: "fifth", why: "no reason given" },
  ]);
});

Deno.test("TestLog keeps what was told at the end about failed tests, for it to be said once more", () => {
  const end = ` ERRORS 

two => ./tests/unit/a_test.ts:2:6
error: Error: x

 FAILURES 

two => ./tests/unit/a_test.ts:2:6

FAILED | 1 passed | 1 failed (8ms)`;
  const log = read(`one ... ok (1ms)\ntwo ... FAILED (1ms)\n\n${end}`);
  assertEquals(log.failures.join("\n"), end);
  assertEquals(read("one ... ok (1ms)\n\nok | 1 passed | 0 failed (8ms)").failures, []);
});

Deno.test("TestLog has no counts when the run broke off", () => {
  assertEquals(read("error: Type checking failed.").counts, null);
});

Deno.test("sum() adds up and counts a broken run as a failure", () => {
  const one = { passed: 2, failed: 0, skipped: 1 };
  assertEquals(sum([one, null, one]), { passed: 4, failed: 1, skipped: 2 });
});
