import { assertEquals } from "@std/assert";
import { surplus } from "../../../../src/data/snapshot/retention.ts";

/** What there is, the newest first; what may stay, what is in use; what goes. */
const CASES: readonly [bytes: number[], count: number, max: number, inUse: string, gone: string][] =
  [
    [[], 3, 100, "", ""],
    [[10, 10, 10], 3, 100, "", ""],
    [[10, 10, 10, 10], 3, 100, "", "d"],
    [[10, 10, 10], 9, 20, "", "c"],
    [[10, 15, 5], 9, 20, "", "bc"],
    [[500], 9, 100, "", ""],
    [[500, 1, 1], 9, 100, "", "bc"],
    [[1, 1], 0, 100, "", "b"],
    [[10, 10, 10, 10], 1, 100, "c", "bd"],
  ];

for (const [bytes, count, max, inUse, gone] of CASES) {
  const what = `${bytes} bytes, ${count} of ${max} allowed, in use: ${inUse || "none"}`;
  Deno.test(`surplus() of ${what} is ${gone || "nothing"}`, () => {
    const snapshots = bytes.map((bytes, index) => ({ id: "abcdefghi"[index]!, bytes }));
    const found = surplus(snapshots, { count, bytes: max }, new Set(inUse));
    assertEquals(found.map(({ id }) => id).join(""), gone);
  });
}
