import type { Chronicle } from "./chronicle.ts";
import { Departure, type DepartureOptions } from "./departure.ts";
import type { Effects } from "./effects.ts";
import type { Instance, Remnant } from "./instance.ts";
import { type PortChoice, Ports } from "./ports.ts";
import { type Matters, Remains } from "./remains.ts";

/** What an instance is to the application; one that is gone is not on the stage any more. */
export const ROLES = ["candidate", "current", "draining"] as const;
export type Role = (typeof ROLES)[number];

/** How instances leave. */
export interface StageOptions extends DepartureOptions {
  /** Empty: each instance takes a port of its own. */
  childPorts: readonly number[];
}

/** When an instance began; milliseconds since 1970. */
export interface Times {
  readonly startedAt: number;
  /** It passed its gate; null: not yet. */
  readonly healthySince: number | null;
}

/**
 * Who is what: at most one current instance, candidates beside it, and those on their way out. All
 * changes of role happen here, each in one synchronous step, so that nobody ever sees half of one.
 */
export class Stage {
  /** Told when the current instance was taken out of service before anybody can take its place. */
  onVacated: () => void = () => {};
  readonly #effects: Effects;
  readonly #chronicle: Chronicle;
  readonly #options: StageOptions;
  readonly #roles = new Map<Instance, Role>();
  readonly #times = new Map<Instance, Times>();
  readonly #departures = new Map<Instance, Departure>();
  readonly #remains: Remains;
  readonly #ports: Ports;
  /** They may have served before, and nobody has judged them yet. */
  readonly #survivors = new Set<Instance>();
  readonly #drainCut = new AbortController();
  #isKilled = false;

