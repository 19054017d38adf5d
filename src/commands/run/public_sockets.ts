import { basename, dirname, join, resolve } from "node:path";
import type { Config } from "../../config/config.ts";
import { type InheritedSocket, takeInheritedSockets } from "../../handover/inherited_sockets.ts";
import { type KeptSockets, keptSockets } from "../../handover/kept_sockets.ts";
import type { Listener } from "../../handover/listener.ts";
import { handoverMeans } from "../../handover/means.ts";
import type { SocketOrigin } from "../../handover/socket_origin.ts";
import type { SocketAddress } from "../../handover/socket_address.ts";
import { openUpgrader } from "../../handover/open_upgrader.ts";
import type { Upgrader, UpgraderEnd } from "../../handover/upgrader.ts";
import type { Log } from "../../platform/log.ts";
import { type DirectDoor, type DoorOptions, openDirectDoor } from "./direct_door.ts";
import { socketName } from "./socket_name.ts";
import type { SocketFacts } from "./socket_status.ts";

/** Over what another process may take for its turn, in milliseconds: its start. */
const START_MS = 60_000;
/** Letting go of an application and taking it up again: mostly tenths of a second. */
const ANSWER_MS = 15_000;

const NOBODY_TO_JOIN =
  "Cannot use --join: there is no socket of a service manager, which another " +
  "liveroll could serve as well; start this one by a unit with Sockets=";

/** What is needed of the configuration. */
export type SocketConfig = Pick<
  Config,
  | "host"
  | "ports"
  | "engine"
  | "socketProtocol"
  | "handover"
  | "stateDir"
  | "join"
  | "drainTimeoutMs"
  | "stopTimeoutMs"
>;

/** The application, as far as a successor has to wait for it. */
export interface Heir {
  /** It cannot be left as it is now. */
  isBusy(): boolean;
  /** Nothing that can wait is begun while a successor comes up. */
  suspend(isSuspended: boolean): void;
  /**
   * Lets go of everything that only one process may have.
   *
   * @throws {Error} When it cannot be left now; it goes on then.
   */
  leave(): Promise<void>;
}

/** What became of a hand-over, and of the whole. */
export type SocketFate = "resumed" | UpgraderEnd;

/**
 * The public sockets, where they are not simply opened: they come from the service manager or from
 * another liveroll, and the next one gets them from here.
 */
export class PublicSockets implements SocketFacts, AsyncDisposable {
  /** What the service manager keeps of them. */
  readonly kept: KeptSockets;
  readonly #upgrader: Upgrader;
  readonly #config: SocketConfig;
  readonly #listeners: readonly Listener[];
  #door: DirectDoor | null = null;
  /** Whether to wait for a version that serves. */
  #joins: boolean;
  #heir: Heir | null = null;
  #successor = "";
  #resumed = Promise.withResolvers<"resumed">();
  readonly #parted = Promise.withResolvers<void>();

  /**
   * Waits until this process may come up.
   *
   * @returns Null when there are none, and none are to be handed over.
   * @throws {HandoverError} When another process does not let us.
   * @throws {TypeError} When sockets of the service manager cannot be used.
   * @throws {Error} When the directory cannot be used, or an address not be had.
   */
  static async open(config: SocketConfig, log: Log): Promise<PublicSockets | null> {
    const onWarning = (message: string) => log.warn(message, { event: "sockets.odd" });
    const { handover: dir, engine, ports, drainTimeoutMs, stopTimeoutMs } = config;
    const canAdopt = engine !== "fetch";
    const kept = keptSockets(onWarning);
    const wanted = canAdopt ? addressesOf(config) : [];
    const inherited = await kept.sift(takeInheritedSockets(onWarning), wanted);
    if (!canAdopt && inherited.length > 0) throw cannotAdopt(inherited[0]!);
    const keeps = kept.isOn && canAdopt && ports.length > 0;
    if (inherited.length === 0 && config.join) throw new TypeError(NOBODY_TO_JOIN);
    if (inherited.length === 0 && dir === null && !keeps && engine !== "direct") return null;
    let sockets: PublicSockets | null = null;
    const upgrader = await openUpgrader(
      {
        dir,
        service: `the liveroll of ${realPath(config.stateDir)}`,
        waitMs: START_MS + drainTimeoutMs + stopTimeoutMs,
        answerTimeoutMs: ANSWER_MS,
        isBusy: () => sockets === null || sockets.#isBusy,
        onOffering: (isOffered) => sockets !== null && sockets.#onOffering(isOffered),
        onHandingOver: async (id) => sockets === null ? undefined : await sockets.#leave(id),
        onHandedOver: async () => sockets === null ? undefined : await sockets.#parted.promise,
        onWarning,
      },
      handoverMeans(),
      inherited,
    );
    try {
      const listeners = engine === "direct" ? [] : await listenAll(upgrader, config);
      return sockets = new PublicSockets(kept, upgrader, config, listeners);
    } catch (error) {
      await upgrader.stop();
      throw error;
    }
  }

