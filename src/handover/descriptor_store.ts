import { ERRNO, errno, type Libc, SystemCallError } from "./libc.ts";
import { describeMode, handoverMeans, type Means } from "./means.ts";
import { sendMessage } from "./socket_message.ts";
import type { SocketOrigin } from "./socket_origin.ts";
import { unixAddress } from "./unix_address.ts";

const AF_UNIX = 1;
const SOCK_STREAM_CLOEXEC = 1 | 0o2000000;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
/** A service manager that is busy gets so many tries, so long after each other. */
const TRIES = 50;
const TRY_AGAIN_MS = 100;
/** Longest that one that does as it is told needs for it. */
const SETTLED_MS = 5_000;

/**
 * What we have kept is called so, and the listener's name then: what a `.socket` unit holds comes in
 * the same list, may have the same name, and is not to be thrown out.
 */
const PREFIX = "stored-";

/** Whether the service manager keeps descriptors for this process, and why not. */
export type StoreMode = { name: "on" } | { name: "off"; why: string };

/** A change of what is kept, by the name of the listener. */
export type StoreChange = { put: string } | { remove: string };

/** What {@linkcode DescriptorStore.open} takes from its surroundings. */
export interface StoreOptions {
  /** Asked only when there is anybody to tell. @default {handoverMeans} */
  means?: () => Pick<Means, "mode" | "libc">;
  /** Reads a variable. @default {Deno.env.get} */
  env?: (name: string) => string | undefined;
}

/**
 * Descriptors that the service manager keeps for this service: it gives them back, among
 * `LISTEN_FDS`, when it starts the service again, however the process has ended.
 */
export class DescriptorStore {
  readonly #libc: Libc;
  readonly #address: Uint8Array<ArrayBuffer>;

  private constructor(libc: Libc, address: string) {
    this.#libc = libc;
    this.#address = unixAddress(address);
  }

  /** @returns Null when there is none, see {@linkcode storeMode}. */
  static open(options: StoreOptions = {}): DescriptorStore | null {
    if (storeMode(options).name === "off") return null;
    const { means = handoverMeans, env = readVariable } = options;
    const { libc } = means();
    return libc === null ? null : new DescriptorStore(libc, env("NOTIFY_SOCKET") ?? "");
  }

  /**
   * Has a descriptor kept as that of the listener `name`; the same one again changes nothing.
   *
   * @param duplicate A descriptor for this call alone, which is closed then.
   * @throws {SystemCallError} When the service manager does not take it.
   */
  async put(name: string, duplicate: number): Promise<void> {
    try {
      // Listening sockets never hang up: there is nothing to watch them for.
      await this.#tell(`FDSTORE=1\nFDNAME=${PREFIX}${name}\nFDPOLL=0`, [duplicate]);
    } finally {
      this.#libc.close(duplicate);
    }
  }

  /** Has everything of that name given up. @throws {SystemCallError} As {@linkcode put}. */
  async remove(name: string): Promise<void> {
    await this.#tell(`FDSTOREREMOVE=1\nFDNAME=${PREFIX}${name}`);
  }

  /** Resolves when everything that was said before has been done; after `waitMs` in any case. */
  async settled(waitMs = SETTLED_MS): Promise<void> {
    const pair = new Int32Array(2);
    if (this.#libc.socketpair(AF_UNIX, SOCK_STREAM_CLOEXEC, 0, pair) < 0) return;
    const [near = -1, far = -1] = pair;
    try {
      await this.#tell("BARRIER=1", [far]);
      this.#libc.close(far);
      // It closes its end when it comes to it, which wakes us whatever is waited for.
      const entry = new Uint8Array(8);
      new DataView(entry.buffer).setInt32(0, near, true);
      await this.#libc.poll(entry, 1n, waitMs);
    } finally {
      this.#libc.close(near);
    }
  }

  async #tell(text: string, fds: readonly number[] = []): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    for (let tries = 1;; tries++) {
      try {
        return this.#send(bytes, fds);
      } catch (error) {
        const isBusy = error instanceof SystemCallError && error.errno === ERRNO.EAGAIN;
        if (!isBusy || tries === TRIES) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
  }

  #send(bytes: Uint8Array<ArrayBuffer>, fds: readonly number[]): void {
    const libc = this.#libc;
    const socket = libc.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    if (socket < 0) throw new SystemCallError("socket", errno(libc));
    try {
      if (libc.connect(socket, this.#address, this.#address.length) < 0) {
        throw new SystemCallError("connect", errno(libc));
      }
      sendMessage(libc, socket, bytes, fds);
    } finally {
      libc.close(socket);
    }
  }
}

/**
 * Whether descriptors are kept for this process. systemd says so by `FDSTORE` (since version 254;
 * our unit says it for older ones, too): without, it would refuse them with a warning each time.
 */
export function storeMode(
  { means = handoverMeans, env = readVariable }: StoreOptions = {},
): StoreMode {
  const off = (why: string): StoreMode => ({ name: "off", why });
  if (!env("NOTIFY_SOCKET")) return off("no service manager has started this process");
  if (!(Number(env("FDSTORE")) > 0)) {
    return off("FDSTORE is not set: give FileDescriptorStoreMax= as liveroll unit does");
  }
  const { mode } = means();
  return mode.name === "full" ? { name: "on" } : off(describeMode(mode));
}

/** The listener that a descriptor of this name was kept for; null: it was not us who gave it. */
export function listenerNameOf(descriptorName: string): string | null {
  return descriptorName.startsWith(PREFIX) ? descriptorName.slice(PREFIX.length) || null : null;
}

/**
 * What has to be said so that exactly these listeners are kept, but for those that a `.socket` unit
 * holds. To be said in this order: what is given up has to go before another one has its name.
 *
 * @param known Names that may be kept now: those that came back, and those of the predecessor. One
 * that is there twice is kept twice.
 */
export function storeChanges(
  listeners: readonly Storable[],
  known: readonly string[],
): StoreChange[] {
  const isKept = ({ name, origin, activated }: Storable) =>
    (origin === "store" || origin === "directory") && !activated &&
    known.filter((other) => other === name).length === 1;
  const kept = new Set(listeners.filter(isKept).map(({ name }) => name));
  const removed = new Set(known).difference(kept);
  // What was handed over is told again: the predecessor may have had no store, or known none.
  const isToPut = ({ name, origin, activated }: Storable) =>
    !activated && !(origin === "store" && kept.has(name));
  return [
    ...[...removed].map((name) => ({ remove: name })),
    ...listeners.filter(isToPut).map(({ name }) => ({ put: name })),
  ];
}

/** A listener, as far as it matters here. */
interface Storable {
  readonly name: string;
  readonly origin: SocketOrigin;
  /** Whether a `.socket` unit holds it. */
  readonly activated: boolean;
}

function readVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    // Who does not grant the variables has nothing kept by them either.
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}
