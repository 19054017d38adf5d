import { assertEquals } from "@std/assert";
import type { Inside, Notices } from "../../../src/health/inside.ts";
import { notifyProbe } from "../../../src/health/notify_probe.ts";
import { instanceAt } from "./instance.ts";

const NEVER = new AbortController().signal;

function hearing(notices: Notices | null): Inside {
  return { run: () => Promise.reject(new Error("no commands here")), notices: () => notices };
}

Deno.test("notifyProbe is content when the instance says that it is ready", async () => {
  const probe = notifyProbe(hearing({ ready: true, status: "up" }));
  assertEquals(await probe(instanceAt(1), NEVER), { healthy: true });
});

Deno.test("notifyProbe says what the instance said while it is not ready", async () => {
  const silent = await notifyProbe(hearing({ ready: false, status: null }))(instanceAt(1), NEVER);
  assertEquals(silent, { healthy: false, detail: "not ready yet" });
  const busy = notifyProbe(hearing({ ready: false, status: "loading 3 of 9" }));
  const result = await busy(instanceAt(1), NEVER);
  assertEquals(result, { healthy: false, detail: "not ready yet: loading 3 of 9" });
});

Deno.test("notifyProbe does not count what an instance said before it ended", async () => {
  const ready = notifyProbe(hearing({ ready: true, status: null }));
  const gone = { ...instanceAt(1), exit: { code: 0, signal: null } };
  assertEquals(await ready(gone, NEVER), { healthy: false, detail: "it has ended" });
  const stopped = notifyProbe(hearing(null));
  assertEquals(await stopped(instanceAt(1), NEVER), { healthy: false, detail: "it has ended" });
});
