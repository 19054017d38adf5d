import { assertEquals, assertStringIncludes } from "@std/assert";
import { ProxyErrors } from "../../../../src/commands/run/proxy_errors.ts";
import { AcceptError, PreludeError } from "../../../../src/proxy/operational_error.ts";
import { recordingLog } from "../../platform/recording_log.ts";
import { ManualClock } from "../../proxy/manual_clock.ts";

Deno.test("trouble from outside is told by its message, each kind every ten seconds", async () => {
  const log = recordingLog();
  const clock = new ManualClock();
  const { report } = new ProxyErrors(log, clock);
  report(new PreludeError("10.0.0.1"));
  report(new PreludeError("10.0.0.2"));
  report(new AcceptError(new Error("Too many open files")));
  await clock.advance(10_000);
  report(new PreludeError("10.0.0.3"));
  assertEquals(log.messages(), [
    "Cannot serve the trusted peer 10.0.0.1: it sent no valid PROXY protocol header",
    "Cannot accept connections: Too many open files",
    "Cannot serve the trusted peer 10.0.0.3: it sent no valid PROXY protocol header",
  ]);
  // What one peer does wrong is no error of the service.
  assertEquals(log.entries.map(({ level }) => level), ["warn", "error", "warn"]);
});

Deno.test("bugs are told with their stack, every time", () => {
  const log = recordingLog();
  const { report } = new ProxyErrors(log, new ManualClock());
  for (let n = 0; n < 2; n++) report(new TypeError("oops"));
  assertEquals(log.entries.length, 2);
  assertStringIncludes(log.messages()[0] ?? "", "proxy_errors_test.ts");
});
