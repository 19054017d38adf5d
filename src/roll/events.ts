import type { Exit, StopOutcome } from "./instance.ts";
import type { PhaseName, PhaseRecord } from "./journal.ts";

/** What the whole application is doing. */
export const APP_STATES = [
  "starting",
  "serving",
  "rolling",
  "holding",
  "degraded",
  "paused",
  "stopping",
  "stopped",
] as const;

/** One of {@linkcode APP_STATES}. */
export type AppState = (typeof APP_STATES)[number];

/** Why a check or a roll began. */
export const TRIGGERS = [
  /** liveroll has started. */
  "start",
  "interval",
  /** SIGHUP. */
  "forced",
  /** SIGUSR2. */
  "restart",
  "crash",
  /** It did not answer its probes any more. */
  "liveness",
  /** `liveroll update`. */
  "command",
  "webhook",
  /** `liveroll rollback`. */
  "rollback",
  /** The version before comes back by itself. */
  "automatic-rollback",
  "pin",
  "retry",
] as const;

/** One of {@linkcode TRIGGERS}. */
export type Trigger = (typeof TRIGGERS)[number];

/** How a roll ended, as the history tells it. */
export const ROLL_OUTCOMES = [
  "succeeded",
  "failed",
  "rolled_back",
  "interrupted",
  /** Somebody skipped its version before it served. */
  "skipped",
] as const;

/** One of {@linkcode ROLL_OUTCOMES}. */
export type RollOutcome = (typeof ROLL_OUTCOMES)[number];

/** Why a candidate was refused. */
export type GateFailure =
  | "exited"
  | "timed_out"
  | "start_failed"
  | "hook_failed"
  | "fetch_failed"
  | "snapshot_failed"
  | "migration_failed"
  | "data_not_restored"
  /** Other hosts did not let it begin or go on. */
  | "no_turn";

/** Which step of a check failed: a command, or asking the registry. */
export type CheckStep = "pull" | "id" | "registry";

/** Why a version that was found is not rolled to now. */
export type Obstacle =
  | "quarantined"
  | "skipped"
  | "paused"
  | "pinned"
  | "notify_only"
  | "window"
  | "cooldown";

/** What a hook is for. */
export type HookName = "before" | "after" | "on-failure";

/** How a hook ended; `code` null: it did not end by itself. */
export interface HookEnd {
  readonly outcome: "succeeded" | "failed" | "timed_out";
  readonly code: number | null;
  /** What it printed last, both streams. */
  readonly lastLines: readonly string[];
  readonly durationMs: number;
}

/** Names an instance in an event. */
export interface InstanceRef {
  key: string;
  id: string;
  port: number;
  pid: number;
}

/** How what somebody asked for ended. */
export type RequestOutcome = RollOutcome | "unchanged" | "refused";

/** Everything worth telling: log lines, history, notifications, metrics, service status, page. */
export type RollEvent =
  | { type: "state"; state: AppState; was: AppState; detail: string }
  | { type: "check.started"; trigger: Trigger }
  | { type: "check.unchanged"; id: string }
  | { type: "check.failed"; step: CheckStep; detail: string }
  | { type: "check.quarantined"; id: string; failures: number; retryInMs: number }
  /** Somebody wanted a check, but it would not be right now. */
  | { type: "check.declined"; trigger: Trigger; detail: string }
  | { type: "check.unstable_id"; ids: string[] }
  /** A version that does not run was named. `waits` null: it is rolled to now. `until`: since 1970. */
  | {
    type: "update.found";
    id: string;
    from: string | null;
    waits: { obstacle: Obstacle; detail: string; until: number | null } | null;
  }
  | { type: "port.busy"; roll: number; id: string; port: number; holder: string }
  /** Other hosts roll; `detail` names them. */
  | { type: "turn.waiting"; roll: number; id: string; detail: string }
  | { type: "roll.started"; roll: number; trigger: Trigger; from: string | null; to: string }
  | { type: "roll.phase"; roll: number; name: PhaseName }
  | { type: "roll.phase_ended"; roll: number; phase: PhaseRecord }
  | { type: "roll.candidate"; roll: number; instance: InstanceRef }
  | { type: "probe.failed"; instance: InstanceRef; detail: string }
  | { type: "roll.switched"; roll: number; instance: InstanceRef; from: string | null }
  /** It has also served as long as `--min-healthy` asks. */
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
  /** It served, but not well: the version before serves again, or is on its way. */
  | {
    type: "roll.rolled_back";
    roll: number;
    id: string;
    to: string;
    detail: string;
    lastLines: readonly string[];
  }
  | { type: "roll.interrupted"; roll: number; id: string; reason: string }
  /** Somebody does not want `id`, which was on its way to the front. */
  | { type: "roll.skipped"; roll: number; id: string }
  | { type: "hook.ended"; roll: number; hook: HookName; end: HookEnd }
  | { type: "quarantine.added"; id: string; failures: number; retryInMs: number; detail: string }
  | { type: "quarantine.released"; id: string }
  | { type: "instance.exited"; instance: InstanceRef; exit: Exit; lastLines: readonly string[] }
  | { type: "instance.unhealthy"; instance: InstanceRef; failures: number; detail: string }
  | { type: "instance.recovered"; instance: InstanceRef }
  | { type: "restart.scheduled"; id: string; crashes: number; inMs: number; crashLoop: boolean }
  | {
    type: "drained";
    instance: InstanceRef;
    finished: number;
    cut: number;
    durationMs: number;
  }
  | { type: "instance.warm"; instance: InstanceRef; forMs: number }
  | { type: "instance.stopped"; instance: InstanceRef; outcome: StopOutcome; durationMs: number }
  /** One of the containers of an instance, `container` by its name, has ended. */
  | {
    type: "container.died";
    instance: InstanceRef;
    container: string;
    code: number;
    outOfMemory: boolean;
  }
  /** It was started again, and is well. */
  | { type: "container.back"; instance: InstanceRef; container: string }
  /** It is not well any more, and gets no requests. */
  | { type: "container.set_aside"; instance: InstanceRef; container: string; detail: string }
  | { type: "container.well_again"; instance: InstanceRef; container: string }
  | { type: "container.removed"; instance: InstanceRef; container: string }
  /** It runs, and does not get well: another one takes its place. */
  | { type: "container.sick"; instance: InstanceRef; container: string }
  /** It is well, in the place of one that was lost. */
  | { type: "container.replaced"; instance: InstanceRef; container: string }
  /** It serves, but some of its containers have been missing for a minute. */
  | { type: "containers.missing"; instance: InstanceRef; detail: string }
  /** All of them are well again. */
  | { type: "containers.complete"; instance: InstanceRef }
  /** It could not be ended: nothing is started, or done to the data, before it is gone. */
  | { type: "instance.awaited"; instance: InstanceRef }
  /** An instance of a former life was found: it serves on, or is stopped. */
  | { type: "instance.adopted"; instance: InstanceRef }
  | { type: "instance.leftover"; instance: InstanceRef; detail: string }
  | { type: "journal.failed"; detail: string }
  | { type: "journal.recovered" }
  /** Somebody asked for something that holds. */
  | { type: "setting"; what: SettingChange; detail: string }
  | {
    type: "request.ended";
    request: number;
    outcome: RequestOutcome;
    roll: number | null;
    detail: string;
  };

/** What can be asked for and holds. */
export type SettingChange =
  | "paused"
  | "resumed"
  | "held"
  | "released"
  | "maintenance_on"
  | "maintenance_off"
  | "pinned"
  | "unpinned"
  | "skipped";
