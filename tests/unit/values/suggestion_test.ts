import { assertEquals } from "@std/assert";
import { suggestion } from "../../../src/values/suggestion.ts";

Deno.test("suggestion() keeps silent when nothing is near", () => {
  const words = ["interval", "port", "id"];
  const table: [word: string, expected: string | null][] = [
    ["intervall", "interval"],
    ["INTERVAL", "interval"],
    ["intrvl", "interval"],
    ["prt", "port"],
    ["idd", "id"],
    ["xy", null],
    ["timeout", null],
    ["", null],
    ["x".repeat(100_000), null],
  ];
  for (const [word, expected] of table) assertEquals(suggestion(word, words), expected, word);
  assertEquals(suggestion("a", []), null);
});
