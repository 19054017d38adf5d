import type { ContainerInfo } from "../../container/engine/container_info.ts";
import type { EngineEvent } from "../../container/engine/events.ts";
import { type Exit, UNKNOWN_EXIT } from "../../roll/instance.ts";
import type { Crew } from "./crew.ts";
import { Deaths } from "./deaths.ts";
import type { Household } from "./household.ts";
import { insist, isLookedAfter, LONGEST_RETRY_MS, RETRY_MS } from "./insist.ts";
import { mend } from "./mend.ts";
import type { Replica } from "./replica.ts";
import { substitute } from "./substitute.ts";

/** So soon after somebody has sent it a signal, the end of a container is the deed of that one. */
const SIGNAL_MS = 30_000;

/** Between two probes of a container that is not well yet. */
const PROBE_PAUSE_MS = 250;

/** Hears what becomes of containers, and sees to it that those that serve go on, or come back. */
export class Upkeep {
  readonly #crew: Crew;
  readonly #home: Household;
  /** Places in which one is being put for another. */
  readonly #replacing = new Set<number>();
  /** Those that are being looked at, as they may be back. */
  readonly #looking = new Set<Replica>();
  /** Those of which it is asked what the engine did to them while it was away. */
  readonly #lookingAgain = new Set<Replica>();
  #deaths: Deaths | null = null;

  constructor(crew: Crew, home: Household) {
    this.#crew = crew;
    this.#home = home;
  }

  /** Whoever ends from here on is started again, within reason; before, one end is the end of all. */
  get isCommitted(): boolean {
    return this.#deaths !== null;
  }

  /** It has served for longer than a new version is watched. */
  get isSettled(): boolean {
    return this.#deaths?.isStrict === false;
  }

  commit(): void {
    const { clock, strictMs, maker } = this.#crew;
    const { replicas, chores } = this.#home;
    this.#deaths = new Deaths(clock, strictMs, maker.count);
    for (const replica of replicas) this.keepAlive(replica);
    const numbers = Array.from({ length: maker.count }, (_, number) => number);
    this.#mendAll([...replicas].filter(({ isSick, endpoint }) => isSick && endpoint !== null));
    const missing = numbers.filter((number) => replicas.at(number)?.isMissed ?? true);
    for (const number of missing) chores.add(this.replace(number));
  }

