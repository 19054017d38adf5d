import type { RollEvent } from "../../../src/roll/events.ts";
import { Vow } from "../promises.ts";

/** These bring back what has been well here: nobody is asked. */
const BACK = ["crash", "liveness", "restart", "automatic-rollback", "rollback"];

/** In a fleet, a new version takes the place of one that serves only when nobody else rolls. */
export class OneHostAtATime extends Vow {
  readonly name = "one host rolls at a time";
  /** Rolls that may not switch while somebody else rolls. */
  readonly #bound = new Set<number>();

  onLifeBegins(): void {
    this.#bound.clear();
  }

  onEvent(event: RollEvent): void {
    const { setup } = this.scene.plan;
    if (event.type === "roll.started") {
      const isNew = event.from !== null && event.from !== event.to && !BACK.includes(event.trigger);
      // One that was put off may find its version running when it begins again.
      if (setup.fleet && isNew) this.#bound.add(event.roll);
      else this.#bound.delete(event.roll);
    }
    // Where nothing serves, nobody is waited for.
    if (event.type === "roll.phase" && event.name === "turn") {
      if (this.life.updater.stage.current === null) this.#bound.delete(event.roll);
    }
    if (event.type !== "roll.switched" || !this.#bound.has(event.roll)) return;
    if (this.scene.machine.fleet.isTaken) {
      this.broken(`${event.instance.id} begins to serve while another host rolls`);
    }
  }
}
