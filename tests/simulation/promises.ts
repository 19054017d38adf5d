import type { RollEvent } from "../../src/roll/events.ts";
import type { JournalEntry } from "../../src/roll/journal.ts";
import type { Order, Setting } from "../../src/roll/orders.ts";
import type { Life } from "./life.ts";
import type { Machine } from "./machine.ts";
import type { Plan } from "./plan.ts";
import type { SimProcess } from "./sim_process.ts";

/** Everything that can be watched. What is a deed is told before it is done. */
export interface Hooks {
  onLifeBegins(): void;
  /** It was killed, or has come to its end. */
  onLifeEnds(how: "killed" | "ended"): void;
  onEvent(event: RollEvent): void;
  onStart(what: { key: string; id: string; port: number; token: string }): void;
  /** The process runs. */
  onStarted(process: SimProcess): void;
  onSwitch(process: SimProcess, previous: SimProcess | null): void;
  onWithdraw(process: SimProcess): void;
  onStop(process: SimProcess): void;
  onKill(process: SimProcess): void;
  /** Something is to be written down. */
  onEntry(entry: JournalEntry): void;
  /** It becomes durable. */
  onDurable(entry: JournalEntry): void;
  /** A setting was confirmed. */
  onAcknowledged(setting: Setting): void;
  /** An order was accepted. */
  onAccepted(order: Order, request: number): void;
  /** Everything that one moment caused has happened. */
  onStep(): void;
  /** The world has been kind for long enough. */
  onConverged(): void;
  /** It is all over. */
  onEnd(): void;
}

/** What was not kept. */
export interface Violation {
  readonly vow: string;
  readonly what: string;
  readonly atMs: number;
}

/** What a vow looks at. */
export interface Scene {
  readonly plan: Plan;
  readonly machine: Machine;
  /** The liveroll that lives; null: none does. */
  readonly life: Life | null;
}

/** One thing that liveroll promises, in machine form. It implements the hooks that it needs. */
export abstract class Vow {
  /** For example `P1 only the proven serve`. */
  abstract readonly name: string;
  protected readonly scene: Scene;
  readonly #violate: (name: string, what: string) => void;

  constructor(scene: Scene, violate: (name: string, what: string) => void) {
    this.scene = scene;
    this.#violate = violate;
  }

  protected broken(what: string): void {
    this.#violate(this.name, what);
  }

  /** The liveroll that lives; only called while one does. */
  protected get life(): Life {
    return this.scene.life!;
  }

  protected get now(): number {
    return this.scene.machine.clock.now();
  }
}

/** How a vow is made. */
export type VowType = new (scene: Scene, violate: (name: string, what: string) => void) =>
  & Vow
  & Partial<Hooks>;

/** All vows, and what of them was broken. */
export class Promises implements Scene {
  life: Life | null = null;
  readonly violations: Violation[] = [];
  readonly #listeners = new Map<keyof Hooks, (Partial<Hooks>)[]>();
  readonly #vows: (Vow & Partial<Hooks>)[];

  constructor(readonly plan: Plan, readonly machine: Machine, vows: readonly VowType[]) {
    this.#vows = vows.map((Type) => new Type(this, (name, what) => this.violate(name, what)));
    machine.disk.onDurable = (entry) => this.tell("onDurable", entry);
  }

  /** Tells those who want to know. */
  tell<K extends keyof Hooks>(hook: K, ...args: Parameters<Hooks[K]>): void {
    for (const vow of this.#listening(hook)) {
      (vow[hook] as (...args: Parameters<Hooks[K]>) => void)(...args);
    }
  }

  violate(vow: string, what: string): void {
    const atMs = this.machine.clock.now();
    this.violations.push({ vow, what, atMs });
    this.machine.trace.note(`BROKEN ${vow}: ${what}`);
  }

  #listening(hook: keyof Hooks): readonly Partial<Hooks>[] {
    let listeners = this.#listeners.get(hook);
    if (listeners === undefined) {
      listeners = this.#vows.filter((vow) => vow[hook] !== undefined);
      this.#listeners.set(hook, listeners);
    }
    return listeners;
  }
}
