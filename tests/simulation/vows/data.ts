import type { DataRecord } from "../../../src/data/data_record.ts";
import type { RollEvent } from "../../../src/roll/events.ts";
import type { SimProcess } from "../sim_process.ts";
import { type Scene, Vow } from "../promises.ts";

/** Where a version cannot live with the data of another one, none is ever started on it. */
export class TheDataFits extends Vow {
  readonly name = "the data fits whoever starts";
  /** Versions that somebody wanted back, whatever the data is like. */
  readonly #wanted = new Set<string>();

  onEvent(event: RollEvent): void {
    if (event.type !== "roll.started") return;
    if (event.trigger === "rollback") this.#wanted.add(event.to);
  }

  onStart({ key, id }: { key: string; id: string }): void {
    const { setup: { data }, machine } = { ...this.scene.plan, ...this.scene };
    if (data?.contract !== "destructive") return;
    const { state: { fits, isHalf }, record } = machine.data;
    if (isHalf) this.broken(`${key} (${id}) starts on data that is changed half way`);
    else if (record !== null && `i${record.roll}` !== key && !(record.to === id && fits === id)) {
      this.broken(`${key} (${id}) starts while the data is being changed for ${record.to}`);
    } else if (fits !== null && fits !== id && !this.#wanted.has(id)) {
      this.broken(`${key} (${id}) starts on the data of ${fits}`);
    }
  }
}

/** A copy is put back when nobody runs, and never after its version has served. */
export class NothingServedIsTakenBack extends Vow {
  readonly name = "what came in while a version served is not taken away";
  readonly #served = new Set<number>();

  constructor(scene: Scene, violate: (name: string, what: string) => void) {
    super(scene, violate);
    scene.machine.data.onRestore = (record) => this.#check(record);
  }

  onLifeBegins(): void {
    this.#served.clear();
  }

  onSwitch({ key }: SimProcess): void {
    this.#served.add(Number(key.slice(1)));
  }

  #check(record: DataRecord | null): void {
    if (record !== null && this.#served.has(record.roll)) {
      this.broken(`the data from before ${record.to} is put back although it has served`);
    }
    if (!this.scene.plan.setup.updater.exclusive) return;
    // Who was never written down is looked for by other means than the journal.
    const running = this.scene.machine.processes.living().find(({ isKnown }) => isKnown);
    if (running !== undefined) this.broken(`data is put back while ${running.key} runs`);
  }
}
