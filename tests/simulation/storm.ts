import type { Order, Setting } from "../../src/roll/orders.ts";
import type { Machine } from "./machine.ts";
import type { Promises } from "./promises.ts";
import type { StormEvent } from "./storm_event.ts";

/** Lets things happen to the world, and people ask for things. */
export class Storm {
  readonly #machine: Machine;
  readonly #promises: Promises;

  constructor(machine: Machine, promises: Promises) {
    this.#machine = machine;
    this.#promises = promises;
  }

  /** Lets everything happen at its time. */
  schedule(events: readonly StormEvent[]): void {
    for (const event of events) this.#machine.clock.after(event.at, () => this.#happen(event));
  }

  #happen(event: StormEvent): void {
    const machine = this.#machine;
    machine.counts.add(`storm ${event.what}`);
    switch (event.what) {
      case "publish": {
        const id = machine.registry.publish(event.conduct);
        return machine.trace.note(`published ${id}`, event.conduct);
      }
      case "jump":
        machine.trace.note(`the clock jumps by ${event.byMs} ms`);
        machine.weather.wallMs += event.byMs;
        return;
      case "crash":
      case "sicken":
        return this.#strike(event);
      case "stranger":
        return this.#stranger(event);
      case "registry":
        machine.trace.note(`the registry is ${event.how}`);
        machine.registry.state = event.how;
        return this.#later(event.forMs, () => machine.registry.state = "up");
      case "disk":
        machine.trace.note("the disk is full");
        machine.disk.isFull = true;
        return this.#later(event.forMs, () => machine.disk.isFull = false);
      case "hooks":
        machine.trace.note(`hooks are ${event.how}`);
        machine.weather.hooks = event.how;
        return this.#later(event.forMs, () => machine.weather.hooks = "working");
      case "other host":
        machine.trace.note("another host wants to roll", event);
        return void machine.fleet.roll(machine.registry.newest, event.forMs, event.fails);
      case "fleet store":
        machine.trace.note("the store of the fleet is away");
        machine.fleet.isDown = true;
        return this.#later(event.forMs, () => machine.fleet.isDown = false);
      case "lost turn":
        machine.trace.note("the store forgets who rolls");
        return void machine.fleet.forget();
      case "HUP":
      case "USR2":
        return this.#promises.life?.signal(event.what);
      default:
        return this.#ask(event);
    }
  }

  #strike(event: Extract<StormEvent, { what: "crash" | "sicken" }>): void {
    const victim = this.#machine.processes.living()[event.who];
    if (victim === undefined) return;
    if (event.what === "sicken") {
      this.#machine.trace.note(`${victim.key} does not answer for ${event.forMs} ms`);
      victim.sickUntil = this.#machine.clock.now() + event.forMs;
    } else {
      this.#machine.trace.note(`kill -9 ${victim.key}`);
      victim.end({ code: 137, signal: "SIGKILL" }, "crash");
    }
  }

  #stranger({ who, forMs, snipes }: Extract<StormEvent, { what: "stranger" }>): void {
    const { processes, setup, weather } = this.#machine;
    if (snipes) {
      weather.sniperMs = forMs;
      return;
    }
    const { childPorts } = setup.updater;
    const port = childPorts[who % childPorts.length]!;
    if (processes.holderOf(port) !== null) return;
    this.#machine.trace.note(`a stranger takes ${port}`);
    processes.strangers.add(port);
    this.#later(forMs, () => processes.strangers.delete(port));
  }

  /** Mends what is broken, unless calm weather has done so. */
  #later(ms: number, mend: () => void): void {
    this.#machine.clock.after(ms, () => {
      if (!this.#machine.weather.isCalm) mend();
    });
  }

  #ask(event: StormEvent): void {
    const { life } = this.#promises;
    if (life === null || !life.isOn) return;
    const order = this.#orderOf(event);
    if (order !== null) return void life.order(order);
    const setting = this.#settingOf(event);
    if (setting !== null) void life.set(setting);
  }

  #orderOf(event: StormEvent): Order | null {
    const name = (number: number | null) =>
      number === null ? null : this.#machine.registry.pick(number);
    switch (event.what) {
      case "update": {
        const { version, force, by } = event;
        return { kind: "update", id: name(version), force, by };
      }
      case "rollback":
        return { kind: "rollback", id: name(event.version) };
      case "retry":
        return { kind: "retry" };
      case "pin":
        return { kind: "pin", id: name(event.version)! };
      default:
        return null;
    }
  }

  /** What is on its way, if anything is: few would be hit by chance. */
  #unwanted(version: number): string {
    const underWay = this.#promises.life?.updater.rollUnderWay?.target.id;
    return underWay ?? this.#machine.registry.pick(version);
  }

  #settingOf(event: StormEvent): Setting | null {
    switch (event.what) {
      case "pause":
      case "resume":
      case "hold":
      case "release":
      case "unpin":
        return { kind: event.what };
      case "skip":
        return { kind: "skip", id: this.#unwanted(event.version) };
      case "maintenance":
        return { kind: "maintenance", message: event.message };
      default:
        return null;
    }
  }
}
