import type { ContainerInfo } from "../../container/engine/container_info.ts";
import { EngineError } from "../../container/engine/engine_error.ts";
import type { EngineEvent } from "../../container/engine/events.ts";
import { systemClock, withDeadline } from "../../platform/clock.ts";
import { RecentLines } from "../../platform/recent_lines.ts";
import {
  type Endpoint,
  type Endpoints,
  type Exit,
  type Instance,
  type StopOutcome,
  UNKNOWN_EXIT,
} from "../../roll/effects.ts";
import type { Identity } from "../process_instance.ts";
import type { Crew } from "./crew.ts";
import { Deaths } from "./deaths.ts";
import { LABELS } from "./labels.ts";
import { LOOPBACK, Replica } from "./replica.ts";

/** The engine starts a container again at once at first; later it waits longer and longer. */
const PATIENCE_MS = 10_000;

/** Time to read what a container printed last. */
const LAST_WORDS_MS = 1_000;

/** How long an engine that does not answer is asked to stop a container. */
const STOP_RETRY_MS = 30_000;

const RETRY_MS = 1_000;

/** A version that runs in containers: one or several, all alike. */
export class ContainerInstance implements Instance, Endpoints {
  readonly key: string;
  readonly id: string;
  readonly host = LOOPBACK;
  readonly birth = null;
  readonly exited: Promise<Exit>;
  /** Resolves when it was stopped. */
  readonly gone: Promise<void>;
  readonly identity: Identity;
  readonly #crew: Crew;
  readonly #replicas = new Map<number, Replica>();
  readonly #listening = new Map<number, Disposable>();
  readonly #changed = new Set<() => void>();
  readonly #lines = new RecentLines();
  readonly #end = Promise.withResolvers<Exit>();
  readonly #left = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  readonly #besides = new Set<Promise<void>>();
  #deaths: Deaths | null = null;
  #exit: Exit | null = null;
  #port = 0;
  #pid = 0;
  #now: readonly Endpoint[] = [];
  #stopping: Promise<StopOutcome> | null = null;

  constructor(identity: Identity, crew: Crew) {
    this.identity = identity;
    this.key = identity.key;
    this.id = identity.id;
    this.#crew = crew;
    this.exited = this.#end.promise;
    this.gone = this.#left.promise;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#pid;
  }

  get exit(): Exit | null {
    return this.#exit;
  }

  get endpoints(): Endpoints {
    return this;
  }

  get now(): readonly Endpoint[] {
    return this.#now;
  }

