import type { Copies, Copy } from "../../../src/roll/copies.ts";
import type { Endpoints, Instance } from "../../../src/roll/instance.ts";
import type { FairWorld } from "./fair_world.ts";

/** What an instance is made of, as a test says. */
export class FakeCopies implements Copies, Endpoints {
  readonly now = [];
  readonly all: readonly Copy[] = [];
  readonly wanted: number;
  well: number;
  readonly listeners = new Set<() => void>();

  constructor(wanted = 3) {
    this.wanted = wanted;
    this.well = wanted;
  }

  get shortage(): string | null {
    return this.well === this.wanted ? null : `${this.well} of ${this.wanted} are well`;
  }

  onChange(listener: () => void): Disposable {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => void this.listeners.delete(listener) };
  }

  /** From now on so many are well. */
  change(well: number): void {
    this.well = well;
    for (const listener of this.listeners) listener();
  }
}

/** Whatever is started in `world` is made of copies, which are told to `onStart`. */
export function madeOfCopies(
  world: FairWorld,
  onStart: (copies: FakeCopies, instance: Instance) => void,
): void {
  const { start } = world.runtime;
  world.runtime.start = async (version) => {
    const copies = new FakeCopies();
    const instance = Object.assign(await start(version), { copies, endpoints: copies });
    onStart(copies, instance);
    return instance;
  };
}
