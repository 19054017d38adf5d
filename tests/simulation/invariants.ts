import type { RollEvent } from "../../src/roll/events.ts";
import type { Updater } from "../../src/roll/updater.ts";
import type { UpdaterOptions } from "../../src/roll/updater_options.ts";
import type { SimInstance, World } from "./sim_world.ts";

/** liveroll's promises in machine form; asked after every single event. */
export class Invariants {
  stopRequested = false;
  readonly #world: World;
  readonly #updater: Updater;
  readonly #options: UpdaterOptions;
  readonly #healings = new Set<number>();
  readonly #quarantined = new Map<string, number>();

  constructor(world: World, updater: Updater, options: UpdaterOptions) {
    this.#world = world;
    this.#updater = updater;
    this.#options = options;
    world.onSwitch = (instance) => this.#onSwitch(instance);
    world.onDrain = (instance) => this.#onDrain(instance);
    world.onStop = (instance) => this.#onStop(instance);
  }

  /** What must hold at every moment. */
  check(): void {
    const world = this.#world;
    const living = world.living();
    const most = this.#options.exclusive ? 1 : 2;
    if (living.length > most) world.violate(`${living.length} instances live`);
    if (new Set(living.map(({ port }) => port)).size < living.length) {
      world.violate("two instances live on one port");
    }
    const current = [...this.#updater.stage.list()].filter(([, role]) => role === "current");
    if (current.length > 1) world.violate("two instances are current");
    if (!world.closed && world.target !== (current[0]?.[0] ?? null)) {
      world.violate("requests do not go to the current instance");
    }
    if (world.target !== null && world.target.exit !== null) {
      world.violate("requests go to an instance that has ended");
    }
    for (const instance of living) {
      if (!this.#updater.stage.list().has(instance)) {
        world.violate(`nobody looks after ${instance.key}`);
      }
    }
  }

  onEvent(event: RollEvent): void {
    const now = this.#world.clock.now();
    if (event.type === "roll.failed" && event.retryInMs !== null) {
      this.#quarantined.set(event.id, now + event.retryInMs);
    }
    if (event.type === "quarantine.released") this.#quarantined.delete(event.id);
    if (event.type === "roll.switched") {
      this.#quarantined.delete(event.instance.id);
      if (this.#healings.has(event.roll) && this.#world.displaced?.exit === null) {
        this.#world.violate(`a healing pushed ${this.#world.displaced.key} aside, which was well`);
      }
    }
    if (event.type === "instance.exited") {
      if (this.#updater.stage.current?.key !== event.instance.key) {
        this.#world.violate(`the planned end of ${event.instance.key} is told as a crash`);
      }
    }
    if (event.type !== "roll.started") return;
    if (event.trigger === "crash") this.#healings.add(event.roll);
    if (event.trigger === "forced") this.#quarantined.delete(event.to);
    if (now < (this.#quarantined.get(event.to) ?? 0)) {
      this.#world.violate(`${event.to} is tried again although it is in quarantine`);
    }
  }

  /** What must be true some time after the world has become kind. */
  checkConverged(): void {
    const world = this.#world;
    if (world.violations.length > 0) return;
    if (world.registryDown) {
      if (world.served.size > 0 && world.target === null) {
        world.violate("nothing serves although only the registry is down");
      }
    } else if (world.target?.id !== world.published) {
      world.violate(`${world.target?.id ?? "nothing"} serves instead of ${world.published}`);
    }
    if (world.living().length > 1) {
      world.violate(`${world.living().length} instances live in calm weather`);
    }
  }

  /** What must be true when it is all over. */
  checkEnd(): void {
    const world = this.#world;
    for (const { key } of world.living()) world.violate(`${key} was left behind`);
    if (!world.closed) world.violate("the listener was left open");
  }

  /** Only what was proven may serve. */
  #onSwitch(instance: SimInstance): void {
    if (!instance.provenByProbe) this.#world.violate(`${instance.key} serves without proof`);
    if (instance.exit !== null) this.#world.violate(`${instance.key} serves although it ended`);
    if (this.stopRequested) this.#world.violate(`${instance.key} begins to serve after TERM`);
  }

  /** The good one stays until a better one serves. */
  #onDrain(instance: SimInstance): void {
    const world = this.#world;
    if (this.#options.exclusive || this.stopRequested) return;
    if (world.target === null || world.target.exit !== null) {
      world.violate(`${instance.key} has to leave although nobody serves in its place`);
    }
  }

  /** Out of rotation, drained, then stopped: in that order. */
  #onStop(instance: SimInstance): void {
    const world = this.#world;
    if (world.closed) return;
    if (world.target === instance) {
      world.violate(`${instance.key} is stopped while requests go to it`);
    }
    const served = world.served.has(instance);
    if (served && instance.exit === null && !world.drained.has(instance)) {
      world.violate(`${instance.key} is stopped before it has drained`);
    }
  }
}