  private constructor(
    kept: KeptSockets,
    upgrader: Upgrader,
    config: SocketConfig,
    listeners: readonly Listener[],
  ) {
    this.#joins = config.join;
    this.kept = kept;
    this.#upgrader = upgrader;
    this.#config = config;
    this.#listeners = listeners;
  }

  /**
   * Where children accept themselves: the same for every life of this process.
   *
   * @throws {HoldError} When an address cannot be had.
   * @throws {TypeError} When they cannot be passed to children as is asked for.
   */
  async door(options: DoorOptions): Promise<DirectDoor> {
    return this.#door ??= await openDirectDoor(this.#config, this.#upgrader, options);
  }

  /** One for every public port, in their order; none where children accept themselves. */
  get listeners(): readonly Listener[] {
    return this.#listeners;
  }

  /** See {@linkcode Upgrader.hasPredecessor}. */
  get hasPredecessor(): boolean {
    return this.#upgrader.hasPredecessor;
  }

  /** Where they come from, in their order. */
  get origins(): readonly SocketOrigin[] {
    return this.#upgrader.heirlooms.map(({ origin }) => origin);
  }

  /** Whether a `.socket` unit holds all of them. */
  get activated(): boolean {
    return this.#upgrader.heirlooms.every(({ activated }) => activated);
  }

  /**
   * Takes up what only one process may have, and begins to accept; with `--join` that comes later.
   * See {@linkcode Upgrader.ready}.
   */
  async ready(takeUp: () => Promise<void>): Promise<void> {
    if (this.#joins) return await takeUp();
    await this.#accept(takeUp);
  }

  /** A version serves: begins to accept, unless that was before. @throws {Error} When it cannot. */
  async join(): Promise<void> {
    if (!this.#joins) return;
    this.#joins = false;
    await this.#accept();
  }

  async #accept(takeUp?: () => Promise<void>): Promise<void> {
    await this.#upgrader.ready(takeUp);
    // Before it is told that we are the main process, the service manager would not listen.
    void this.#upgrader.alone.then(() => this.#keep());
  }

  /** After a hand-over: the successor is the main process now. */
  part(): void {
    this.#parted.resolve();
  }

  /** The process whose place this one takes; null: there is none. */
  get predecessor(): number | null {
    return this.#upgrader.predecessor;
  }

  /** The process that took over, if it belongs to the same service; null: none does. */
  get successor(): number | null {
    const pid = Number(this.#successor);
    const group = controlGroup(pid);
    return group !== null && group === controlGroup("self") ? pid : null;
  }

  /** Until this is called, successors wait; null: they wait again. */
  bequeath(heir: Heir | null): void {
    this.#heir = heir;
  }

  /** Resolves when it is known what became of the hand-over that {@linkcode Heir.leave} began. */
  get fate(): Promise<SocketFate> {
    return Promise.race([this.#resumed.promise, this.#upgrader.complete]);
  }

  async #keep(): Promise<void> {
    // Whoever stops meanwhile has closed them here, and may be started again.
    if (this.#upgrader.state !== "owner") return;
    await this.kept.keep(this.#upgrader.heirlooms, this.#upgrader.handedNames);
  }

  get #isBusy(): boolean {
    return this.#heir?.isBusy() ?? true;
  }

  #onOffering(isOffered: boolean): void {
    this.#heir?.suspend(isOffered);
    if (!isOffered) this.#resumed.resolve("resumed");
  }

  async #leave(successorId: string): Promise<void> {
    if (this.#heir === null) throw new Error("it comes up, or stops");
    this.#successor = successorId;
    this.#resumed = Promise.withResolvers();
    await this.#heir.leave();
  }

  /** Lets go of the sockets; the next process opens its own. */
  stop(): Promise<void> {
    return this.#upgrader.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Null: there is no such process, or no such thing. */
function controlGroup(pid: number | "self"): string | null {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cgroup`);
  } catch {
    return null;
  }
}

function addressesOf({ host, ports }: SocketConfig): SocketAddress[] {
  return ports.map(({ listen }) => ({ hostname: host, port: listen }));
}

function cannotAdopt({ from }: InheritedSocket): TypeError {
  return new TypeError(
    `Cannot use the sockets of ${from} with --engine fetch: Deno.serve cannot adopt any; give ` +
      "--engine relay or tcp",
  );
}

function listenAll(upgrader: Upgrader, { host, ports }: SocketConfig): Promise<Listener[]> {
  const accept = { hostname: host, allowHalfOpen: true, pauseOnConnect: true };
  return Promise.all(ports.map(({ listen: port }) => {
    return upgrader.listen(socketName(port, ports), { ...accept, port });
  }));
}

/** Also of what does not exist yet. */
function realPath(path: string): string {
  const absolute = resolve(path);
  try {
    return Deno.realPathSync(absolute);
  } catch {
    return absolute === "/" ? absolute : join(realPath(dirname(absolute)), basename(absolute));
  }
}
