import type { CoordinationDirectory } from "./coordination_directory.ts";
import { Door } from "./door.ts";
import type { HeldSockets, WantedSocket } from "./held_sockets.ts";
import type { Heirloom } from "./heirloom.ts";
import { Heirlooms } from "./heirlooms.ts";
import type { Libc } from "./libc.ts";
import type { Listener, ListenOptions } from "./listener.ts";
import type { HandoverMode, Means } from "./means.ts";
import { offer } from "./owner.ts";
import type { OwnerConnection } from "./owner_connection.ts";
import type { StartSockets } from "./start_sockets.ts";
import { takeOver } from "./successor.ts";
import type { UnixConnection } from "./unix_connection.ts";
import type { Settings } from "./upgrader_options.ts";
import { nextState, type UpgraderEvent, type UpgraderState } from "./upgrader_state.ts";

/** How the time of an {@linkcode Upgrader} ended. */
export type UpgraderEnd = "handed_over" | "stopped";

/** What an upgrader begins with. */
export interface Beginning {
  settings: Settings;
  means: Means;
  sockets: StartSockets;
  directory: CoordinationDirectory | null;
  /** To the predecessor; null when there is none. */
  connection: UnixConnection | null;
  /** What it has given us. */
  handed: readonly { name: string }[];
  /** Its process; null when there is none, or nobody knows. */
  predecessor: number | null;
}

