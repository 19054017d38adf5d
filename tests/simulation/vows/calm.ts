import { Vow } from "../promises.ts";

/** All promises together: in calm weather that serves which should. */
export class TheNewestServes extends Vow {
  readonly name = "in calm weather the newest serves";

  onConverged(): void {
    const { machine, plan } = this.scene;
    const { preferences, proven } = this.life.updater;
    const { target } = this.life.traffic;
    const { calm, setup } = plan;
    const { paused, pinned, skipped } = preferences.now;
    if (proven.newest !== null && target === null) this.broken("nothing serves");
    const isAsked = calm.cleanUp;
    const isFree = !paused && pinned === null && !skipped.includes(machine.registry.newest);
    const isAutomatic = !setup.updater.notifyOnly && !setup.updater.onDemand;
    if (calm.registryDown || !isAsked && !(isFree && isAutomatic)) return;
    if (target?.id === machine.registry.newest) return;
    this.broken(`${target?.id ?? "nothing"} serves instead of ${machine.registry.newest}`);
  }
}

/** TERM ends everything that liveroll has begun, in the end also itself. */
export class TheEndIsClean extends Vow {
  readonly name = "TERM ends everything";

  onLifeEnds(how: "killed" | "ended"): void {
    if (how === "killed") return;
    const { machine } = this.scene;
    const { source, traffic } = this.life;
    if (source.isBusy) this.broken("the registry is still asked");
    if (!traffic.isClosed) this.broken("the listener was left open");
    for (const process of machine.processes.present()) {
      if (process.isKnown || process.startedAt >= this.#began) {
        this.broken(`${process.key} was left behind`);
      }
    }
  }

  onLifeBegins(): void {
    this.#began = this.now;
  }

  #began = 0;
}
