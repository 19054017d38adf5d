import { assert, assertEquals } from "@std/assert";
import { allTests } from "../../../scripts/lib/test_lanes.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

Deno.test("every test of this project is run once", async () => {
  const stages = await allTests(ROOT);
  const paths = stages.flat(2);
  assertEquals(new Set(paths).size, paths.length);
  for await (const { name } of Deno.readDir(`${ROOT}tests/e2e`)) {
    if (name.endsWith("_test.ts")) assert(paths.includes(`tests/e2e/${name}`), name);
  }
  for (const folder of ["unit", "platform", "conformance", "fuzz", "simulation"]) {
    assert(paths.includes(`tests/${folder}`), folder);
  }
});

Deno.test("the fast ones come first, by themselves", async () => {
  const [first] = await allTests(ROOT);
  assertEquals(first, [["tests/platform", "tests/unit"]]);
});

Deno.test("what looks at the whole machine is in one lane", async () => {
  const [, slow = []] = await allTests(ROOT);
  const lanesOf = (name: string) => slow.flatMap((lane, index) => lane.includes(name) ? index : []);
  const engine = lanesOf("tests/e2e/docker_test.ts");
  assertEquals(lanesOf("tests/e2e/systemd_nspawn_test.ts"), engine);
  assertEquals(lanesOf("tests/e2e/state_disk_test.ts"), engine);
  assert(lanesOf("tests/e2e/roll_test.ts").join() !== engine.join());
});
