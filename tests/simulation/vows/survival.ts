import type { RollEvent } from "../../../src/roll/events.ts";
import type { JournalEntry } from "../../../src/roll/journal.ts";
import { Vow } from "../promises.ts";
import type { SimProcess } from "../sim_process.ts";

/** Promise 4: never two children on one port. */
export class OneChildPerPort extends Vow {
  readonly name = "P4 one child per port";

  onStarted(process: SimProcess): void {
    for (const other of this.scene.machine.processes.present()) {
      if (other !== process && other.port === process.port && other.hasPort) {
        this.broken(`${process.key} is started on ${process.port}, where ${other.key} lives`);
      }
    }
  }
}

/**
 * Promise 4: never more children than planned: one where two may not coexist, else one for each
 * port. Who was started while nothing could be written down, by a life that was then killed, is
 * known to nobody and does not count.
 */
export class ThePlannedNumber extends Vow {
  readonly name = "P4 the planned number";
  #since = 0;

  onLifeBegins(): void {
    this.#since = this.now;
  }

  onStarted(): void {
    const { exclusive, childPorts } = this.scene.plan.setup.updater;
    const most = exclusive ? 1 : childPorts.length;
    const ours = this.scene.machine.processes.living().filter(({ isKnown, startedAt }) =>
      isKnown || startedAt >= this.#since
    );
    if (ours.length > most) this.broken(`${ours.length} children: ${ours.map(({ key }) => key)}`);
  }
}

/** Promise 4: everybody who lives is looked after, and in calm weather only one is needed. */
export class NobodyIsForgotten extends Vow {
  readonly name = "P4 nobody is forgotten";
  #since = 0;

  onLifeBegins(): void {
    this.#since = this.now;
  }

  onStep(): void {
    const { life, machine } = this.scene;
    if (life === null || !life.isOn) return;
    const ours = machine.processes.living().filter(({ startedAt }) => startedAt >= this.#since);
    if (ours.length === 0) return;
    const onStage = new Set([...life.updater.stage.list().keys()].map(({ key }) => key));
    for (const { key } of ours) if (!onStage.has(key)) this.broken(`nobody looks after ${key}`);
  }

  onConverged(): void {
    const { target } = this.life.traffic;
    // Where nothing was ever good, something is tried again and again.
    if (target === null) return;
    for (const process of this.scene.machine.processes.present()) {
      if (process !== target) this.broken(`${process.key} still lives in calm weather`);
    }
  }

  onEnd(): void {
    for (const { key } of this.scene.machine.processes.present()) {
      this.broken(`${key} was left behind`);
    }
  }
}

/** Promise 4: the target of the live route is never stopped or killed by liveroll. */
export class TheLiveTargetIsNotReaped extends Vow {
  readonly name = "P4 the live target is not reaped";

  onStop(process: SimProcess): void {
    if (process.lives && this.life.traffic.target === process) {
      this.broken(`${process.key} is stopped while requests go to it`);
    }
  }

  onKill(process: SimProcess): void {
    if (process.lives && this.life.traffic.target === process && this.life.stopsAsked < 2) {
      this.broken(`${process.key} is killed while requests go to it`);
    }
  }
}

/** Promise 4: every roll that is on the disk has one end, as it was told, and its number is its own. */
export class HistoryIsWhole extends Vow {
  readonly name = "P4 history is whole";
  readonly #told = new Map<number, string>();

  onLifeBegins(): void {
    this.#told.clear();
  }

  onEvent(event: RollEvent): void {
    switch (event.type) {
      case "roll.succeeded":
      case "roll.failed":
      case "roll.rolled_back":
      case "roll.interrupted":
      case "roll.skipped":
        this.#told.set(event.roll, event.type.slice("roll.".length));
    }
  }

  onDurable(entry: JournalEntry): void {
    if (entry.step !== "roll.began" && entry.step !== "roll.ended") return;
    const known = this.scene.machine.disk.ledger.rolls.get(entry.roll);
    if (entry.step === "roll.began") {
      // One that could not be written down at first begins once more.
      const isTheSame = known?.to === entry.to && known.outcome === null;
      if (known && !isTheSame) this.broken(`number ${entry.roll} is given to two rolls`);
      return;
    }
    if (known !== undefined && known.outcome !== null) {
      this.broken(`roll ${entry.roll} ends as ${known.outcome}, then as ${entry.outcome}`);
    }
    const told = this.#told.get(entry.roll);
    if (told !== entry.outcome) {
      this.broken(`roll ${entry.roll} is ${entry.outcome} on the disk, but ${told} was told`);
    }
    if (entry.outcome !== "succeeded" && entry.detail === "") {
      this.broken(`roll ${entry.roll} is ${entry.outcome}, and nobody knows why`);
    }
  }

  onEnd(): void {
    for (const { roll, outcome } of this.scene.machine.disk.ledger.rolls.values()) {
      if (outcome === null) this.broken(`roll ${roll} has no end`);
    }
  }
}
