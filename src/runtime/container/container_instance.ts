import type { Copies } from "../../roll/copies.ts";
import { RemainsError } from "../../roll/effects.ts";
import {
  type Endpoint,
  type Endpoints,
  type Exit,
  type Instance,
  type StopOutcome,
  UNKNOWN_EXIT,
} from "../../roll/instance.ts";
import type { Identity } from "../process_instance.ts";
import { Absence } from "./absence.ts";
import { addWell } from "./add_well.ts";
import { Chores } from "./chores.ts";
import type { ContainerNews } from "./container_news.ts";
import { ContainerOutput } from "./container_output.ts";
import { copiesOf } from "./copies_of.ts";
import type { Crew } from "./crew.ts";
import { endContainer, STOP_RETRY_MS, worstOf } from "./end_container.ts";
import { LastWords } from "./last_words.ts";
import { Leaving } from "./leaving.ts";
import type { Place } from "./maker.ts";
import { Making, type Parent } from "./making.ts";
import { LOOPBACK, type Replica } from "./replica.ts";
import { ReplicaSet } from "./replica_set.ts";
import { type Heir, takeOverAll } from "./take_over.ts";
import { Trouble } from "./trouble.ts";
import { Upkeep } from "./upkeep.ts";
import { watchReplica } from "./watch_replica.ts";

/** A version that runs in containers: one or several, all alike. */
export class ContainerInstance implements Instance, Heir, Parent {
  readonly key: string;
  readonly id: string;
  readonly host = LOOPBACK;
  readonly birth = null;
  readonly exited: Promise<Exit>;
  /** Resolves when it was stopped. */
  readonly gone: Promise<void>;
  readonly identity: Identity;
  readonly replicas = new ReplicaSet();
  readonly output: ContainerOutput;
  readonly chores: Chores;
  readonly trouble: Trouble;
  readonly #crew: Crew;
  readonly #upkeep: Upkeep;
  readonly #making: Making;
  readonly #end: LastWords;
  readonly #left = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  readonly #leaving: Leaving;
  #isAdopted = false;
  /** It is not known yet who is there. */
  #isTakingOver = false;
  #stopping: Promise<StopOutcome> | null = null;
  #mustStop = false;

  constructor(identity: Identity, crew: Crew) {
    this.identity = identity;
    this.key = identity.key;
    this.id = identity.id;
    this.#crew = crew;
    this.output = new ContainerOutput(crew, this, this.signal);
    this.chores = new Chores(this.key, crew.log, this.signal);
    this.trouble = new Trouble(crew, this.replicas);
    this.#upkeep = new Upkeep(crew, this);
    this.#making = new Making(crew, this);
    this.#leaving = new Leaving(crew, this.replicas);
    this.#end = new LastWords(crew, this);
    this.exited = this.#end.told;
    this.gone = this.#left.promise;
  }

  /** Of the first container that runs; when none does, as it was. */
  get port(): number {
    return this.replicas.place.port;
  }

  get pid(): number {
    return this.replicas.place.pid;
  }

  get exit(): Exit | null {
    return this.#end.exit;
  }

  get excuse(): string | null {
    return this.trouble.excuse;
  }

  get endpoints(): Endpoints {
    return this.replicas;
  }

  get copies(): Copies {
    return copiesOf(this.replicas);
  }

  get now(): readonly Endpoint[] {
    return this.replicas.now;
  }

  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  get isStopping(): boolean {
    return this.#mustStop;
  }

  get isOver(): boolean {
    return this.isStopping || this.exit !== null || this.signal.aborted;
  }

  /** The container for whatever is done in one of them. */
  get first(): Replica | null {
    return this.replicas.first;
  }

  impostor(): Promise<string | null> {
    // The engine itself holds the port.
    return Promise.resolve(null);
  }

  lastLines(): readonly string[] {
    return this.output.lastLines();
  }

  isWell(replica: Replica): Promise<boolean> {
    return this.#crew.isWell(this, replica, this.signal);
  }

  /**
   * Creates and starts its containers.
   *
   * @throws {RemainsError} When one could not be started, and what was begun could not be ended.
   * @throws {Error} When one could not be started; nothing is left behind.
   */
  async start(count: number): Promise<void> {
    this.replicas.wanted = count;
    const free = this.replicas.free(count);
    const results = await Promise.allSettled(free.map((number) => this.add(number)));
    const failed = results.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected" || this.isStopping) {
      if (this.#crew.killed.aborted) this.kill();
      const why = failed?.status === "rejected" ? failed.reason : new Error("it has been stopped");
      throw await this.stop() === "survived" ? new RemainsError(this, why) : why;
    }
    this.replicas.ready(this.replicas);
  }

  /** Containers that run for it, or are to come back. */
  get count(): number {
    return this.replicas.size;
  }

