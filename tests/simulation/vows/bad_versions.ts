import type { RollEvent } from "../../../src/roll/events.ts";
import type { JournalEntry } from "../../../src/roll/journal.ts";
import { neverPasses } from "../conduct.ts";
import { Vow } from "../promises.ts";
import type { SimProcess } from "../sim_process.ts";

/** Nobody asked for these: they begin by themselves. */
const BY_ITSELF: ReadonlySet<string> = new Set(["interval", "start"]);

/** Promise 2: a version that can never pass its gate never serves. */
export class TheBadNeverServe extends Vow {
  readonly name = "P2 the bad never serve";

  onSwitch(process: SimProcess): void {
    if (neverPasses(process.conduct)) this.broken(`${process.id} serves, and never was healthy`);
  }
}

/** Promise 2: with blue-green, a version that is refused takes nobody down. */
export class TheGoodStay extends Vow {
  readonly name = "P2 the good stay";
  readonly #served = new Map<number, SimProcess | null>();
  #switches = 0;

  onLifeBegins(): void {
    this.#served.clear();
  }

  onSwitch(): void {
    this.#switches++;
    this.#served.clear();
  }

  onEvent(event: RollEvent): void {
    if (this.scene.plan.setup.updater.exclusive) return;
    if (event.type === "roll.started") {
      this.#served.set(event.roll, this.life.traffic.target);
    }
    if (event.type !== "roll.failed" || this.life.stopsAsked > 0) return;
    const good = this.#served.get(event.roll) ?? null;
    if (good === null || !good.lives || this.life.traffic.target === good) return;
    this.broken(`${event.id} was refused, and ${good.key} does not serve any more`);
  }
}

/** Promise 2: what is in quarantine is not tried by itself until its time has come. */
export class QuarantineHolds extends Vow {
  readonly name = "P2 quarantine holds";
  readonly #until = new Map<string, number>();

  onLifeBegins(): void {
    const { disk, clock } = this.scene.machine;
    const date = this.scene.machine.date();
    this.#until.clear();
    for (const { id, retryAt, waitMs } of disk.ledger.quarantine.values()) {
      const inMs = Math.min(Math.max(0, retryAt - date), waitMs);
      this.#until.set(id, clock.now() + inMs);
    }
  }

  onEvent(event: RollEvent): void {
    switch (event.type) {
      case "quarantine.added":
        this.#until.set(event.id, this.now + event.retryInMs);
        break;
      case "quarantine.released":
        this.#until.delete(event.id);
        break;
      case "roll.switched":
        this.#until.delete(event.instance.id);
        break;
      case "restart.scheduled":
        if (event.crashLoop && this.life.updater.stage.current === null) this.#ease();
        break;
      case "roll.started":
        if (!BY_ITSELF.has(event.trigger) || event.to === event.from) break;
        if (this.now < (this.#until.get(event.to) ?? 0) - 1) {
          this.broken(`${event.to} is tried (${event.trigger}) although it is in quarantine`);
        }
    }
  }

  /** While nothing serves and what was good does not start, a refused version waits no longer. */
  #ease(): void {
    for (const [id, until] of this.#until) this.#until.set(id, Math.min(until, this.now + 30_000));
  }
}

/** Promise 2: who fails after its switch gives way to the version that proved itself last. */
export class RollbackGoesBack extends Vow {
  readonly name = "P2 a rollback goes back";
  #proven: readonly string[] = [];
  #left: string | null = null;
  readonly #triggers = new Map<number, string>();

  onLifeBegins(): void {
    this.#proven = this.scene.machine.disk.ledger.proven;
    this.#left = null;
  }

  onEntry(entry: JournalEntry): void {
    if (entry.step === "version.proven") this.#proven = [...this.#proven, entry.id];
  }

  onEvent(event: RollEvent): void {
    if (event.type === "roll.started") this.#triggers.set(event.roll, event.trigger);
    // Somebody wants it after all.
    if (event.type === "quarantine.released" && event.id === this.#left) this.#left = null;
    // Nothing better is left.
    if (event.type === "restart.scheduled" && event.crashLoop) this.#left = null;
    if (event.type === "roll.rolled_back" && !event.detail.startsWith("somebody went back")) {
      const expected = this.#proven.at(-1) ?? null;
      if (event.to !== expected) {
        this.broken(`${event.id} gives way to ${event.to}, but ${expected} was good last`);
      }
      this.#left = event.id;
    }
    if (event.type !== "roll.switched" || this.#left === null) return;
    const bad = this.#left;
    this.#left = null;
    const trigger = this.#triggers.get(event.roll) ?? "";
    if (event.instance.id !== bad || !BY_ITSELF.has(trigger)) return;
    this.broken(`${bad} was rolled back, and serves next (${trigger})`);
  }
}