  constructor(effects: Effects, chronicle: Chronicle, options: StageOptions) {
    this.#effects = effects;
    this.#chronicle = chronicle;
    this.#options = options;
    this.#ports = new Ports(effects, options.childPorts);
    this.#remains = new Remains(effects, chronicle, {
      claimPort: ({ port }) => this.#ports.claim(port),
      onGone: (one) => this.#forget(one as Instance),
    });
  }

  /** The instance that serves. */
  get current(): Instance | null {
    for (const [instance, role] of this.#roles) if (role === "current") return instance;
    return null;
  }

  /** Everybody was killed: what is being started may come to be all the same. */
  get isKilled(): boolean {
    return this.#isKilled;
  }

  /** Those that could not be ended; what waits until they are gone, and is told of changes. */
  get remains(): Pick<Remains, "list" | "isWaitedFor" | "onChange"> {
    return this.#remains;
  }

  /** Everybody on the stage, with what they are. */
  list(): ReadonlyMap<Instance, Role> {
    return this.#roles;
  }

  /** When somebody on the stage began. */
  times(instance: Instance): Times {
    return this.#times.get(instance) ?? { startedAt: this.#effects.date(), healthySince: null };
  }

  /**
   * Reserves a port for a candidate, as {@linkcode Ports.take} does.
   *
   * @throws The reason of `signal`, when it aborts.
   */
  async takePort(signal: AbortSignal): Promise<PortChoice> {
    const departures = this.#departures;
    const leavers = {
      get isLeaving() {
        return departures.size > 0;
      },
      hurry: () => void this.hurry(),
    };
    return await this.#ports.take(leavers, signal);
  }

  /** Gives back a port that no instance came to use. */
  releasePort(port: number): void {
    this.#ports.release(port);
  }

  /**
   * An instance enters; it owns the port it was given.
   *
   * @param options `survives`: it served when liveroll ended, and is to stay then as who serves now
   * is, until it is promoted or dismissed.
   */
  admit(instance: Instance, startedAt: number, { survives = false } = {}): void {
    this.#ports.own(instance.port);
    this.#roles.set(instance, "candidate");
    this.#times.set(instance, { startedAt, healthySince: null });
    if (survives) this.#survivors.add(instance);
    if (this.#isKilled && !this.stays(instance)) instance.kill();
  }

  /**
   * The candidate takes all traffic from here on; whoever served before begins to leave.
   *
   * @param roll The roll that this is part of.
   */
  promote(candidate: Instance, roll: number): void {
    const previous = this.current;
    this.#effects.traffic.switchTo(candidate);
    this.#roles.set(candidate, "current");
    this.#survivors.delete(candidate);
    this.#times.set(candidate, {
      ...this.times(candidate),
      healthySince: this.#effects.date(),
    });
    if (previous !== null) this.#depart(previous, { drain: true, warm: true, roll });
  }

  /** Whether `instance` is on its way out, but could still serve. */
  canReturn(instance: Instance): boolean {
    return instance.exit === null && (this.#departures.get(instance)?.canBeCalledOff ?? false);
  }

  /** An instance of `id` on its way out that could return; null: there is none. */
  returning(id: string): Instance | null {
    return [...this.#departures.keys()].find((one) => one.id === id && this.canReturn(one)) ?? null;
  }

  /** An instance that could still return takes all traffic again; the current one leaves. */
  recall(instance: Instance, roll: number): void {
    const bad = this.current;
    this.#departures.get(instance)?.callOff();
    this.#departures.delete(instance);
    this.#effects.traffic.switchTo(instance);
    this.#roles.set(instance, "current");
    if (bad !== null) this.#depart(bad, { drain: true, warm: false, roll });
  }

  /** A candidate was refused, or its roll was called off; it never had traffic to drain. */
  dismiss(candidate: Instance): void {
    this.#depart(candidate, { drain: false, warm: false, roll: null });
  }

  /** The current instance has ended by itself: no traffic to it, and its remains are cleared away. */
  bury(instance: Instance): void {
    this.#effects.traffic.withdraw(instance);
    this.#depart(instance, { drain: false, warm: false, roll: null });
  }

  /**
   * Takes the current instance out of service and resolves when it has left, and everybody else
   * who was on the way out: a refused candidate may take its time to end, too. Who cannot be ended
   * is waited for without a limit: it may still write to the data.
   *
   * @throws The reason of `signal`, when it aborts while somebody cannot be ended.
   */
  async vacate(roll: number, signal: AbortSignal): Promise<void> {
    const current = this.current;
    if (current !== null) {
      this.#effects.traffic.withdraw(current);
      this.#depart(current, { drain: true, warm: false, roll });
      this.onVacated();
    }
    if (await this.gone(() => true, signal)) return;
    signal.throwIfAborted();
    throw new Error("liveroll is stopping");
  }

  /** Asks who is only kept warm to go. @returns Whether somebody is still being ended. */
  hurry(): boolean {
    for (const departure of this.#departures.values()) departure.hurry();
    return this.#departures.size > 0 || this.#remains.isTrying;
  }

  /** Resolves when nobody is on the way out any more; who could not be ended may be left. */
  async empty(matters: Matters = () => true): Promise<void> {
    const leaving = [...this.#departures].filter(([instance]) => matters(instance));
    for (const [, departure] of leaving) departure.hurry();
    await Promise.all(leaving.map(([, { over }]) => over));
  }

  /**
   * Resolves when nobody who matters is on the way out, and all of them were seen to be gone: who
   * could not be ended is tried again and again.
   *
   * @returns False: the end of everything, or `signal`, came before somebody could be ended.
   */
  async gone(matters: Matters = () => true, signal?: AbortSignal): Promise<boolean> {
    await this.empty(matters);
    return await this.#remains.gone(matters, signal);
  }

  /** Something could not be ended: it is waited for like an instance that has survived its stop. */
  remain(remnant: Remnant): void {
    this.#remains.add(remnant);
  }

  /** What could not be ended is left to whoever goes on from here. */
  leave(): void {
    void this.#remains.close();
  }

  /**
   * Everybody leaves, without a drain; resolves when nobody is left, save who serves, or has served,
   * if that is to stay, and who could not be ended.
   */
  async clear(): Promise<void> {
    for (const [instance, role] of this.#roles) {
      if (this.stays(instance)) continue;
      if (role !== "draining") this.#depart(instance, { drain: false, warm: false, roll: null });
    }
    this.#drainCut.abort();
    await this.empty();
    await this.#remains.close();
  }

  /** Kills everybody at once, and whoever enters later: the operator has asked twice. */
  kill(): void {
    this.#isKilled = true;
    this.#effects.runtime.kill?.();
    this.#drainCut.abort();
    for (const instance of this.#roles.keys()) if (!this.stays(instance)) instance.kill();
  }

  /** Whether it runs on when everybody has to leave: it serves, or has served, and is to stay. */
  stays(instance: Instance): boolean {
    const serves = this.#roles.get(instance) === "current" || this.#survivors.has(instance);
    return serves && (this.#effects.runtime.staysOnStop ?? false);
  }

  #depart(
    instance: Instance,
    how: { drain: boolean; warm: boolean; roll: number | null },
  ): void {
    if (this.#departures.has(instance)) return;
    this.#roles.set(instance, "draining");
    this.#survivors.delete(instance);
    const departure = new Departure(
      instance,
      { ...how, cut: this.#drainCut.signal },
      this.#effects,
      this.#chronicle,
      this.#options,
    );
    this.#departures.set(instance, departure);
    departure.over.then((end) => {
      if (end === "called_off") return;
      this.#departures.delete(instance);
      if (end === "survived") this.#remains.add(instance);
      else this.#forget(instance);
      // Who still holds it is seen by whoever wants it next.
      this.releasePort(instance.port);
    });
  }

  #forget(instance: Instance): void {
    this.#roles.delete(instance);
    this.#times.delete(instance);
  }
}
