import { Vow } from "../promises.ts";
import { EXIT_NEWS_MS } from "../sim_instance.ts";
import type { SimProcess } from "../sim_process.ts";

/**
 * Promise 1: the route only ever points at an instance that passed its gate in this very life and
 * that nobody has told to stop; and to one that has ended no longer than the news of it takes.
 */
export class OnlyTheProvenServe extends Vow {
  readonly name = "P1 only the proven serve";

  onLifeBegins(): void {
    const { processes, disk } = this.scene.machine;
    for (const process of processes.living()) {
      process.proofs = 0;
      // If that could not be written down, nobody can know of it any more.
      const isKnown = disk.ledger.instances.get(process.key)?.stage === "stopping";
      if (!isKnown) process.stopAskedAt = null;
    }
  }

  onSwitch(process: SimProcess): void {
    if (!process.lives) this.broken(`${process.key} begins to serve although it has ended`);
    if (process.proofs === 0) this.broken(`${process.key} begins to serve without proof`);
    if (process.stopAskedAt !== null) this.broken(`${process.key} serves although told to stop`);
    if (this.life.stopsAsked > 0) this.broken(`${process.key} begins to serve after TERM`);
  }

  onStep(): void {
    const target = this.scene.life?.traffic.target ?? null;
    if (target === null) return;
    if (target.stopAskedAt !== null) this.broken(`requests go to ${target.key}, which has to stop`);
    if (this.now > target.endedAt + EXIT_NEWS_MS) {
      this.broken(`requests go to ${target.key}, which has ended`);
    }
  }
}

/** Promise 1: who is told to stop has no request in flight any more: they ended, or were cut in time. */
export class NothingInFlightIsLost extends Vow {
  readonly name = "P1 nothing in flight is lost";

  onStop(process: SimProcess): void {
    if (!process.lives || process.inFlight === 0) return;
    this.broken(`${process.key} is stopped with ${process.inFlight} requests in flight`);
  }
}

/** Promise 1: with blue-green, nobody who lives is taken out of service without a successor. */
export class CapacityStays extends Vow {
  readonly name = "P1 capacity stays";

  onWithdraw(process: SimProcess): void {
    if (!process.lives || this.scene.plan.setup.updater.exclusive) return;
    if (this.life.stopsAsked === 0) this.broken(`${process.key} has to leave, and nobody follows`);
  }
}
