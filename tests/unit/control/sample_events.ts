import type { RollEvent } from "../../../src/roll/events.ts";

/** One of each type, so that a new type of event is not forgotten. */
type Samples = { [T in RollEvent["type"]]: Omit<Extract<RollEvent, { type: T }>, "type"> };

const instance = { key: "i1", id: "v1", port: 8101, pid: 10 };
const of1 = { roll: 1, id: "v1" };
const lastLines = ["Traceback", ""];
const detail = "why";

const SAMPLES: Samples = {
  "state": { state: "serving", was: "starting", detail },
  "check.started": { trigger: "automatic-rollback" },
  "check.unchanged": { id: "v1" },
  "check.failed": { step: "pull", detail },
  "check.quarantined": { id: "v1", failures: 2, retryInMs: 1.5 },
  "check.declined": { trigger: "webhook", detail },
  "check.unstable_id": { ids: ["a", "b"] },
  "update.found": {
    id: "v2",
    from: null,
    waits: { obstacle: "cooldown", detail, until: 1_800_000_000_000 },
  },
  "turn.waiting": { ...of1, detail },
  "port.busy": { ...of1, port: 8101, holder: "nginx" },
  "roll.started": { roll: 1, trigger: "start", from: null, to: "v1" },
  "roll.phase": { roll: 1, name: "before-hook" },
  "roll.phase_ended": {
    roll: 1,
    phase: { name: "watch", startedAt: 1_800_000_000_000, durationMs: 1, outcome: "interrupted" },
  },
  "roll.candidate": { roll: 1, instance },
  "probe.failed": { instance, detail },
  "roll.switched": { roll: 1, instance, from: "v0" },
  "roll.succeeded": { ...of1, durationMs: 10 },
  "roll.failed": { ...of1, reason: "hook_failed", detail, lastLines, retryInMs: null },
  "roll.rolled_back": { ...of1, to: "v0", detail, lastLines },
  "roll.skipped": { roll: 1, id: "v2" },
  "roll.interrupted": { ...of1, reason: "stop" },
  "hook.ended": {
    roll: 1,
    hook: "on-failure",
    end: { outcome: "timed_out", code: null, lastLines, durationMs: 1 },
  },
  "quarantine.added": { id: "v1", failures: 1, retryInMs: 30_000, detail },
  "quarantine.released": { id: "v1" },
  "instance.exited": { instance, exit: { code: 137, signal: "SIGKILL" }, lastLines },
  "instance.unhealthy": { instance, failures: 3, detail },
  "instance.recovered": { instance },
  "restart.scheduled": { id: "v1", crashes: 5, inMs: 500, crashLoop: true },
  "drained": { instance, finished: 1, cut: 0, durationMs: 3 },
  "container.died": { instance, container: "web-1", code: 137, outOfMemory: true },
  "container.back": { instance, container: "web-1" },
  "container.set_aside": { instance, container: "web-1", detail },
  "container.well_again": { instance, container: "web-1" },
  "container.removed": { instance, container: "web-1" },
  "container.sick": { instance, container: "web-1" },
  "container.replaced": { instance, container: "web-1" },
  "containers.missing": { instance, detail },
  "containers.complete": { instance },
  "instance.warm": { instance, forMs: 1000 },
  "instance.stopped": { instance, outcome: "already_gone", durationMs: 4 },
  "instance.adopted": { instance },
  "instance.leftover": { instance, detail },
  "instance.awaited": { instance },
  "journal.failed": { detail },
  "journal.recovered": {},
  "setting": { what: "maintenance_on", detail },
  "request.ended": { request: 7, outcome: "unchanged", roll: null, detail },
};

/** One event of each type. */
export const EVENTS = Object.entries(SAMPLES).map(([type, rest]) =>
  ({ type, ...rest }) as RollEvent
);
