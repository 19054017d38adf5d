import {
  type InstanceRecord,
  type JournalEntry,
  type Memory,
  NO_MEMORY,
  type PhaseRecord,
  type QuarantineRecord,
  type RollRecord,
  type Settings,
} from "../roll/journal.ts";

const MAX_PROVEN = 20;
const MAX_SEEN = 100;
const MAX_QUARANTINE = 100;
const MAX_GONE = 50;

/** What follows from the entries of a journal. Knows nothing of disks. */
export class Ledger {
  readonly instances = new Map<string, InstanceRecord>();
  /** Rolls that are not over, and those that have ended in this life. */
  readonly rolls = new Map<number, RollRecord>();
  readonly quarantine = new Map<string, QuarantineRecord>();
  readonly seen = new Map<string, number>();
  /** Instances that have ended in this life, the newest last. */
  gone: readonly InstanceRecord[] = [];
  proven: readonly string[] = [];
  settings: Settings = NO_MEMORY.settings;
  lastRoll = 0;

  /** Begins with what is remembered. */
  constructor(memory: Memory = NO_MEMORY) {
    for (const instance of memory.instances) this.instances.set(instance.key, instance);
    for (const roll of memory.unfinished) this.rolls.set(roll.roll, roll);
    for (const entry of memory.quarantine) this.quarantine.set(entry.id, entry);
    for (const [id, at] of memory.seen) this.seen.set(id, at);
    this.proven = memory.proven;
    this.settings = memory.settings;
    this.lastRoll = memory.lastRoll;
  }

  /** Everything that the next life has to know. */
  memory(): Memory {
    return {
      lastRoll: this.lastRoll,
      unfinished: [...this.rolls.values()].filter(({ outcome }) => outcome === null),
      instances: [...this.instances.values()],
      proven: this.proven,
      quarantine: [...this.quarantine.values()],
      settings: this.settings,
      seen: new Map(this.seen),
    };
  }

  /** Whether a roll to `id` has succeeded, of those that are at hand. */
  hasServed(id: string): boolean {
    return this.rolls.values().some(({ to, outcome }) => to === id && outcome === "succeeded");
  }

  /** Takes one entry. One about somebody unknown changes nothing. */
  apply(entry: JournalEntry): void {
    switch (entry.step) {
      case "roll.began":
        return this.#begin(entry);
      case "roll.ended":
        return this.#end(entry);
      case "phase.ended":
        return this.#addPhase(entry.roll, entry.phase);
      case "instance.starting":
        this.instances.set(entry.instance.key, entry.instance);
        break;
      case "instance.started": {
        const { pid, birth } = entry;
        return this.#change(entry.key, { stage: "candidate", pid, birth });
      }
      case "switch.intended":
        return this.#change(entry.key, { stage: "switching" });
      case "switch.done":
        return this.#switch(entry.key);
      case "drain.intended":
        return this.#change(entry.key, { stage: "draining" });
      case "stop.intended":
        return this.#change(entry.key, { stage: "stopping" });
      case "instance.gone":
        return this.#remove(entry.key);
      case "version.proven":
        this.proven = [...this.proven.filter((id) => id !== entry.id), entry.id].slice(-MAX_PROVEN);
        break;
      case "version.seen":
        keep(this.seen, entry.id, entry.at, MAX_SEEN);
        break;
      case "quarantine.changed":
        this.quarantine.delete(entry.id);
        if (entry.entry !== null) keep(this.quarantine, entry.id, entry.entry, MAX_QUARANTINE);
        break;
      case "settings.changed":
        this.settings = entry.settings;
    }
  }

  #begin({ roll, at, trigger, from, to }: Extract<JournalEntry, { step: "roll.began" }>): void {
    this.lastRoll = Math.max(this.lastRoll, roll);
    const open = { outcome: null, detail: "", durationMs: null, lastLines: [], phases: [] };
    this.rolls.set(roll, { roll, at, trigger, from, to, ...open });
  }

  #end(entry: Extract<JournalEntry, { step: "roll.ended" }>): void {
    const roll = this.rolls.get(entry.roll);
    if (roll === undefined) return;
    const { outcome, detail, durationMs, lastLines } = entry;
    this.rolls.set(entry.roll, { ...roll, outcome, detail, durationMs, lastLines });
  }

  #addPhase(number: number, phase: PhaseRecord): void {
    const roll = this.rolls.get(number);
    if (roll === undefined) return;
    this.rolls.set(number, { ...roll, phases: [...roll.phases, phase] });
  }

  #remove(key: string): void {
    const instance = this.instances.get(key);
    if (instance !== undefined) this.gone = [...this.gone, instance].slice(-MAX_GONE);
    this.instances.delete(key);
  }

  #switch(key: string): void {
    if (!this.instances.has(key)) return;
    for (const { key: other, stage } of this.instances.values()) {
      if (stage === "current") this.#change(other, { stage: "draining" });
    }
    this.#change(key, { stage: "current" });
  }

  #change(key: string, change: Partial<InstanceRecord>): void {
    const instance = this.instances.get(key);
    if (instance !== undefined) this.instances.set(key, { ...instance, ...change });
  }
}

/** Keeps the newest `max` entries. */
function keep<V>(map: Map<string, V>, key: string, value: V, max: number): void {
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= max) return;
    map.delete(oldest);
  }
}
