import type { InstanceRef, RollEvent } from "../../../src/roll/events.ts";

type Type = RollEvent["type"];

/** One event of each type: the compiler asks for one that is missing. */
type OneOfEach = { [T in Type]: Extract<RollEvent, { type: T }> };

/** Whom it happens to. */
const WHO: InstanceRef = { key: "i7", id: "v7", port: 9107, pid: 4107 };
/** What a failed instance of them printed last. */
export const LINES = ["panic: no database", "goodbye"];

/** What may happen. */
export const EACH: OneOfEach = {
  "state": { type: "state", state: "serving", was: "starting", detail: "serving v7" },
  "check.started": { type: "check.started", trigger: "interval" },
  "check.unchanged": { type: "check.unchanged", id: "v7" },
  "check.failed": { type: "check.failed", step: "id", detail: "exit status 1" },
  "check.quarantined": { type: "check.quarantined", id: "v7", failures: 3, retryInMs: 4_500 },
  "check.declined": { type: "check.declined", trigger: "forced", detail: "updates are paused" },
  "check.unstable_id": { type: "check.unstable_id", ids: ["a", "b"] },
  "update.found": { type: "update.found", id: "v7", from: "v6", waits: null },
  "turn.waiting": { type: "turn.waiting", roll: 12, id: "v7", detail: "web1:8080 rolls" },
  "port.busy": { type: "port.busy", roll: 12, id: "v7", port: 9107, holder: "pid 3 (nginx)" },
  "roll.started": { type: "roll.started", roll: 12, trigger: "command", from: "v6", to: "v7" },
  "roll.phase": { type: "roll.phase", roll: 12, name: "gate" },
  "roll.phase_ended": {
    type: "roll.phase_ended",
    roll: 12,
    phase: { name: "gate", startedAt: 0, durationMs: 2_345, outcome: "failed" },
  },
  "roll.candidate": { type: "roll.candidate", roll: 12, instance: WHO },
  "probe.failed": { type: "probe.failed", instance: WHO, detail: "status 503" },
  "roll.switched": { type: "roll.switched", roll: 12, instance: WHO, from: "v6" },
  "roll.succeeded": { type: "roll.succeeded", roll: 12, id: "v7", durationMs: 12_600 },
  "roll.failed": {
    type: "roll.failed",
    roll: 12,
    id: "v7",
    reason: "exited",
    detail: "it exited",
    lastLines: LINES,
    retryInMs: 30_000,
  },
  "roll.rolled_back": {
    type: "roll.rolled_back",
    roll: 12,
    id: "v7",
    to: "v6",
    detail: "3 probes in a row failed",
    lastLines: LINES,
  },
  "roll.skipped": { type: "roll.skipped", roll: 12, id: "v7" },
  "roll.interrupted": { type: "roll.interrupted", roll: 12, id: "v7", reason: "v8 came" },
  "hook.ended": {
    type: "hook.ended",
    roll: 12,
    hook: "before",
    end: { outcome: "failed", code: 3, lastLines: LINES, durationMs: 1_000 },
  },
  "quarantine.added": {
    type: "quarantine.added",
    id: "v7",
    failures: 3,
    retryInMs: 60_000,
    detail: "it exited",
  },
  "quarantine.released": { type: "quarantine.released", id: "v7" },
  "instance.exited": {
    type: "instance.exited",
    instance: WHO,
    exit: { code: 9, signal: null },
    lastLines: LINES,
  },
  "instance.unhealthy": {
    type: "instance.unhealthy",
    instance: WHO,
    failures: 3,
    detail: "status 503",
  },
  "instance.recovered": { type: "instance.recovered", instance: WHO },
  "restart.scheduled": {
    type: "restart.scheduled",
    id: "v7",
    crashes: 2,
    inMs: 500,
    crashLoop: false,
  },
  "drained": { type: "drained", instance: WHO, finished: 5, cut: 2, durationMs: 30_000 },
  "container.died": {
    type: "container.died",
    instance: WHO,
    container: "web-0",
    code: 137,
    outOfMemory: true,
  },
  "container.back": { type: "container.back", instance: WHO, container: "web-0" },
  "container.set_aside": {
    type: "container.set_aside",
    instance: WHO,
    container: "web-0",
    detail: "status 503",
  },
  "container.well_again": { type: "container.well_again", instance: WHO, container: "web-0" },
  "container.removed": { type: "container.removed", instance: WHO, container: "web-0" },
  "container.sick": { type: "container.sick", instance: WHO, container: "web-0" },
  "container.replaced": { type: "container.replaced", instance: WHO, container: "web-0" },
  "containers.missing": {
    type: "containers.missing",
    instance: WHO,
    detail: "2 of 3 containers are well",
  },
  "containers.complete": { type: "containers.complete", instance: WHO },
  "instance.warm": { type: "instance.warm", instance: WHO, forMs: 600_000 },
  "instance.stopped": {
    type: "instance.stopped",
    instance: WHO,
    outcome: "already_gone",
    durationMs: 1,
  },
  "instance.adopted": { type: "instance.adopted", instance: WHO },
  "instance.leftover": { type: "instance.leftover", instance: WHO, detail: "it was draining" },
  "instance.awaited": { type: "instance.awaited", instance: WHO },
  "journal.failed": { type: "journal.failed", detail: "disk full" },
  "journal.recovered": { type: "journal.recovered" },
  "setting": { type: "setting", what: "pinned", detail: "v7" },
  "request.ended": {
    type: "request.ended",
    request: 21,
    outcome: "refused",
    roll: null,
    detail: "v7 has to wait",
  },
};
