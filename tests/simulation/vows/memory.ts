import type { JournalEntry, Settings } from "../../../src/roll/journal.ts";
import type { Order, Setting } from "../../../src/roll/orders.ts";
import { Vow } from "../promises.ts";
import type { SimProcess } from "../sim_process.ts";

/**
 * Promise 4: what was confirmed is durable, what is in force and was written down is what the next
 * life begins with, and what holds for requests is what the proxy does.
 */
export class SettingsSurvive extends Vow {
  readonly name = "P4 settings survive";
  /** What was in force when everything was durable last. */
  #settled: Settings | null = null;

  onLifeBegins(): void {
    const { now } = this.life.updater.preferences;
    this.#settled = null;
    this.#compare(now, "a life begins with");
  }

  onAcknowledged(setting: Setting): void {
    // Two at a time: each may be undone by the other before anybody looks.
    if (this.life.openAnswers > 1) return;
    const { paused, pinned, skipped } = this.scene.machine.disk.ledger.settings;
    const holds = {
      pause: paused,
      resume: !paused,
      unpin: pinned === null,
      skip: setting.kind === "skip" && skipped.includes(setting.id),
    }[setting.kind as string] ?? true;
    if (!holds) this.broken(`${setting.kind} was confirmed and is not on the disk`);
  }

  onAccepted(order: Order): void {
    if (order.kind !== "pin" || this.life.openAnswers > 1) return;
    const { pinned } = this.scene.machine.disk.ledger.settings;
    if (pinned !== order.id) this.broken(`the pin of ${order.id} is not on the disk`);
  }

  onStep(): void {
    const { life } = this.scene;
    if (life === null || !life.isOn || life.stopsAsked > 0) return;
    const { now } = life.updater.preferences;
    if (life.journal.isClean) this.#settled = now;
    const { isHeld, message } = life.traffic;
    if (isHeld !== now.held) this.broken(`held: ${now.held}, but the proxy: ${isHeld}`);
    if (message !== now.maintenance) this.broken(`the proxy says ${message}`);
  }

  onLifeEnds(): void {
    const { updater, journal, openAnswers } = this.life;
    const { now } = updater.preferences;
    // What was not confirmed yet may be there, or not.
    if (openAnswers === 0 && journal.isClean && now === this.#settled) {
      this.#compare(now, "a life ends with");
    }
  }

  #compare(inForce: Settings, when: string): void {
    const durable = JSON.stringify(this.scene.machine.disk.ledger.settings);
    const actual = JSON.stringify(inForce);
    if (actual !== durable) this.broken(`${when} ${actual}, and ${durable} is on the disk`);
  }
}

/** Promise 4: what is on the disk is what runs: who serves, and in the end nobody. */
export class TheDiskKnowsWhoRuns extends Vow {
  readonly name = "P4 the disk knows who runs";

  onStep(): void {
    const { life, machine } = this.scene;
    const target = life?.traffic.target ?? null;
    if (life === null || target === null || !life.journal.isClean || !life.isOn) return;
    const stage = machine.disk.ledger.instances.get(target.key)?.stage;
    if (stage !== "current") this.broken(`${target.key} serves, and on the disk it is ${stage}`);
  }

  onConverged(): void {
    this.#compare(this.life.traffic.target);
  }

  onEnd(): void {
    this.#compare(null);
  }

  #compare(target: SimProcess | null): void {
    for (const { key, stage } of this.scene.machine.disk.ledger.instances.values()) {
      if (target === null && this.scene.life !== null) return;
      if (key !== target?.key) this.broken(`${key} is ${stage} on the disk, and does not run`);
    }
  }
}

/**
 * Promise 4: intents come before deeds. What is started or stopped is on the disk before, and a
 * switch has been written before, unless nothing can be written.
 */
export class IntentsPrecedeDeeds extends Vow {
  readonly name = "P4 intents precede deeds";
  readonly #mayServe = new Set<string>();

  onLifeBegins(): void {
    this.#mayServe.clear();
    for (const { key, stage } of this.scene.machine.disk.ledger.instances.values()) {
      if (stage === "switching" || stage === "current") this.#mayServe.add(key);
    }
  }

  onEntry(entry: JournalEntry): void {
    if (entry.step === "switch.intended") this.#mayServe.add(entry.key);
  }

  onStart({ key, token }: { key: string; token: string }): void {
    const record = this.scene.machine.disk.ledger.instances.get(key);
    const isIntended = record?.token === token && record.stage === "starting";
    if (!isIntended && !this.life.journal.isBroken) {
      this.broken(`${key} is started, and nothing of it is on the disk`);
    }
  }

  onStop({ key }: SimProcess): void {
    const stage = this.scene.machine.disk.ledger.instances.get(key)?.stage;
    if (stage !== "stopping" && !this.life.journal.isBroken) {
      this.broken(`${key} is stopped, and on the disk it is ${stage}`);
    }
  }

  onSwitch({ key }: SimProcess): void {
    if (!this.#mayServe.has(key)) this.broken(`${key} serves, and that was never written`);
  }
}
