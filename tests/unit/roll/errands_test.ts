import { assertEquals } from "@std/assert";
import { Errands } from "../../../src/roll/errands.ts";

Deno.test("the end waits for all that runs, and each end is told", async () => {
  const told: string[] = [];
  const errands = new Errands(() => told.push("ended"));
  const [check, roll] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  for (const { promise } of [check, roll]) errands.add(promise);
  const end = errands.settled().then(() => told.push("settled"));
  check.resolve();
  await check.promise;
  assertEquals(told, ["ended"]);
  roll.resolve();
  await end;
  assertEquals(told, ["ended", "ended", "settled"]);
});

Deno.test("what has ended is not waited for, and nothing running is no reason to wait", async () => {
  const errands = new Errands(() => {});
  await errands.settled();
  errands.add(Promise.resolve());
  await errands.settled();
});
