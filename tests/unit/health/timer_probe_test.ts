import { assertEquals } from "@std/assert";
import { timerProbe } from "../../../src/health/timer_probe.ts";
import type { Instance } from "../../../src/roll/instance.ts";

const FOREVER = new AbortController().signal;
const instance = (exit: Instance["exit"] = null) => ({ exit }) as Instance;

Deno.test("a timer takes an instance for well when it has lived for long enough", async () => {
  let now = 5_000;
  const probe = timerProbe(1_000, { now: () => now });
  const one = instance();
  assertEquals(await probe(one, FOREVER), {
    healthy: false,
    detail: "it has lived for 0 ms only",
  });
  now += 999;
  assertEquals(await probe(one, FOREVER), {
    healthy: false,
    detail: "it has lived for 999 ms only",
  });
  now += 1;
  assertEquals(await probe(one, FOREVER), { healthy: true });
  assertEquals((await probe(instance(), FOREVER)).healthy, false);
});

Deno.test("a timer takes nobody for well who has ended", async () => {
  const probe = timerProbe(1, { now: () => 0 });
  const ended = instance({ code: 0, signal: null });
  assertEquals(await probe(ended, FOREVER), { healthy: false, detail: "it has ended" });
});