/** One process in a row of processes that hand their listening sockets on. */
export class Upgrader implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #means: Means;
  readonly #directory: CoordinationDirectory | null;
  readonly #connection: UnixConnection | null;
  readonly #heirlooms: Heirlooms;
  /** The process that this one takes over from; null when there is none, or nobody knows. */
  readonly predecessor: number | null;
  /** Of the listeners of the predecessor. */
  readonly handedNames: readonly string[];
  readonly #end = Promise.withResolvers<UpgraderEnd>();
  readonly #alone = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  #door: Door | null = null;
  #published = false;
  #visitor: OwnerConnection | null = null;
  #offering: Promise<void> = Promise.resolve();
  #parting: Promise<void> = Promise.resolve();
  #state: UpgraderState = "starting";

  /** @ignore Call {@linkcode upgrader}. */
  constructor(beginning: Beginning) {
    const { settings, means, sockets, directory, connection, handed, predecessor } = beginning;
    this.#settings = settings;
    this.#means = means;
    this.#heirlooms = new Heirlooms(sockets, means);
    this.#directory = directory;
    this.#connection = connection;
    this.predecessor = predecessor;
    this.handedNames = handed.map(({ name }) => name);
  }

  /** What it is doing. */
  get state(): UpgraderState {
    return this.#state;
  }

  /** Whether somebody serves whom this process is to follow. */
  get hasPredecessor(): boolean {
    return this.#connection !== null;
  }

  /** What this process can do, and why not more. */
  get mode(): HandoverMode {
    return this.#means.mode;
  }

  /**
   * Resolves when this process is to finish what it has begun, and exit: a successor serves, or
   * {@linkcode Upgrader.stop} was called. Its listeners are closed then. Never rejects.
   */
  get complete(): Promise<UpgraderEnd> {
    return this.#end.promise;
  }

  /** What is handed on. @ignore Not for other programs. */
  get heirlooms(): readonly Heirloom[] {
    return this.#heirlooms.list;
  }

  /**
   * Resolves when this process serves and its predecessor, if there was one, has nothing more to
   * tell anybody: see {@linkcode UpgraderOptions.onHandedOver}. Never rejects, may never resolve.
   */
  get alone(): Promise<void> {
    return this.#alone.promise;
  }

  /**
   * A listening socket: from the service manager, else from the predecessor, else a new one. It
   * begins to accept with {@linkcode Upgrader.ready}, or at once if that was called before.
   *
   * @param name By which the successor asks for it.
   * @throws {TypeError} When the name is taken, or it is too late for one more.
   * @throws {Error} When the address cannot be had.
   */
  async listen(name: string, options: ListenOptions): Promise<Listener> {
    this.#claim(name, ["starting", "owner"]);
    return await this.#heirlooms.open(name, options, (listener) => {
      if (this.#isOver) listener.close();
      if (this.#state !== "owner") listener.withhold();
    });
  }

  /**
   * Listening sockets for children that accept from them themselves: had and handed on like those
   * of {@linkcode Upgrader.listen}. They are for the caller to close. May also be called by
   * `takeUp`.
   *
   * @param heirs Processes that may have them from a former owner, see {@linkcode HoldOptions}.
   * @throws {HoldError} When one cannot be had; none is open then.
   * @throws {TypeError} As {@linkcode Upgrader.listen}.
   * @ignore Not for other programs.
   */
  hold(wanted: readonly WantedSocket[], heirs: readonly number[] = []): HeldSockets {
    for (const { name } of wanted) this.#claim(name, ["starting", "taking_over", "owner"]);
    return this.#heirlooms.hold(wanted, heirs);
  }

  /**
   * To be called when this process can serve. Resolves when it does, and its predecessor accepts
   * nobody any more.
   *
   * @param takeUp Called when the predecessor has let go of what only one process may have, and
   * before anybody is accepted here. It should not take long: nobody is answered meanwhile.
   * @throws {HandoverError} When the predecessor serves on; this upgrader is stopped then.
   * @throws {Error} When accepting cannot begin; the predecessor serves on, this one is stopped.
   * @throws What `takeUp` rejects with; likewise.
   */
  async ready(takeUp: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    this.#move("ready");
    try {
      await this.#takeOver(takeUp);
    } catch (cause) {
      if (this.#isOver) throw new Error("Cannot be ready: stopped meanwhile", { cause });
      await this.stop();
      throw cause;
    }
  }

  /**
   * Gives up: closes the listeners, and lets the next process bind its own sockets. One that has
   * got ours already takes over. Open connections are left alone. Safe to call again.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#visitor?.[Symbol.dispose]();
    await this.#offering;
    if (!this.#isOver) this.#withdraw();
    await this.#parting;
  }

  /** Calls {@linkcode Upgrader.stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #takeOver(takeUp: () => Promise<void>): Promise<void> {
    const directory = this.#directory;
    if (directory === null) {
      await takeUp();
      await this.#accept();
      return this.#alone.resolve();
    }
    const { id, answerTimeoutMs } = this.#settings;
    const connection = this.#connection;
    const onKnock = (visitor: OwnerConnection) => this.#receive(visitor);
    const { descriptors } = this.#means;
    const door = this.#door = await Door.open(directory.nextSocketPath, descriptors, onKnock);
    if (this.#isOver) {
      door.close();
      throw new TypeError("the door is closed");
    }
    const accept = () => this.#accept();
    await takeOver({ id, directory, connection, answerTimeoutMs, takeUp, accept });
    if (!this.#isOver) this.#publish(directory);
    this.#parting = this.#partFrom(connection);
  }

  /** The predecessor closes the connection when it has done all that it had to. */
  async #partFrom(connection: UnixConnection | null): Promise<void> {
    await connection?.receive(this.#settings.answerTimeoutMs).catch(() => {});
    connection?.[Symbol.dispose]();
    this.#alone.resolve();
  }

  /** From here on we serve, whatever goes wrong. */
  #publish(directory: CoordinationDirectory): void {
    try {
      directory.publish();
      this.#published = true;
    } catch (error) {
      this.#settings.onWarning(`No successor will find us: ${explain(error)}`);
    }
    directory.upgradeLock.release();
  }

  async #accept(): Promise<void> {
    await this.#heirlooms.grant();
    this.#move("serving");
  }

  /** A successor came. */
  #receive(visitor: OwnerConnection): void {
    const { libc } = this.#means;
    // A listener that is being opened would not reach it.
    const { isOpening } = this.#heirlooms;
    const isFree = this.#state === "owner" && !isOpening && !this.#settings.isBusy();
    if (!isFree || libc === null) return visitor[Symbol.dispose]();
    this.#visitor = visitor;
    this.#offering = this.#offer(visitor, libc);
  }

  async #offer(visitor: OwnerConnection, libc: Libc): Promise<void> {
    try {
      const served = await offer(visitor, {
        ...this.#settings,
        service: this.#settings.service,
        libc,
        listeners: this.heirlooms,
        ownerLock: this.#directory!.ownerLock,
        stopping: this.#stopping.signal,
        onStep: (step) => this.#step(step),
      });
      if (served) {
        this.#leave("handed_over");
        await this.#settings.onHandedOver();
      }
    } catch (error) {
      if (!this.#stopping.signal.aborted) {
        this.#settings.onWarning(`Cannot hand over: ${explain(error)}`);
      }
      if (this.#state !== "owner") this.#giveUp();
    } finally {
      visitor[Symbol.dispose]();
    }
  }

  #step(step: UpgraderEvent): void {
    this.#move(step);
    if (step === "offered") this.#settings.onOffering(true);
    if (step === "successor_lost") this.#settings.onOffering(false);
  }

  #withdraw(): void {
    this.#move("stop");
    if (this.#published) this.#directory?.withdraw();
    this.#leave("stopped");
  }

  /** We accept nobody and cannot: who is started next can, if we let go. */
  #giveUp(): void {
    this.#move("stop");
    this.#leave("stopped");
  }

  /** Lets go of everything but connections. */
  #leave(end: UpgraderEnd): void {
    this.#heirlooms.close();
    this.#door?.close();
    // First the lock, then the connection: whoever waits at its other end will want the lock.
    this.#directory?.[Symbol.dispose]();
    this.#connection?.[Symbol.dispose]();
    this.#end.resolve(end);
  }

  get #isOver(): boolean {
    return this.#state === "retired" || this.#state === "stopped";
  }

  #move(event: UpgraderEvent): void {
    this.#state = nextState(this.#state, event);
  }

  /** @throws {TypeError} */
  #claim(name: string, states: readonly UpgraderState[]): void {
    const isInTime = states.includes(this.#state);
    const state = this.#state.replace("_", " ");
    this.#heirlooms.claim(name, isInTime ? null : `it would not reach the successor (${state})`);
  }
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
