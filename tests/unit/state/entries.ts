import fc from "fast-check";
import type { InstanceRecord, JournalEntry } from "../../../src/roll/journal.ts";

/** An instance that is about to be started. */
export function instance(roll: number, id = "v1"): InstanceRecord {
  return {
    key: `i${roll}`,
    roll,
    id,
    port: 9101,
    token: `token${roll}`,
    outlives: false,
    stage: "starting",
    pid: null,
    birth: null,
    startedAt: 1_000,
  };
}

/** A roll that begins. */
export function began(roll: number, to = "v1"): JournalEntry {
  return { step: "roll.began", roll, at: roll, trigger: "interval", from: null, to };
}

/** A roll that ends well. */
export function ended(roll: number): JournalEntry {
  const rest = { detail: "", durationMs: 5, lastLines: [] };
  return { step: "roll.ended", roll, outcome: "succeeded", ...rest };
}

const roll = fc.integer({ min: 1, max: 6 });
const key = roll.map((n) => `i${n}`);
const id = fc.constantFrom("v1", "v2", "v3", "it's \u{1f600}; DROP");

/** Any entry, sensible or not. */
export const anyEntry: fc.Arbitrary<JournalEntry> = fc.oneof(
  fc.tuple(roll, id).map(([n, to]) => began(n, to)),
  roll.map(ended),
  fc.tuple(roll, id).map(([n, version]): JournalEntry => ({
    step: "instance.starting",
    instance: instance(n, version),
  })),
  key.map((k): JournalEntry => ({ step: "instance.started", key: k, pid: 7, birth: "b:1" })),
  fc.tuple(roll, key).map(([n, k]): JournalEntry => ({
    step: "switch.intended",
    roll: n,
    key: k,
    from: null,
  })),
  fc.tuple(roll, key).map(([n, k]): JournalEntry => ({
    step: "switch.done",
    roll: n,
    key: k,
    at: 1,
  })),
  key.map((k): JournalEntry => ({ step: "drain.intended", key: k })),
  key.map((k): JournalEntry => ({ step: "stop.intended", key: k })),
  key.map((k): JournalEntry => ({ step: "instance.gone", key: k })),
  id.map((version): JournalEntry => ({ step: "version.proven", id: version, at: 2 })),
  id.map((version): JournalEntry => ({ step: "version.seen", id: version, at: 3 })),
  fc.tuple(id, fc.boolean()).map(([version, isIn]): JournalEntry => ({
    step: "quarantine.changed",
    id: version,
    entry: isIn ? { id: version, failures: 1, retryAt: 9, waitMs: 8, detail: "no" } : null,
  })),
  fc.boolean().map((paused): JournalEntry => ({
    step: "settings.changed",
    settings: { paused, pinned: null, skipped: [], held: false, maintenance: null },
  })),
  roll.map((n): JournalEntry => ({
    step: "phase.ended",
    roll: n,
    phase: { name: "gate", startedAt: 1, durationMs: 2, outcome: "succeeded" },
  })),
);
