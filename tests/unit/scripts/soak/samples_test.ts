import { assertEquals } from "@std/assert";
import { noCounts, noReport, total } from "../../../../scripts/soak/outcome.ts";
import { complaintsAbout, growthOf, type Sample } from "../../../../scripts/soak/samples.ts";

const MIB = 1024 * 1024;

function samples(...memory: number[]): Sample[] {
  return memory.map((mebibytes, n) => ({
    seconds: 10 * n,
    rolls: 5 * n,
    memoryBytes: mebibytes * MIB,
    files: 30 + n,
  }));
}

Deno.test("growth is the last third against the first one, peaks aside", () => {
  const growth = growthOf(samples(80, 500, 82, 90, 90, 90, 90, 84, 900, 86));
  assertEquals(growth, { memoryBytes: 4 * MIB, files: 7 });
  assertEquals(complaintsAbout(growth), []);
});

Deno.test("a leak is complained about", () => {
  const growth = growthOf(samples(80, 85, 90, 95, 100, 105, 110, 115, 120));
  assertEquals(complaintsAbout(growth), ["memory grew by 30.0 MiB"]);
  assertEquals(complaintsAbout({ memoryBytes: 0, files: 16 }), ["open files grew by 16"]);
});

Deno.test("what is too short to be compared is no leak", () => {
  assertEquals(complaintsAbout(growthOf(samples(80, 200))), []);
});

Deno.test("outcomes of all kinds of clients are added up", () => {
  const kinds = { a: { ...noCounts(), ok: 2 }, b: { ...noCounts(), ok: 3, failed: 1 } };
  assertEquals(total({ ...noReport(), kinds }), { ...noCounts(), ok: 5, failed: 1 });
});
