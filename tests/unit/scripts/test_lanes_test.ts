import { assert, assertEquals } from "@std/assert";
import { allTests } from "../../../scripts/lib/test_lanes.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

Deno.test("every test of this project is run once", async () => {
  const paths = (await allTests(ROOT)).flat(2);
  assertEquals(new Set(paths).size, paths.length);
  const own = new URL(import.meta.url).pathname.replace(ROOT, "");
  assert(paths.includes(own), own);
  for await (const { name } of Deno.readDir(`${ROOT}tests/e2e`)) {
    if (name.endsWith("_test.ts")) assert(paths.includes(`tests/e2e/${name}`), name);
  }
  for (const folder of ["unit", "platform", "conformance", "fuzz", "simulation"]) {
    assert(paths.some((path) => path.startsWith(`tests/${folder}`)), folder);
  }
});

Deno.test("the fast ones come first, by themselves, in two lanes of the same length", async () => {
  const [first = []] = await allTests(ROOT);
  assert(first.flat().every((path) => /^tests\/(unit|platform)\//.test(path)));
  assertEquals(first.length, 2);
  const [less = 0, more = 0] = first.map((lane) => lane.length).toSorted((a, b) => a - b);
  const isLong = first.map((lane) => lane.some((path) => path.endsWith("/simulation_test.ts")));
  assertEquals(isLong.indexOf(true), first.findIndex((lane) => lane.length === less));
  assert(more - less > 25 && more - less < 35, `${less} and ${more}`);
});

Deno.test("what looks at the whole machine is in one lane", async () => {
  const [, slow = []] = await allTests(ROOT);
  const lanesOf = (name: string) => slow.flatMap((lane, index) => lane.includes(name) ? index : []);
  const engine = lanesOf("tests/e2e/docker_test.ts");
  assertEquals(lanesOf("tests/e2e/systemd_nspawn_test.ts"), engine);
  assertEquals(lanesOf("tests/e2e/state_disk_test.ts"), engine);
  assertEquals(lanesOf("tests/e2e/page_test.ts"), engine);
  assertEquals(lanesOf("tests/e2e/metrics_test.ts"), engine);
  assert(lanesOf("tests/e2e/roll_test.ts").join() !== engine.join());
});
