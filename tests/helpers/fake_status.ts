import type { Status } from "../../src/control/operator.ts";

/** Of a liveroll that is an hour old and has not rolled yet. */
export function emptyStatus(): Status {
  return {
    app: "blog",
    state: "starting",
    detail: "",
    current: null,
    candidate: null,
    draining: [],
    replicas: null,
    desired: null,
    waiting: null,
    roll: null,
    previous: null,
    lastCheck: { at: iso(Date.now() - 4_000), outcome: "unchanged", detail: "" },
    nextCheckAt: iso(Date.now() + 6_000),
    quarantined: [],
    settings: { paused: false, pinned: null, skipped: [], held: false, maintenance: null },
    rolls: { succeeded: 0, failed: 0, rolledBack: 0, interrupted: 0, skipped: 0 },
    crashes: 0,
    requests: { total: 12_345, failed: 2, retried: 3, inFlight: 4, held: 0 },
    stateProblem: null,
    dataProblem: null,
    stateDir: "/var/lib/blog",
    listen: ["0.0.0.0:8080"],
    sockets: { from: ["bound"], passedBy: [], problem: null },
    pid: 1_234,
    version: "0.1.0",
    startedAt: iso(Date.now() - 3_600_000),
    uptimeSeconds: 3_600,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
