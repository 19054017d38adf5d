import { assertEquals } from "@std/assert";
import { selfTimes } from "../../../../scripts/bench/cpu_profile.ts";
import { parseShares, placesOf } from "../../../../scripts/bench/perf.ts";
import { ticks } from "../../../../scripts/bench/usage.ts";

Deno.test("shares of files are added up by what they belong to", () => {
  const files = parseShares(`
    68.50%  [kernel.kallsyms]
    20.25%  deno
     4.25%  libc.so.6
     4.00%  [JIT] tid 1234
     2.00%  libgcc_s.so.1
     1.00%  what is this
`);
  assertEquals(files[3], { name: "[JIT] tid 1234", share: 0.04 });
  assertEquals(placesOf(files).map(({ name, share }) => [name, share.toFixed(4)]), [
    ["kernel", "0.6850"],
    ["runtime", "0.2650"],
    ["JavaScript", "0.0400"],
    ["other", "0.0100"],
  ]);
});

Deno.test("idle time is nobody's time", () => {
  const frame = (functionName: string, url = "", lineNumber = 0) => ({
    callFrame: { functionName, url, lineNumber },
  });
  const profile = {
    nodes: [
      { id: 1, ...frame("(idle)") },
      { id: 2, ...frame("", "file:///x/src/a.ts", 8) },
      { id: 3, ...frame("read", "ext:net.js", 1) },
    ],
    samples: [1, 2, 3, 2, 1],
    timeDeltas: [100, 10, 20, 10, 100],
  };
  assertEquals(selfTimes(JSON.stringify(profile)), [
    { name: "(anonymous) src/a.ts:9", share: 0.5 },
    { name: "read ext:net.js:2", share: 0.5 },
  ]);
});

Deno.test("ticks() adds user and system time, whatever the program is called", () => {
  const stat = "7 (a) b) S 1 7 7 0 -1 4194560 100 200 0 0 30 12 1 2 20 0 1 0 5 6 7";
  assertEquals(ticks(stat), 42);
  assertEquals(ticks(""), 0);
});
