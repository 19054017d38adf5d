import { assertEquals } from "@std/assert";
import { ComposeError } from "../../../../src/compose/program/compose_error.ts";
import { EngineError } from "../../../../src/container/engine/engine_error.ts";
import { OutageError } from "../../../../src/roll/effects.ts";
import { asOutage } from "../../../../src/runtime/container/outage.ts";

const engine = (reason: string) => new EngineError("start container web-1", "failed", reason, 500);
const compose = (line: string) => new ComposeError("up", "failed", { code: 1, lastLines: [line] });

/** What went wrong, and whether the version is to blame. */
const TABLE: readonly [Error, boolean][] = [
  [engine("mkdir /var/lib/docker/overlay2/a: no space left on device"), false],
  [engine("Bind for 127.0.0.1:8080 failed: port is already allocated"), false],
  [engine("listen tcp4 127.0.0.1:80: bind: address already in use"), false],
  [engine("fork/exec /usr/bin/runc: cannot allocate memory"), false],
  [engine("open /dev/null: too many open files"), false],
  [compose("Error response from daemon: write /x: disk quota exceeded"), false],
  [new Error("write /var/lib/liveroll/x: Input/output error (os error 5)"), false],
  [new DOMException("Signal timed out.", "TimeoutError"), false],
  [new OutageError("the engine is away"), false],
  [engine('exec: "app": executable file not found in $PATH'), true],
  [compose("service web has no image"), true],
  [new Error("it has been stopped"), true],
];

for (const [error, isFault] of TABLE) {
  const who = isFault ? "the version's" : "nobody's";
  Deno.test(`${who} fault: ${error.message}`, () => {
    assertEquals(asOutage(error) === null, isFault);
  });
}

Deno.test("what is no error at all is nobody's excuse", () => {
  assertEquals(asOutage("no space left on device"), null);
});