  /** Its containers, for probes and commands. */
  get replicas(): readonly Replica[] {
    return [...this.#replicas.values()];
  }

  onChange(listener: () => void): Disposable {
    this.#changed.add(listener);
    return { [Symbol.dispose]: () => void this.#changed.delete(listener) };
  }

  impostor(): Promise<string | null> {
    // The engine itself holds the port.
    return Promise.resolve(null);
  }

  lastLines(): readonly string[] {
    return this.#lines.all();
  }

  /** Creates and starts its containers. @throws {Error} Nothing is left behind then. */
  async start(count: number): Promise<void> {
    try {
      const numbers = Array.from({ length: count }, (_, number) => number);
      await Promise.all(numbers.map((number) => this.#add(number)));
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#ready(...this.replicas);
  }

  /** Containers that run for it, or are to come back. */
  get count(): number {
    return this.#replicas.size;
  }

  /**
   * Adds containers until there are `count`, and waits until they are well.
   *
   * @throws {Error} When one does not come up, or is not well in time.
   */
  async grow(count: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const missing = Array.from({ length: count }, (_, number) => number)
      .filter((number) => !this.#replicas.has(number));
    const { clock } = this.#crew;
    const results = await Promise.all(missing.map(async (number) => {
      await this.#add(number);
      const replica = this.#replicas.get(number)!;
      if (this.#deaths !== null) this.#keepAlive(replica.containerId);
      return await withDeadline(clock, timeoutMs, signal, () => this.#untilWell(replica));
    }));
    if (results.includes("timed_out")) throw new Error("a container was not healthy in time");
    if (results.includes(false)) throw new Error("a container ended before it was healthy");
  }

  /** Lets containers go until there are `count`; `drain` waits until one has nothing to do. */
  async shrink(count: number, drain: (key: string) => Promise<unknown>): Promise<void> {
    const leaving = this.replicas.toSorted((a, b) => b.number - a.number)
      .slice(0, Math.max(0, this.#replicas.size - count));
    const keys = leaving.map(({ endpoint }) => endpoint?.key);
    for (const replica of leaving) replica.isReady = false;
    this.#refresh();
    await Promise.all(leaving.map(async (replica, index) => {
      const key = keys[index];
      if (key !== undefined) await drain(key);
      this.#listening.get(replica.number)?.[Symbol.dispose]();
      this.#replicas.delete(replica.number);
      await this.#stopOne(replica);
    }));
  }

  /** Takes over containers of a former life, whatever they are doing. */
  async adopt(containerIds: readonly { id: string; number: number }[]): Promise<void> {
    for (const { id, number } of containerIds) {
      const info = await this.#crew.engine.containers.find(id, this.#closing.signal);
      if (info === null) continue;
      const replica = new Replica(info, number);
      this.#enter(replica);
      if (replica.state === "up") this.#arrive(replica, info);
    }
    this.#ready(...this.replicas);
    if (this.#now.length === 0) this.#finish({ code: UNKNOWN_EXIT, signal: null });
  }

  /** It serves from here on: a container that ends is started again, the others go on. */
  commit(): void {
    if (this.#deaths !== null || this.#exit !== null) return;
    this.#deaths = new Deaths(this.#crew.clock, this.#crew.strictMs);
    for (const { containerId } of this.#replicas.values()) this.#keepAlive(containerId);
    for (let number = 0; number < this.#crew.maker.count; number++) {
      const replica = this.#replicas.get(number);
      if (replica === undefined || replica.isMissed) this.#beside(this.#replace(number));
    }
  }

  /** Whether it serves, or has served. */
  get isCommitted(): boolean {
    return this.#deaths !== null;
  }

  /** Nobody looks after it any more; its containers go on. */
  leave(): void {
    for (const listening of this.#listening.values()) listening[Symbol.dispose]();
    this.#closing.abort();
  }

  stop(): Promise<StopOutcome> {
    return this.#stopping ??= this.#stop();
  }

  kill(): void {
    for (const { containerId } of this.#replicas.values()) {
      this.#crew.engine.containers.kill(containerId, "SIGKILL", AbortSignal.timeout(STOP_RETRY_MS))
        .catch(() => {});
    }
  }

  async #add(number: number): Promise<void> {
    const { engine } = this.#crew;
    const { signal } = this.#closing;
    const id = await this.#crew.maker.create(this.identity, number, signal);
    const created = await engine.containers.inspect(id, signal);
    const replica = new Replica(created, number);
    this.#enter(replica);
    await this.#crew.maker.start(id, signal);
    await this.#revive(replica);
  }

  #enter(replica: Replica): void {
    const { number, containerId } = replica;
    this.#listening.get(number)?.[Symbol.dispose]();
    this.#replicas.set(number, replica);
    this.#listening.set(
      number,
      this.#crew.watch.listen(containerId, {
        onEvent: (event) => this.#hear(replica, event),
        onReturn: () => this.#beside(this.#lookAgain(replica)),
      }),
    );
  }

  /** Looks where it answers now. */
  async #revive(replica: Replica): Promise<void> {
    const { engine } = this.#crew;
    const info = await engine.containers.inspect(replica.containerId, this.#closing.signal);
    if (info.state === "running") return this.#arrive(replica, info);
    // It was up, if only for a moment.
    replica.state = "up";
    this.#died(replica, info.end?.code ?? 1);
  }

  #arrive(replica: Replica, info: ContainerInfo): void {
    replica.up(this.key, info, this.#crew.maker.hostPort(info, this.id));
    this.#port ||= replica.endpoint?.port ?? 0;
    this.#pid ||= info.pid;
    this.#beside(this.#follow(replica, info.startedAt, info.isTty));
  }

  #hear(replica: Replica, { action, exitCode, health }: EngineEvent): void {
    if (this.#replicas.get(replica.number) !== replica || this.#stopping !== null) return;
    switch (action) {
      case "out_of_memory":
        replica.isOutOfMemory = true;
        return;
      case "health":
        replica.health = health === "healthy" || health === "unhealthy" ? health : "starting";
        return;
      case "died":
        return this.#died(replica, exitCode ?? 1);
      case "started":
        if (replica.state === "down") this.#beside(this.#comeBack(replica));
        return;
      case "removed":
        return this.#lost(replica);
    }
  }

  #died(replica: Replica, code: number): void {
    if (replica.state !== "up") return;
    replica.down();
    this.#refresh();
    const memory = replica.isOutOfMemory ? ", it was out of memory" : "";
    this.#crew.log.warn(`Container ${replica.name} ended with code ${code}${memory}`, {
      event: "container.died",
      container: replica.name,
      code,
      outOfMemory: replica.isOutOfMemory,
    });
    if (replica.isSilent && (code === 0 || this.#deaths?.isStrict === false)) return;
    if (this.#deaths === null || this.#deaths.add() === "too_many") {
      return this.#finish({ code, signal: code === 137 ? "SIGKILL" : null }, replica);
    }
    this.#beside(this.#waitFor(replica));
  }

  /** The engine starts it again, or we put another one in its place. */
  async #waitFor(replica: Replica): Promise<void> {
    const { engine, clock, watch } = this.#crew;
    const { signal } = this.#closing;
    const until = clock.now() + PATIENCE_MS;
    do {
      await clock.sleep(RETRY_MS, signal);
      while (watch.isAway) await clock.sleep(RETRY_MS, signal);
      if (replica.state !== "down" || !this.#isOurs(replica)) return;
      const info = await engine.containers.find(replica.containerId, signal);
      // Whom somebody has stopped the engine does not start again.
      if (info?.state !== "restarting" && info?.state !== "running") break;
    } while (clock.now() < until);
    if (replica.state === "down" && this.#isOurs(replica)) await this.#replace(replica.number);
  }

  /** It was started again: it gets requests once it is well. */
  async #comeBack(replica: Replica): Promise<void> {
    const { engine } = this.#crew;
    const info = await engine.containers.inspect(replica.containerId, this.#closing.signal);
    if (info.state !== "running" || !this.#isOurs(replica)) return;
    this.#arrive(replica, info);
    if (!await this.#untilWell(replica)) return;
    this.#crew.log.info(`Container ${replica.name} is back`, {
      event: "container.back",
      container: replica.name,
    });
  }

  #lost(replica: Replica): void {
    if (replica.state === "gone") return;
    this.#crew.log.warn(`Container ${replica.name} was removed`, {
      event: "container.removed",
      container: replica.name,
    });
    // One that is removed by force has died a moment ago.
    const isCounted = replica.state === "down";
    replica.down();
    replica.state = "gone";
    this.#refresh();
    if (this.#deaths === null || !isCounted && this.#deaths.add() === "too_many") {
      return this.#finish({ code: UNKNOWN_EXIT, signal: null }, replica);
    }
    this.#beside(this.#replace(replica.number));
  }

  /** Another container takes the place of one that does not come back. */
  async #replace(number: number): Promise<void> {
    const { maker, clock, log } = this.#crew;
    const { signal } = this.#closing;
    for (let wait = RETRY_MS;; wait *= 2) {
      try {
        // It may be one that could not be started a moment ago.
        const old = this.#replicas.get(number);
        // What we remove ourselves is no news.
        if (old !== undefined) old.state = "gone";
        if (old !== undefined) await maker.remove(old.containerId, signal);
        await this.#add(number);
        break;
      } catch (error) {
        signal.throwIfAborted();
        log.warn(`Replica ${number} of ${this.id} cannot be replaced: ${messageOf(error)}`);
        if (this.#now.length === 0 && !this.#crew.watch.isAway) {
          return this.#finish({ code: UNKNOWN_EXIT, signal: null });
        }
        await clock.sleep(Math.min(wait, PATIENCE_MS), signal);
      }
    }
    const replica = this.#replicas.get(number)!;
    this.#keepAlive(replica.containerId);
    if (!await this.#untilWell(replica)) return;
    log.info(`Container ${replica.name} takes the place of one that was lost`, {
      event: "container.replaced",
      container: replica.name,
    });
  }

  /** @returns False: it ended first. */
  async #untilWell(replica: Replica): Promise<boolean> {
    const { clock, isWell } = this.#crew;
    const { signal } = this.#closing;
    const { endpoint } = replica;
    while (endpoint?.isAlive() && !await isWell(this, replica, signal)) {
      await clock.sleep(RETRY_MS / 4, signal);
    }
    if (!endpoint?.isAlive()) return false;
    this.#ready(replica);
    return true;
  }

  /** The engine was away: what it did meanwhile is looked up. */
  async #lookAgain(replica: Replica): Promise<void> {
    const { engine } = this.#crew;
    const info = await engine.containers.find(replica.containerId, this.#closing.signal);
    if (!this.#isOurs(replica)) return;
    if (info === null) return this.#lost(replica);
    replica.health = info.health;
    if (this.#deaths === null && info.state !== "running") {
      return this.#died(replica, info.end?.code ?? 1);
    }
    if (replica.isAsKnown(info)) return;
    replica.down();
    this.#refresh();
    if (info.state === "running") return await this.#comeBack(replica);
    // It fell with the engine, which may not start it again: a kill looks like the wish of somebody.
    this.#beside(this.#waitFor(replica));
    await engine.containers.start(replica.containerId, this.#closing.signal);
  }

  #isOurs(replica: Replica): boolean {
    return this.#replicas.get(replica.number) === replica && this.#stopping === null;
  }

  #ready(...replicas: readonly Replica[]): void {
    for (const replica of replicas) replica.isReady = replica.endpoint !== null;
    this.#refresh();
  }

  #refresh(): void {
    const ready = this.replicas.filter(({ isReady }) => isReady);
    this.#now = ready.map(({ endpoint }) => endpoint).filter((one) => one !== null);
    for (const listener of this.#changed) listener();
  }

  async #follow(replica: Replica, since: number | null, isTty: boolean): Promise<void> {
    const { engine, onLine } = this.#crew;
    const options = { follow: true, isTty, ...(since !== null && { since }) };
    for await (
      const { text, stream } of engine.containers.logs(
        replica.containerId,
        options,
        this.#closing.signal,
      )
    ) {
      const line = this.#crew.redact(text);
      this.#lines.push(line);
      onLine(line, stream, this);
    }
  }

  /** Policy `no` until it serves: what is not proven must not come up with the machine. */
  #keepAlive(containerId: string): void {
    const { engine, log, maker } = this.#crew;
    if (!maker.setsRestartPolicy) return;
    this.#beside(
      engine.containers.setRestartPolicy(containerId, "unless-stopped", this.#closing.signal)
        .then((isSet) => {
          if (!isSet) log.debug("This engine cannot change when containers are started again");
        }),
    );
  }

  /** It has ended, as a whole: whoever waits for that hears of it when its last words are known. */
  #finish(exit: Exit, last: Replica | null = null): void {
    if (this.#exit !== null) return;
    this.#exit = exit;
    const told = () => this.#end.resolve(exit);
    if (last === null || last.state === "gone") return told();
    withDeadline(
      systemClock,
      LAST_WORDS_MS,
      this.#closing.signal,
      (signal) => this.#lastWords(last, signal),
    ).then(told, told);
  }

  /** The stream that is followed may be behind, and so may the word that memory ran out. */
  async #lastWords({ containerId }: Replica, signal: AbortSignal): Promise<void> {
    const { engine, redact } = this.#crew;
    const info = await engine.containers.find(containerId, signal);
    const lines: string[] = [];
    for await (const { text } of engine.containers.logs(containerId, { tail: 100 }, signal)) {
      lines.push(redact(text));
    }
    const known = new Set(this.#lines.all());
    for (const line of lines) if (!known.has(line)) this.#lines.push(line);
    if (info?.end?.isOutOfMemory) this.#lines.push("(out of memory: killed by the kernel)");
  }

  async #stop(): Promise<StopOutcome> {
    await Promise.resolve();
    const outcomes = await Promise.all(this.replicas.map((one) => this.#stopOne(one)));
    for (const listening of this.#listening.values()) listening[Symbol.dispose]();
    this.#closing.abort();
    const isAlone = this.#besides.size === 0;
    await Promise.allSettled(this.#besides);
    if (!isAlone) await this.#removeUnknown();
    this.#finish({ code: 0, signal: null });
    this.#end.resolve(this.#exit!);
    this.#left.resolve();
    const worst = (["survived", "killed", "stopped"] as const).find((one) =>
      outcomes.includes(one)
    );
    return worst ?? "already_gone";
  }

  /** One that was being created when that was called off. */
  async #removeUnknown(): Promise<void> {
    const { engine, log } = this.#crew;
    const signal = AbortSignal.timeout(STOP_RETRY_MS);
    try {
      const label = `${LABELS.token}=${this.identity.token}`;
      for (const { id } of await engine.containers.list([label], signal)) {
        await engine.containers.remove(id, signal);
      }
    } catch (error) {
      log.warn(`Containers of ${this.id} may be left: ${messageOf(error)}`);
    }
  }

  async #stopOne(replica: Replica): Promise<StopOutcome> {
    const { containerId, state } = replica;
    replica.state = "gone";
    const until = this.#crew.clock.now() + this.#crew.stopTimeoutMs + STOP_RETRY_MS;
    for (;;) {
      try {
        const outcome = state === "up" ? await this.#crew.stop(containerId) : "already_gone";
        await this.#crew.maker.remove(containerId, AbortSignal.timeout(STOP_RETRY_MS));
        return outcome;
      } catch (error) {
        if (error instanceof EngineError && error.kind === "not_found") return "already_gone";
        this.#crew.log.warn(`Container ${replica.name} cannot be stopped: ${messageOf(error)}`);
        if (this.#crew.clock.now() > until) return "survived";
        await this.#crew.clock.sleep(RETRY_MS);
      }
    }
  }

  #beside(work: Promise<void>): void {
    const guarded = work.catch((error) => {
      if (this.#closing.signal.aborted) return;
      this.#crew.log.debug(`Beside ${this.key}: ${messageOf(error)}`);
    });
    this.#besides.add(guarded);
    guarded.finally(() => this.#besides.delete(guarded));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
