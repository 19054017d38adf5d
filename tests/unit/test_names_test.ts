import { assertEquals } from "@std/assert";
import { testNames } from "../helpers/test_names.ts";

const SOURCE = `
// Deno.test("in a comment", () => {});
/** Deno.test("in another one", () => {}) */
const OTHER = { name: "no test", test: "nor this" };
Deno.test("plain", () => {});
Deno.test('says "so"', async (t) => {
  await t.step("one step", () => {});
  assertMatch("what it prints", /plain test/);
});
Deno.test({
  name: \`told by \${protocol} \` +
    "in two parts",
  fn() {},
});
function test(name: string) {
  Deno.test(name, () => {});
}
test("by a function", () => {});
/x/.test("what an expression is tried on");
`;

Deno.test("testNames() are the names of tests and steps, and no other texts", () => {
  assertEquals(testNames(SOURCE), [
    "plain",
    'says "so"',
    "one step",
    "told by ${protocol} in two parts",
    "by a function",
  ]);
});
