import { assertEquals, assertStringIncludes } from "@std/assert";
import { ProcessRuntime } from "../../../src/runtime/process.ts";
import { PublicSockets } from "../../../src/runtime/public_sockets.ts";
import { hintAtUnusedSocket } from "../../../src/runtime/unused_socket.ts";
import { recordingLog } from "../platform/recording_log.ts";
import { identity } from "./identity.ts";
import { runtimeOptions } from "./runtime_options.ts";

const SAID = {
  node: "Error: listen EADDRINUSE: address already in use 0.0.0.0:8080",
  python: "OSError: [Errno 98] Address already in use",
  go: "listen tcp :8080: bind: address already in use",
};

function ended(...lines: string[]) {
  const exited = Promise.resolve({ code: 1, signal: null });
  return { id: "v1", port: 9101, exited, lastLines: () => lines };
}

for (const [language, line] of Object.entries(SAID)) {
  Deno.test(`who binds the public port itself is told what to do instead (${language})`, async () => {
    const log = recordingLog();
    await hintAtUnusedSocket(ended("starting", line), log);
    assertEquals(log.entries.length, 1);
    assertStringIncludes(JSON.stringify(log.entries), "v1@9101 wanted to bind an address");
  });
}

Deno.test("who ends for another reason is told nothing of sockets", async () => {
  const log = recordingLog();
  await hintAtUnusedSocket(ended("panic: no database"), log);
  assertEquals(log.entries, []);
});

Deno.test("a child that was given the public sockets is looked at when it ends", async () => {
  const held = { list: [], lend: <T>(start: () => T) => start(), isHeldBy: () => null };
  const lender = { ...held, lendAsInput: held.lend };
  const log = recordingLog();
  const runtime = new ProcessRuntime({
    ...runtimeOptions({ exec: `echo '${SAID.node}'; exit 1`, childLogs: "capture" }),
    sockets: new PublicSockets(lender, "server-starter", { bash: null }),
    log,
  });
  const instance = await runtime.start({ ...identity(), id: "v1", port: 9101 });
  await instance.exited;
  await runtime.stopAll();
  assertStringIncludes(JSON.stringify(log.entries), "socket.unused");
});
