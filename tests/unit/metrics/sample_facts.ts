import type { Facts } from "../../../src/metrics/facts.ts";
import { RollMetrics } from "../../../src/metrics/roll_metrics.ts";
import { Counters } from "../../../src/proxy/counters.ts";

/** What is counted when nothing has happened. */
export function noCounts() {
  return new RollMetrics({ lastCheck: () => null, date: () => 0, lastRollSuccessAt: 0 }).counts();
}

/** How things are right after the start. */
export function sampleFacts(changes: Partial<Facts> = {}): Facts {
  return {
    app: "blog",
    version: "1.2.3",
    counts: noCounts(),
    currentId: null,
    replicas: { wanted: 3, well: 2 },
    quarantined: 0,
    isWritable: true,
    isDataBroken: false,
    settings: { paused: false, pinned: null, held: false, maintenance: null },
    requests: new Counters().snapshot(),
    process: { startedAt: 1e9, cpuSeconds: 0.5, residentBytes: 1e8, openFds: 20, maxFds: 1024 },
    ...changes,
  };
}
