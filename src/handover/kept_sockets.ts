import type { Descriptors } from "./descriptor.ts";
import { DescriptorStore, storeChanges } from "./descriptor_store.ts";
import type { InheritedSocket } from "./inherited_sockets.ts";
import { handoverMeans } from "./means.ts";
import { isSameAddress, type SocketAddress } from "./socket_address.ts";
import type { SocketOrigin } from "./socket_origin.ts";

/** A listening socket that may be kept. */
export interface KeepableSocket {
  readonly name: string;
  readonly origin: SocketOrigin;
  /** Whether a `.socket` unit holds it, too. */
  readonly activated: boolean;
  /** A new descriptor for it; whoever asks has to close it. */
  duplicate(): number;
}

/** What {@linkcode KeptSockets} is made of. */
export interface KeptSocketsOptions {
  /** Null: nothing is kept, or nobody can be told. */
  store: Pick<DescriptorStore, "put" | "remove" | "settled"> | null;
  /** Asked only when something has to be looked at. */
  descriptors: () => Pick<Descriptors, "address" | "close" | "isListening">;
  onWarning: (message: string) => void;
}

/** The listening sockets that the service manager keeps for the next life of this service. */
export class KeptSockets {
  readonly #options: KeptSocketsOptions;
  /** Names that may be kept now. */
  #known: string[] = [];
  #problem: string | null = null;

  constructor(options: KeptSocketsOptions) {
    this.#options = options;
  }

  /** Whether a socket that is given to {@linkcode keep} is kept. */
  get isOn(): boolean {
    return this.#options.store !== null;
  }

  /** Why something is not kept as it should be; null: all is well. */
  get problem(): string | null {
    return this.#problem;
  }

  /**
   * Gives up what came back and listens on none of these addresses: it could be in the way of what
   * will be opened, and whoever connects there would wait for ever. What is no listening socket is
   * not touched.
   *
   * @returns What is left. Resolves when the addresses of the others are free.
   */
  async sift(
    inherited: readonly InheritedSocket[],
    wanted: readonly SocketAddress[],
  ): Promise<InheritedSocket[]> {
    const { descriptors, store } = this.#options;
    const stale = inherited.filter((socket) => this.#isStale(socket, wanted));
    for (const { fd } of stale) descriptors().close(fd);
    const removed = new Set(stale.map(nameOf));
    if (removed.size > 0 && store !== null) {
      await this.#try(async () => {
        for (const name of removed) await store.remove(name);
        await store.settled();
      });
    }
    const left = inherited.filter((socket) => !stale.includes(socket));
    this.#known = left.filter(isKept).map(nameOf).filter((name) => !removed.has(name));
    return left;
  }

  /**
   * Has these kept, and nothing else of ours.
   *
   * @param predecessors Names of what the process before us may have had kept. @default None.
   */
  async keep(
    sockets: readonly KeepableSocket[],
    predecessors: readonly string[] = [],
  ): Promise<void> {
    const { store } = this.#options;
    if (store === null) return;
    await this.#try(async () => {
      for (const change of storeChanges(sockets, [...this.#known, ...predecessors])) {
        if ("remove" in change) await store.remove(change.remove);
        else await store.put(change.put, sockets.find((s) => s.name === change.put)!.duplicate());
      }
    });
  }

  #isStale(socket: InheritedSocket, wanted: readonly SocketAddress[]): boolean {
    if (!isKept(socket)) return false;
    const descriptors = this.#options.descriptors();
    // Variables can be inherited by accident: the number is that of something else then.
    if (descriptors.isListening(socket.fd) !== true) return false;
    const bound = descriptors.address(socket.fd);
    return bound !== null && !wanted.some((address) => isSameAddress(address, bound));
  }

  /** Without it we serve as well, until something goes wrong. */
  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#options.onWarning(
        `The service manager does not keep the public sockets as it should: ${this.#problem}`,
      );
    }
  }
}

/** Those of this process; nothing is kept where {@linkcode storeMode} says so. */
export function keptSockets(onWarning: (message: string) => void): KeptSockets {
  const descriptors = () => handoverMeans().descriptors;
  return new KeptSockets({ store: DescriptorStore.open(), descriptors, onWarning });
}

function isKept({ from }: InheritedSocket): boolean {
  return from === "FDSTORE";
}

/** What we have had kept has a name. */
function nameOf({ name }: InheritedSocket): string {
  return name ?? "";
}
