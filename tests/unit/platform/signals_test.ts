import { assertEquals } from "@std/assert";
import { onSignals, type SignalName } from "../../../src/platform/signals.ts";
import { until } from "./processes.ts";

// Not INT: the test runner listens for it too, and stops.
const NAMES: readonly SignalName[] = ["TERM", "QUIT", "HUP", "USR2"];

Deno.test("onSignals calls the handler of each signal until it is disposed", async () => {
  const heard: string[] = [];
  const hear = (name: SignalName) => () => heard.push(name);
  {
    using _signals = onSignals(Object.fromEntries(NAMES.map((name) => [name, hear(name)])));
    for (const name of NAMES) Deno.kill(Deno.pid, `SIG${name}`);
    await until(() => heard.length === NAMES.length);
  }
  assertEquals(heard.toSorted(), NAMES.toSorted());
});
