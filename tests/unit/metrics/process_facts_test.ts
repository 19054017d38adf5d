import { assert, assertEquals } from "@std/assert";
import { processFacts } from "../../../src/metrics/process_facts.ts";
import { linux, needs } from "../../helpers/skip.ts";

Deno.test("the process is described as it is", () => {
  const { startedAt, cpuSeconds, residentBytes } = processFacts();
  const ageSeconds = Date.now() / 1000 - startedAt;
  assert(ageSeconds > 0 && ageSeconds < 86_400, `${ageSeconds}`);
  assert(cpuSeconds > 0, `${cpuSeconds}`);
  assert(residentBytes > 10_000_000, `${residentBytes}`);
});

Deno.test({
  name: "files that are opened are counted",
  ...needs(linux()),
  async fn() {
    const { openFds: before, maxFds } = processFacts();
    const files = Array.from({ length: 50 }, () => Deno.openSync("/dev/null"));
    const { openFds: after } = processFacts();
    for (const file of files) file.close();
    assertEquals(after! - before! >= 50, true, `${before} -> ${after}`);
    const list = await Array.fromAsync(Deno.readDir("/proc/self/fd"));
    assert(Math.abs(list.length - 1 - processFacts().openFds!) <= 2);
    assert(maxFds! >= after!);
  },
});
