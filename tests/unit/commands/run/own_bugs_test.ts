import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { surviveOwnBugs } from "../../../../src/commands/run/own_bugs.ts";
import { recordingLog } from "../../platform/recording_log.ts";

function errorEvent(error: unknown): ErrorEvent {
  return new ErrorEvent("error", { error, cancelable: true });
}

function rejection(reason: unknown): PromiseRejectionEvent {
  const promise = Promise.resolve();
  return new PromiseRejectionEvent("unhandledrejection", { promise, reason, cancelable: true });
}

Deno.test("what nobody caught is logged with its stack, and the process goes on", () => {
  const log = recordingLog();
  using _ = surviveOwnBugs(log);
  for (const make of [errorEvent, rejection]) {
    const event = make(new TypeError("oops"));
    dispatchEvent(event);
    assert(event.defaultPrevented);
  }
  for (const { level, message, properties } of log.entries) {
    assertEquals([level, properties.event], ["error", "internal.error"]);
    assertStringIncludes(message, "Internal error, please report it: TypeError: oops");
    assertStringIncludes(message, "own_bugs_test.ts");
  }
  assertEquals(log.entries.length, 2);
});

Deno.test("what was thrown and is no error is told as it is", () => {
  const log = recordingLog();
  using _ = surviveOwnBugs(log);
  dispatchEvent(rejection("just words"));
  assertEquals(log.messages(), ["Internal error, please report it: just words"]);
});

Deno.test("once it is disposed of, nothing is kept from anybody", () => {
  const log = recordingLog();
  surviveOwnBugs(log)[Symbol.dispose]();
  // An event that somebody else hears, too: the runner of the tests must not end of it.
  for (const make of [errorEvent, rejection]) {
    const event = make("just words");
    const hear = () => event.preventDefault();
    addEventListener(event.type, hear);
    dispatchEvent(event);
    removeEventListener(event.type, hear);
  }
  assertEquals(log.entries, []);
});