  /**
   * Adds containers until there are `count`, and waits until they are well.
   *
   * @throws {Error} When one does not come up, or is not well in time. What serves goes on trying.
   */
  async grow(count: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    this.replicas.wanted = count;
    const results = await Promise.all(
      this.replicas.free(count).map((number) =>
        addWell(this.#crew, this, this.#upkeep, { number, timeoutMs, signal })
      ),
    );
    if (results.includes("timed_out")) throw new Error("a container was not healthy in time");
    if (results.includes(false)) throw new Error("a container ended before it was healthy");
  }

  /** Lets containers go until there are `count`; `drain` waits until one has nothing to do. */
  async shrink(count: number, drain: (key: string) => Promise<unknown>): Promise<void> {
    this.replicas.wanted = count;
    const highestFirst = [...this.replicas].toSorted((a, b) => b.number - a.number);
    await this.#leaving.letGo(highestFirst.slice(0, Math.max(0, this.count - count)), drain);
  }

  /**
   * Takes over containers of a former life, whatever they are doing.
   *
   * @param options `isUrgent`: of those that the engine cannot look at, the others need not wait.
   */
  async adopt(places: readonly Place[], { isUrgent = false } = {}): Promise<void> {
    this.#isAdopted = true;
    this.#isTakingOver = true;
    this.trouble.survive();
    const see = (replica: Replica) => this.#upkeep.see(replica);
    const onMissed = () => this.#making.mayHaveLeft();
    await takeOverAll(this.#crew, this, places, { see, isUrgent, onMissed });
    this.replicas.ready(this.replicas);
    this.#isTakingOver = false;
    if (this.now.length === 0) this.finish({ code: UNKNOWN_EXIT, signal: null });
  }

  /** It serves from here on: a container that ends is started again, the others go on. */
  commit(): void {
    if (this.isCommitted || this.exit !== null) return;
    this.replicas.wanted = this.#crew.maker.count;
    this.trouble.commit();
    this.#upkeep.commit();
    new Absence(this.#crew, this).watch();
    const surplus = [...this.replicas].filter(({ number }) => number >= this.replicas.wanted);
    this.chores.add(this.#leaving.letGoSurplus(surplus, this.signal));
  }

  /** It has served before, and is asked whether it can go on. */
  get isBeingAdopted(): boolean {
    return this.#isAdopted && !this.isCommitted;
  }

  /** Whether it serves, or has served. */
  get isCommitted(): boolean {
    return this.#upkeep.isCommitted;
  }

  /** It has served for longer than a new version is watched. */
  get isSettled(): boolean {
    return this.#upkeep.isSettled;
  }

  /** One that served is not well any more: the others go on without it, if there are enough. */
  setAside(replica: Replica, why: string): void {
    this.#upkeep.setAside(replica, why);
  }

  /** Nobody looks after it any more; its containers go on. */
  async leave(): Promise<void> {
    this.replicas.unwatchAll();
    this.#closing.abort();
    await this.chores.idle();
  }

  stop(): Promise<StopOutcome> {
    this.#mustStop = true;
    return this.#stopping ??= this.#stop().then((outcome) => {
      // Whoever asks again has it tried again.
      if (outcome === "survived") this.#stopping = null;
      return outcome;
    });
  }

  kill(): void {
    const { engine } = this.#crew;
    for (const { containerId } of [...this.replicas, ...this.#leaving]) {
      const signal = AbortSignal.timeout(STOP_RETRY_MS);
      engine.containers.kill(containerId, "SIGKILL", signal).catch(() => {});
    }
  }

  tell(news: ContainerNews): void {
    this.#crew.tell(news, this);
  }

  add(number: number): Promise<Replica> {
    return this.#making.add(number);
  }

  enter(replica: Replica): void {
    this.replicas.enter(replica, watchReplica(this.#crew, this, this.#upkeep, replica));
  }

  async started(replica: Replica): Promise<void> {
    const info = await this.#upkeep.see(replica);
    if (info?.state === "running") return this.#upkeep.arrive(replica, info);
    // It was up, if only for a moment.
    replica.state = "up";
    this.#upkeep.died(replica, info?.end?.code ?? 1);
  }

  /** It has ended, as a whole: whoever waits for that hears of it when its last words are known. */
  finish(exit: Exit, last: Replica | null = null): void {
    if (!this.#isTakingOver) this.#end.await(exit, last);
  }

  async #stop(): Promise<StopOutcome> {
    await Promise.resolve();
    await this.#making.idle();
    const all = [...this.replicas, ...this.#leaving];
    const outcomes = await Promise.all(all.map((one) => endContainer(this.#crew, one)));
    this.replicas.unwatchAll();
    this.#closing.abort();
    await this.chores.idle();
    if (!await this.#making.removeUnknown()) outcomes.push("survived");
    this.#end.skip({ code: 0, signal: null });
    this.#left.resolve();
    return worstOf(outcomes);
  }
}
