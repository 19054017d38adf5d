import { assertEquals, assertMatch } from "@std/assert";
import { ProcessRuntime } from "../../../src/runtime/process.ts";
import { freePort } from "../platform/processes.ts";
import { recordingLog } from "../platform/recording_log.ts";
import { identity } from "./identity.ts";

function runtimeWith(ports: { portOffsets?: number[]; fixedPorts?: number[] }): ProcessRuntime {
  return new ProcessRuntime({
    exec: "exec sleep 600",
    stop: null,
    stopSignal: "SIGTERM",
    stopTimeoutMs: 5_000,
    childHost: "127.0.0.1",
    healthcheck: { kind: "tcp" },
    healthPortOffset: 0,
    childLogs: "capture",
    env: Deno.env.toObject(),
    optionNames: [],
    log: recordingLog(),
    childLog: recordingLog(),
    stopLog: recordingLog(),
    ...ports,
  });
}

Deno.test("B08 a stranger on a further port of a child is in its way", async () => {
  using stranger = Deno.listen({ hostname: "127.0.0.1", port: freePort() });
  const { port } = stranger.addr;
  const offset = await runtimeWith({ portOffsets: [0, 7] }).portHolder(port - 7);
  assertMatch(offset ?? "", new RegExp(`^pid ${Deno.pid} .* on further port ${port}$`));
  const fixed = await runtimeWith({ fixedPorts: [port] }).portHolder(freePort());
  assertMatch(fixed ?? "", new RegExp(`^pid ${Deno.pid} .* on further port ${port}$`));
});

Deno.test("B08 a stranger on a further port of a child is no part of it", async () => {
  const runtime = runtimeWith({ portOffsets: [3] });
  try {
    const port = freePort();
    const instance = await runtime.start({ ...identity(), id: "v1", port });
    assertEquals(await instance.impostor(), null);
    using _ = Deno.listen({ hostname: "127.0.0.1", port: port + 3 });
    assertMatch(await instance.impostor() ?? "", new RegExp(`^pid ${Deno.pid} `));
  } finally {
    await runtime.stopAll();
  }
});
