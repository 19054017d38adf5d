import type { Exit, StopOutcome } from "./effects.ts";

/** What the whole application is doing. */
export const APP_STATES = [
  "starting",
  "serving",
  "rolling",
  "degraded",
  "stopping",
  "stopped",
] as const;

/** One of {@linkcode APP_STATES}. */
export type AppState = (typeof APP_STATES)[number];

/** Why an update or a roll began. */
export type Trigger = "start" | "interval" | "forced" | "restart" | "crash";

/** Why a candidate was refused. */
export type GateFailure = "exited" | "timed_out" | "start_failed";

/** Names an instance in an event. */
export interface InstanceRef {
  key: string;
  id: string;
  port: number;
  pid: number;
}

/** Everything worth telling: log lines, service status, and later journal and notifications. */
export type RollEvent =
  | { type: "state"; state: AppState; was: AppState; detail: string }
  | { type: "check.started"; trigger: Trigger }
  | { type: "check.unchanged"; id: string }
  | { type: "check.failed"; step: "pull" | "id"; detail: string }
  | { type: "check.quarantined"; id: string; failures: number; retryInMs: number }
  | { type: "check.unstable_id"; ids: string[] }
  | { type: "port.busy"; roll: number; id: string; port: number; holder: string }
  | { type: "roll.started"; roll: number; trigger: Trigger; from: string | null; to: string }
  | { type: "roll.candidate"; roll: number; instance: InstanceRef }
  | { type: "probe.failed"; instance: InstanceRef; detail: string }
  | { type: "roll.switched"; roll: number; instance: InstanceRef; from: string | null }
  | { type: "roll.succeeded"; roll: number; id: string; durationMs: number }
  | {
    type: "roll.failed";
    roll: number;
    id: string;
    reason: GateFailure;
    detail: string;
    lastLines: readonly string[];
    retryInMs: number | null;
  }
  | { type: "roll.interrupted"; roll: number; id: string; reason: string }
  | { type: "instance.exited"; instance: InstanceRef; exit: Exit; lastLines: readonly string[] }
  | { type: "restart.scheduled"; id: string; crashes: number; inMs: number; crashLoop: boolean }
  | {
    type: "drained";
    instance: InstanceRef;
    finished: number;
    cut: number;
    durationMs: number;
  }
  | { type: "instance.stopped"; instance: InstanceRef; outcome: StopOutcome; durationMs: number };
