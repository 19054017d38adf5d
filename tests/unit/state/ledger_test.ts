import { assertEquals } from "@std/assert";
import type { JournalEntry } from "../../../src/roll/journal.ts";
import { Ledger } from "../../../src/state/ledger.ts";
import { began, ended, instance } from "./entries.ts";

function ledgerOf(...entries: JournalEntry[]): Ledger {
  const ledger = new Ledger();
  for (const entry of entries) ledger.apply(entry);
  return ledger;
}

const starting = (roll: number): JournalEntry => ({
  step: "instance.starting",
  instance: instance(roll),
});
const started = (key: string): JournalEntry => ({
  step: "instance.started",
  key,
  pid: 5,
  birth: "boot:1",
});

Deno.test("an instance goes from its start to its end", () => {
  const stages: string[] = [];
  const ledger = new Ledger();
  const look = (entry: JournalEntry) => {
    ledger.apply(entry);
    stages.push(ledger.instances.get("i1")?.stage ?? "gone");
  };
  look(starting(1));
  look(started("i1"));
  look({ step: "switch.intended", roll: 1, key: "i1", from: null });
  look({ step: "switch.done", roll: 1, key: "i1", at: 1 });
  look({ step: "drain.intended", key: "i1" });
  look({ step: "stop.intended", key: "i1" });
  look({ step: "instance.gone", key: "i1" });
  assertEquals(stages, [
    "starting",
    "candidate",
    "switching",
    "current",
    "draining",
    "stopping",
    "gone",
  ]);
  assertEquals(ledger.gone.map(({ key }) => key), ["i1"]);
});

Deno.test("a switch makes the one before leave", () => {
  const ledger = ledgerOf(
    starting(1),
    { step: "switch.done", roll: 1, key: "i1", at: 1 },
    starting(2),
    { step: "switch.done", roll: 2, key: "i2", at: 2 },
  );
  assertEquals([...ledger.instances.values()].map(({ key, stage }) => [key, stage]), [
    ["i1", "draining"],
    ["i2", "current"],
  ]);
});

Deno.test("a roll without an end is unfinished, one with an end is not", () => {
  const { unfinished, lastRoll } = ledgerOf(began(1), ended(1), began(2)).memory();
  assertEquals([unfinished.map(({ roll }) => roll), lastRoll], [[2], 2]);
});

Deno.test("entries about nobody change nothing", () => {
  const before = ledgerOf(began(1)).memory();
  const after = ledgerOf(
    began(1),
    started("i9"),
    { step: "switch.done", roll: 9, key: "i9", at: 1 },
    ended(9),
    { step: "instance.gone", key: "i9" },
  ).memory();
  assertEquals(after, before);
});

Deno.test("what is remembered of versions is bounded, the newest last and once", () => {
  const ledger = new Ledger();
  for (let i = 0; i < 300; i++) {
    ledger.apply({ step: "version.proven", id: `v${i}`, at: i });
    ledger.apply({ step: "version.seen", id: `v${i}`, at: i });
    const entry = { id: `v${i}`, failures: 1, retryAt: 1, waitMs: 1, detail: "" };
    ledger.apply({ step: "quarantine.changed", id: `v${i}`, entry });
  }
  ledger.apply({ step: "version.proven", id: "v290", at: 300 });
  const { proven, seen, quarantine } = ledger.memory();
  assertEquals([proven.length, seen.size, quarantine.length], [20, 100, 100]);
  assertEquals([proven.at(-1), proven.filter((id) => id === "v290").length], ["v290", 1]);
});
