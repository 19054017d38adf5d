import { abortable } from "@std/async/abortable";
import type { Effects } from "./effects.ts";

/** A port to start on, or who sits on the ones that should be free. */
export type PortChoice = { port: number } | { port: null; busy: number; holder: string };

/** Who leaves, and frees a port then. */
export interface Leavers {
  /** Somebody is on the way out. */
  readonly isLeaving: boolean;
  /** Who is only kept warm leaves at once. */
  hurry(): void;
}

/** The ports that instances are started on, and which of them are ours at this moment. */
export class Ports {
  readonly #effects: Pick<Effects, "runtime">;
  readonly #all: readonly number[];
  readonly #inUse = new Set<number>();
  #freed = Promise.withResolvers<void>();

  /** @param all In order of preference; empty: each instance takes a port of its own. */
  constructor(effects: Pick<Effects, "runtime">, all: readonly number[]) {
    this.#effects = effects;
    this.#all = all;
  }

  /**
   * Reserves a port that is neither used by an instance of ours nor by anybody else. Waits for one
   * of ours to leave if need be, so also when the other port is in the hands of a stranger. 0: the
   * instance takes one of its own.
   *
   * @throws The reason of `signal`, when it aborts.
   */
  async take(leavers: Leavers, signal: AbortSignal): Promise<PortChoice> {
    if (this.#all.length === 0) return { port: 0 };
    for (;;) {
      signal.throwIfAborted();
      // Before the look, or a port that is freed right after it would be missed.
      const freed = this.#freed.promise;
      const choice = await this.#try(signal);
      const mayGetBetter = leavers.isLeaving || freed !== this.#freed.promise;
      if (choice !== null && (choice.port !== null || !mayGetBetter)) return choice;
      leavers.hurry();
      await abortable(freed, signal);
    }
  }

  /** Somebody of ours has it, whoever gave it to him. */
  own(port: number): void {
    this.#inUse.add(port);
  }

  /** Nobody of ours has it any more. */
  release(port: number): void {
    this.#inUse.delete(port);
    this.#freed.resolve();
    this.#freed = Promise.withResolvers();
  }

  /** Keeps a port from others until it is disposed of; null: somebody of ours has it. */
  claim(port: number): Disposable | null {
    // Containers have none of their own: nobody else could have it.
    if (port === 0) return { [Symbol.dispose]() {} };
    if (this.#inUse.has(port)) return null;
    this.#inUse.add(port);
    return { [Symbol.dispose]: () => this.release(port) };
  }

  async #try(signal: AbortSignal): Promise<PortChoice | null> {
    let taken: PortChoice | null = null;
    for (const port of this.#all) {
      if (this.#inUse.has(port)) continue;
      this.#inUse.add(port);
      const holder = await this.#effects.runtime.portHolder(port);
      if (holder === null && !signal.aborted) return { port };
      if (signal.aborted) this.release(port);
      signal.throwIfAborted();
      // Not freed for anybody: telling those who wait would send them, and us, round in circles.
      this.#inUse.delete(port);
      taken = { port: null, busy: port, holder: holder ?? "" };
    }
    return taken;
  }
}
