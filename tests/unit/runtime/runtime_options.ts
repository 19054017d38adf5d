import type { ProcessRuntimeOptions } from "../../../src/runtime/process.ts";
import { recordingLog } from "../platform/recording_log.ts";

/** What tests of the runtime choose; everything in it can be written as JSON. */
export type Chosen =
  & Partial<Pick<ProcessRuntimeOptions, "stop" | "stopTimeoutMs" | "childLogs" | "healthcheck">>
  & Pick<ProcessRuntimeOptions, "exec">;

/** Options that differ from the usual ones in what is `chosen`. */
export function runtimeOptions(chosen: Chosen): ProcessRuntimeOptions {
  return {
    stop: null,
    stopSignal: "SIGTERM",
    stopTimeoutMs: 20_000,
    childHost: "127.0.0.1",
    healthcheck: { kind: "http", path: "/heathz" },
    healthPortOffset: 0,
    childLogs: "inherit",
    env: Deno.env.toObject(),
    optionNames: [],
    log: recordingLog(),
    childLog: recordingLog(),
    stopLog: recordingLog(),
    ...chosen,
  };
}