  hear(replica: Replica, event: EngineEvent): void {
    // Of what has ended, too: it may be told after the end.
    if (event.action === "out_of_memory") replica.isOutOfMemory = true;
    if (!this.#isOurs(replica)) return;
    switch (event.action) {
      case "health":
        return this.#heardOfHealth(replica, healthOf(event.health));
      case "signalled":
        replica.signalledAt = event.at;
        return;
      case "died":
        replica.heard++;
        return this.#hearDeath(replica, event);
      case "started":
        replica.heard++;
        if (replica.state === "down") this.#home.chores.add(this.#comeBack(replica));
        return;
      case "removed":
        return this.#lost(replica);
    }
  }

  /**
   * One that served is not well any more. It gets no requests until it is, or another one takes its
   * place; but at most half of them at a time: who is slow under load must not leave it all to the
   * last ones.
   */
  setAside(replica: Replica, why: string): void {
    const all = [...this.#home.replicas].filter(({ isSilent }) => !isSilent);
    const serving = all.filter(({ isReady, endpoint }) => isReady && endpoint !== null);
    const fewest = Math.max(2, Math.ceil(all.length / 2) + 1);
    const { isReady } = replica;
    if (!this.isSettled || !this.#isOurs(replica) || !isReady || serving.length < fewest) return;
    this.#home.tell({ type: "container.set_aside", container: replica.name, detail: why });
    this.#mendAll([replica]);
  }

  /** The engine was away: what it did meanwhile is looked up. */
  async lookAgain(replica: Replica): Promise<void> {
    if (this.#lookingAgain.has(replica)) return;
    this.#lookingAgain.add(replica);
    const look = insist(this.#crew, this.#home, replica, () => this.see(replica));
    const info = await look.finally(() => this.#lookingAgain.delete(replica));
    if (!this.#isOurs(replica)) return;
    if (info === null) return this.#lost(replica);
    replica.health = info.health;
    if (this.#deaths === null && info.state !== "running") {
      return this.died(replica, info.end?.code ?? 1);
    }
    // The engine may have gone away right when it was told so.
    if (this.isCommitted && info.restartPolicy === "no") this.keepAlive(replica);
    if (info.state === "running" && replica.isAsKnown(info)) {
      replica.isDoubtful = false;
      if (!replica.isReady) this.#home.chores.add(this.untilWell(replica));
      return await this.#home.output.resume(replica);
    }
    replica.down(info.end);
    this.#home.replicas.refresh();
    if (info.state === "running") return await this.#comeBack(replica);
    if (replica.isSilent) return;
    // It fell with the engine, which may not start it again: a kill looks like the wish of somebody.
    this.#home.chores.add(this.#waitFor(replica));
    await this.#crew.maker.start(replica.containerId, this.#home.signal);
  }

  /** What it is like now, no older than what was heard of it. @returns Null: it is gone. */
  async see(replica: Replica): Promise<ContainerInfo | null> {
    const { engine } = this.#crew;
    for (;;) {
      const { heard } = replica;
      const info = await engine.containers.find(replica.containerId, this.#home.signal);
      if (heard === replica.heard) return info;
    }
  }

  /** It runs: it is heard, and answers somewhere. */
  arrive(replica: Replica, info: ContainerInfo): void {
    const { key, id, chores, output } = this.#home;
    replica.up(key, info, this.#crew.maker.hostPort(info, id));
    chores.add(output.follow(replica));
  }

  died(replica: Replica, code: number): void {
    if (replica.state !== "up") return;
    const { isOutOfMemory, name: container } = replica;
    replica.down({ code, isOutOfMemory, at: this.#crew.date() });
    this.#home.replicas.refresh();
    this.#home.tell({ type: "container.died", container, code, outOfMemory: isOutOfMemory });
    if (replica.isSilent && (code === 0 || this.#deaths?.isStrict === false)) return;
    if (!this.#mayDie(replica, exitOf(code))) return;
    this.#home.chores.add(this.#waitFor(replica));
  }

  /** Another container takes the place of one that does not come back. */
  async replace(number: number): Promise<void> {
    if (this.#replacing.has(number)) return;
    this.#replacing.add(number);
    try {
      const replica = await substitute(this.#crew, this.#home, number);
      if (replica === null) return;
      this.keepAlive(replica);
      if (!await this.untilWell(replica)) return;
      this.#home.tell({ type: "container.replaced", container: replica.name });
    } finally {
      this.#replacing.delete(number);
    }
  }

  /** @returns False: it ended first. */
  async untilWell(replica: Replica): Promise<boolean> {
    const { replicas, signal } = this.#home;
    const { endpoint, isSilent } = replica;
    if (isSilent) return true;
    while (endpoint?.isAlive() && !await this.#home.isWell(replica)) {
      await this.#crew.clock.sleep(PROBE_PAUSE_MS, signal);
    }
    if (!endpoint?.isAlive() || !replicas.has(replica)) return false;
    replica.misses = 0;
    replicas.ready([replica]);
    return true;
  }

  /** Policy `no` until it serves: what is not proven must not come up with the machine. */
  keepAlive(replica: Replica): void {
    const { engine, log, maker } = this.#crew;
    if (!maker.setsRestartPolicy) return;
    const { chores, signal } = this.#home;
    const set = () =>
      engine.containers.setRestartPolicy(replica.containerId, "unless-stopped", signal);
    chores.add(
      insist(this.#crew, this.#home, replica, set).then((isSet) => {
        if (!isSet) log.debug("This engine cannot change when containers are started again");
      }),
    );
  }

  #heardOfHealth(replica: Replica, health: Replica["health"]): void {
    replica.health = health;
    if (health === "unhealthy") this.setAside(replica, `its health check says ${health}`);
    // Also where nobody can take its place, it is told that it is not well.
    this.#home.replicas.refresh();
  }

  #hearDeath(replica: Replica, { exitCode, at }: EngineEvent): void {
    const code = exitCode ?? 1;
    if (replica.state === "up" && at < (replica.startedAt ?? 0)) {
      // An engine that comes back tells once more what it told last.
      return this.#home.chores.add(this.lookAgain(replica));
    }
    const { trouble } = this.#home;
    if (at - (replica.signalledAt ?? -Infinity) <= SIGNAL_MS && !trouble.isRecent) {
      trouble.strike(`somebody ended container ${replica.name}`);
    }
    // It was started again, and is down once more before we have seen it.
    if (replica.state === "down" && this.#looking.has(replica)) {
      return void this.#mayDie(replica, exitOf(code));
    }
    this.died(replica, code);
  }

  /** @returns Whether the others, and the one that comes after it, may go on. */
  #mayDie(replica: Replica, exit: Exit): boolean {
    const { trouble, isBeingAdopted, replicas } = this.#home;
    if (this.#deaths?.add(!trouble.isRecent) === "few") return true;
    // The others go on; its place is filled when they serve.
    if (isBeingAdopted && replicas.now.length > 0) return false;
    // Again and again: that is its own doing, whatever came before.
    if (this.isCommitted) trouble.forget();
    this.#home.finish(exit, replica);
    return false;
  }

  /** They get requests once they are well, or others take their places. */
  #mendAll(sick: readonly Replica[]): void {
    const { replicas, chores } = this.#home;
    for (const replica of sick) replica.isReady = false;
    replicas.refresh();
    for (const replica of sick) chores.add(mend(this.#crew, this.#home, this, replica));
  }

  /** The engine starts it again, or we put another one in its place. */
  async #waitFor(replica: Replica): Promise<void> {
    const { engine, clock, watch } = this.#crew;
    const { signal } = this.#home;
    const wait = Math.min(RETRY_MS * 2 ** ((this.#deaths?.recent ?? 1) - 1), LONGEST_RETRY_MS);
    for (;;) {
      await clock.sleep(wait, signal);
      if (replica.state !== "down" || !this.#isOurs(replica)) return;
      if (watch.isAway) continue;
      // Whatever is wrong with the engine: one that is not asked about again is lost for ever.
      const find = engine.containers.find(replica.containerId, signal);
      const info = await find.catch(() => "unknown" as const);
      if (info === "unknown" || info?.state === "restarting") continue;
      if (info?.state === "running") return await this.#comeBack(replica);
      // Whom somebody has stopped the engine does not start again.
      return await this.replace(replica.number);
    }
  }

  /** It was started again: it gets requests once it is well. */
  async #comeBack(replica: Replica): Promise<void> {
    if (this.#looking.has(replica)) return;
    this.#looking.add(replica);
    try {
      const info = await insist(this.#crew, this.#home, replica, () => this.see(replica));
      if (info?.state !== "running" || replica.state !== "down" || !this.#isOurs(replica)) return;
      this.arrive(replica, info);
    } finally {
      this.#looking.delete(replica);
    }
    if (!await this.untilWell(replica)) return;
    this.#home.tell({ type: "container.back", container: replica.name });
  }

  #lost(replica: Replica): void {
    if (replica.state === "gone") return;
    this.#home.tell({ type: "container.removed", container: replica.name });
    // One that is removed by force has died a moment ago.
    const isCounted = replica.state === "down" && this.#deaths !== null;
    replica.down(replica.state === "down" ? replica.lastEnd : null);
    replica.state = "gone";
    this.#home.replicas.refresh();
    if (!isCounted && !this.#mayDie(replica, { code: UNKNOWN_EXIT, signal: null })) return;
    this.#home.chores.add(this.replace(replica.number));
  }

  #isOurs(replica: Replica): boolean {
    return isLookedAfter(this.#home, replica);
  }
}

function exitOf(code: number): Exit {
  return { code, signal: code === 137 ? "SIGKILL" : null };
}

function healthOf(word: string | null): Replica["health"] {
  return word === "healthy" || word === "unhealthy" ? word : "starting";
}
