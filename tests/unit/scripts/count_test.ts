import { assertEquals, assertThrows } from "@std/assert";
import { count } from "../../../scripts/lib/count.ts";

Deno.test("count() reads whole numbers and knows what to take without one", () => {
  assertEquals([count("seeds", "17", 1), count("seeds", undefined, 5)], [17, 5]);
});

Deno.test("count() refuses everything else, so that no run passes because it did nothing", () => {
  for (const text of ["", "0", "-1", "1.5", "1e3", "abc", " 1", "9999999999"]) {
    assertThrows(() => count("seeds", text, 1), TypeError, "Cannot read --seeds");
  }
});
