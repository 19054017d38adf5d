import { MAX_DESCRIPTORS } from "./control_message.ts";
import { HeldSockets, type WantedSocket } from "./held_sockets.ts";
import { type Heirloom, heldHeirloom } from "./heirloom.ts";
import { Listener, type ListenOptions } from "./listener.ts";
import type { Means } from "./means.ts";
import type { StartSockets } from "./start_sockets.ts";

/** The listening sockets of one process, by the names by which its successor asks for them. */
export class Heirlooms {
  readonly #start: StartSockets;
  readonly #means: Means;
  /** Of those that there are or will be. */
  readonly #names = new Set<string>();
  readonly #byName = new Map<string, Heirloom>();

  /** @param start Those that there are before anything is opened; what nobody wants is closed. */
  constructor(start: StartSockets, means: Means) {
    this.#start = start;
    this.#means = means;
  }

  /** Those that are open. */
  get list(): readonly Heirloom[] {
    return [...this.#byName.values()].filter(({ closed }) => !closed);
  }

  /** A name was claimed for one that there is not yet. */
  get isOpening(): boolean {
    return this.#names.size > this.#byName.size;
  }

  /**
   * Keeps `name` for one that is about to be opened.
   *
   * @param obstacle Why it is too late for one more; null: it is not.
   * @throws {TypeError} When there cannot be one of that name.
   */
  claim(name: string, obstacle: string | null): void {
    const refuse = (why: string) => new TypeError(`Cannot listen as ${name}: ${why}`);
    if (name === "" || name.includes(":")) throw refuse("a name has letters, and no colon");
    if (this.#byName.get(name)?.closed) this.#forget(name);
    if (this.#names.has(name)) throw refuse("the name is taken");
    if (this.#names.size >= MAX_DESCRIPTORS) throw refuse(`${MAX_DESCRIPTORS} are possible`);
    if (obstacle !== null) throw refuse(obstacle);
    this.#names.add(name);
  }

  /**
   * A listener of a name that was claimed: with a socket that there is, else with a new one.
   *
   * @param onOpened Told before it begins to accept.
   * @throws {Error} When the address cannot be had; the name is free again.
   */
  async open(
    name: string,
    options: ListenOptions,
    onOpened: (listener: Listener) => void,
  ): Promise<Listener> {
    const { hostname = "0.0.0.0", port, ...accept } = options;
    const { descriptors } = this.#means;
    const asked = { hostname, port };
    try {
      const found = this.#start.take(name, asked);
      const address = found?.address ?? asked;
      const source = { name, address, asked, options: accept, descriptors };
      const listener = found
        ? Listener.adopt(source, found.fd, found)
        : await Listener.bind(source);
      this.#byName.set(name, listener);
      onOpened(listener);
      await listener.resume();
      return listener;
    } catch (error) {
      this.#names.delete(name);
      throw error;
    }
  }

  /**
   * Sockets for children, of names that were claimed. They are for the caller to close.
   *
   * @param heirs Processes that may have them from a former owner.
   * @throws {HoldError} When one cannot be had; none is open then, and the names are free again.
   */
  hold(wanted: readonly WantedSocket[], heirs: readonly number[]): HeldSockets {
    const { descriptors } = this.#means;
    try {
      const held = HeldSockets.open(wanted, { start: this.#start, means: this.#means, heirs });
      const asked = new Map(wanted.map(({ name, address }) => [name, address]));
      for (const socket of held.list) {
        const { name, address } = socket;
        const heirloom = heldHeirloom(socket, asked.get(name) ?? address, descriptors);
        this.#byName.set(name, heirloom);
      }
      return held;
    } catch (error) {
      for (const { name } of wanted) this.#names.delete(name);
      throw error;
    }
  }

  /** All may accept; what there was and nobody wanted is closed. */
  async grant(): Promise<void> {
    for (const heirloom of this.#byName.values()) await heirloom.grant();
    this.#start.closeRest();
  }

  /** Closes all, and what nobody wanted. Safe to call again. */
  close(): void {
    for (const heirloom of this.#byName.values()) heirloom.close();
    this.#start.closeRest();
  }

  /** What was closed has given its name back. */
  #forget(name: string): void {
    this.#byName.delete(name);
    this.#names.delete(name);
  }
}
