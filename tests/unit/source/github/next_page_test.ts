import { assertEquals } from "@std/assert";
import { nextPage } from "../../../../src/source/github/next_page.ts";

const BASE = "https://api.example/list?page=1";

const LINKS: readonly [string | null, string | null][] = [
  [null, null],
  ["", null],
  ['<https://api.example/list?page=9>; rel="last"', null],
  ['<https://api.example/list?page=2>; rel="next"', "https://api.example/list?page=2"],
  [
    '<https://api.example/list?page=1>; rel="prev", <https://api.example/list?page=3>; rel="next"',
    "https://api.example/list?page=3",
  ],
  ["</list?page=2>; rel=next", "https://api.example/list?page=2"],
  ['</a,b>; title="x"; rel="last next"', "https://api.example/a,b"],
  ['<http://[>; rel="next"', null],
];

for (const [link, expected] of LINKS) {
  Deno.test(`the next page of ${JSON.stringify(link)} is ${expected}`, () => {
    assertEquals(nextPage(link, BASE), expected);
  });
}
