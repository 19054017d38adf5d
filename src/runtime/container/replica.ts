import type { ContainerHealth, ContainerInfo } from "../../container/engine/container_info.ts";
import type { CopyEnd } from "../../roll/copies.ts";
import type { Endpoint } from "../../roll/instance.ts";

/** Ports of containers are published here, and nowhere else. */
export const LOOPBACK = "127.0.0.1";

/**
 * What a container of a group is like.
 *
 * - `new`: it was created, and is being started.
 * - `up`: it runs.
 * - `down`: it has ended, and the engine may start it again.
 * - `gone`: nobody will.
 * - `survived`: it should be gone, and could not be ended.
 */
export type ReplicaState = "new" | "up" | "down" | "gone" | "survived";

/** One container of a group, as far as it is known. */
export class Replica {
  readonly containerId: string;
  readonly name: string;
  /** Its place in the group, from 0. */
  readonly number: number;
  state: ReplicaState;
  health: ContainerHealth;
  isOutOfMemory = false;
  /** When somebody has sent it a signal last, as the engine says; null: nobody has. */
  signalledAt: number | null = null;
  /** It was well since it was started last, and may get requests. */
  isReady = false;
  /** It was ready at some time since it was started last. */
  hasServed = false;
  /** It was not well when it was asked last; only known while it is taken over. */
  isSick = false;
  /** Bad answers in a row, while it serves. */
  misses = 0;
  /** The engine is away, or has just come back: on its port there may be another one. */
  isDoubtful = false;
  /** It works for the others, and gets no requests: it may end when it is done. */
  isSilent = false;
  /** Starts and ends that were told of it; what was seen before the last of them is old. */
  heard = 0;
  /** How it ended last; null: it has not, or nobody knows how. */
  lastEnd: CopyEnd | null;
  /** Its output is one stream. */
  readonly isTty: boolean;
  readonly #wasCreated: boolean;
  #starts = 0;
  #restartsByEngine: number;
  #startedAt: number | null = null;
  #pid = 0;
  #endpoint: Endpoint | null = null;

  constructor(info: ContainerInfo, number: number) {
    this.containerId = info.id;
    this.name = info.name;
    this.number = number;
    this.health = info.health;
    this.isTty = info.isTty;
    this.lastEnd = info.end;
    this.#restartsByEngine = info.restarts;
    this.#wasCreated = info.state === "created";
    const runs = info.state === "running" || info.state === "paused";
    this.state = runs ? "up" : info.state === "created" ? "new" : "down";
  }

  /** When it was started last, as the engine says, in milliseconds since 1970; null: never. */
  get startedAt(): number | null {
    return this.#startedAt;
  }

  /** All that it has ever printed is of its last start. */
  get isFirstStart(): boolean {
    return this.#wasCreated && this.#starts === 1;
  }

  /** How often it was started again: by the engine, or by anybody while we looked. */
  get restarts(): number {
    return Math.max(this.#restartsByEngine, this.#starts - 1);
  }

  /** On the host, since it was started last. */
  get pid(): number {
    return this.#pid;
  }

  /** It should run, and does not. */
  get isMissed(): boolean {
    return this.state !== "up" && !this.isSilent;
  }

  /** Where it answers; null: nowhere (yet, or any more). */
  get endpoint(): Endpoint | null {
    return this.state === "up" ? this.#endpoint : null;
  }

  /**
   * It runs, and answers on `port` of the host from now on; null: it gets no requests.
   *
   * @param key Of the instance.
   */
  up(key: string, info: ContainerInfo, port: number | null): void {
    this.state = "up";
    this.isSilent = port === null;
    this.isReady = false;
    this.hasServed = false;
    this.#startedAt = info.startedAt;
    this.#restartsByEngine = info.restarts;
    this.#pid = info.pid;
    this.health = info.health;
    this.isOutOfMemory = false;
    this.signalledAt = null;
    this.isDoubtful = false;
    const start = ++this.#starts;
    // A container that was started again is another backend: what was in flight died with it.
    this.#endpoint = port === null ? null : {
      key: `${key}/${this.number}.${start}-${this.containerId.slice(0, 6)}`,
      host: LOOPBACK,
      port,
      isAlive: () => this.state === "up" && this.#starts === start,
    };
  }

  /** Whether `info` shows it as it is known: up, and not started again. */
  isAsKnown(info: ContainerInfo): boolean {
    return this.state === "up" && info.startedAt === this.#startedAt;
  }

  /** It has ended. @param end Null: nobody knows how. */
  down(end: CopyEnd | null): void {
    this.state = "down";
    this.lastEnd = end;
    this.#endpoint = null;
  }
}

/**
 * The port of the host that leads to `containerPort`.
 *
 * @throws {Error} When there is none.
 */
export function hostPort(info: ContainerInfo, containerPort: number): number {
  const leading = info.ports.filter(({ container, hostIp, hostPort }) =>
    container === `${containerPort}/tcp` && hostPort > 0 && hostIp !== "::"
  );
  // What a compose file publishes by itself may be on another address.
  const found = leading.find(({ hostIp }) => hostIp === LOOPBACK) ?? leading[0];
  if (found !== undefined) return found.hostPort;
  // In the network of the host nothing is published: it listens there itself.
  if ("host" in info.networks) return containerPort;
  throw new Error(`port ${containerPort} of container ${info.name} is not published`);
}
