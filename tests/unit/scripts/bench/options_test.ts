import { assertEquals, assertThrows } from "@std/assert";
import { ENTRIES } from "../../../../scripts/bench/contestant.ts";
import { parseOptions } from "../../../../scripts/bench/options.ts";
import { SCENARIOS } from "../../../../scripts/bench/scenario.ts";

const ids = (all: readonly { id: string }[]) => all.map(({ id }) => id);

Deno.test("without options everything is measured", () => {
  const options = parseOptions([]);
  assertEquals(options.entries, ENTRIES);
  assertEquals(options.scenarios, SCENARIOS);
  assertEquals([options.rolls, options.releases, options.rounds], [20, 20, 5]);
  assertEquals(options.write, false);
});

Deno.test("--only and --scenarios choose, in the order of the tables", () => {
  const { entries, scenarios, rolls, releases } = parseOptions([
    "--only=fetch,nginx",
    "--scenarios",
    "get-64k,keep-1",
  ]);
  assertEquals([ids(entries), ids(scenarios)], [["nginx", "fetch"], ["keep-1", "get-64k"]]);
  assertEquals([rolls, releases], [0, 0]);
  const { rolls: none, releases: some } = parseOptions(["--scenarios=releases", "--releases=4"]);
  assertEquals([none, some], [0, 4]);
  assertEquals(parseOptions(["--scenarios=rolls"]).scenarios, []);
});

Deno.test("a name that does not exist brings the list", () => {
  assertThrows(() => parseOptions(["--only=envoy"]), TypeError, "envoy: there are direct, nginx");
  assertThrows(() => parseOptions(["--scenarios=x"]), TypeError, "there are keep-1, keep-64");
  assertThrows(() => parseOptions(["--fast"]), TypeError, "no such option");
  assertThrows(() => parseOptions(["--rounds=0"]), TypeError, "Cannot measure with --rounds 0");
});

Deno.test("only a whole run is written down", () => {
  assertEquals(parseOptions(["--write"]).write, true);
  for (const part of ["--quick", "--only=nginx", "--scenarios=rolls"]) {
    assertThrows(() => parseOptions(["--write", part]), TypeError, "Cannot write the figures");
  }
});

Deno.test("what stands after -- is for liveroll", () => {
  const options = parseOptions(["--quick", "--", "--log-level=debug"]);
  assertEquals([options.rounds, options.flags], [1, ["--log-level=debug"]]);
});

Deno.test("direct mode is measured with everything, and alone when asked for", () => {
  assertEquals(parseOptions([]).directMode, true);
  assertEquals(parseOptions(["--scenarios=rolls"]).directMode, false);
  const { directMode, rolls, scenarios } = parseOptions(["--scenarios=direct"]);
  assertEquals([directMode, rolls, scenarios], [true, 0, []]);
});
