import type { Identity } from "../process_instance.ts";
import type { Crew } from "./crew.ts";
import { STOP_RETRY_MS } from "./end_container.ts";
import { LABELS } from "./labels.ts";
import { removeLater } from "./remove_later.ts";
import { Replica } from "./replica.ts";

/** Whose containers are made. */
export interface Parent {
  readonly identity: Identity;
  readonly isStopping: boolean;
  /** It exists, and does not run yet. */
  enter(replica: Replica): void;
  /** It was started; it may have ended since. */
  started(replica: Replica): Promise<void>;
}

/**
 * Makes the containers of an instance, and loses sight of none: whoever loses patience, what was
 * asked for is made, or nobody would know of it. Only who is killed leaves it to the next start.
 */
export class Making {
  readonly #crew: Crew;
  readonly #parent: Parent;
  readonly #under = new Set<Promise<unknown>>();
  /** One could not be made: there may be a container that we were not told of. */
  #isUnsure = false;
  #isTold = false;

  constructor(crew: Crew, parent: Parent) {
    this.#crew = crew;
    this.#parent = parent;
  }

  /** Makes and starts one. @returns It, running or not. @throws {Error} It may exist all the same. */
  async add(number: number): Promise<Replica> {
    const making = this.#make(number);
    this.#under.add(making);
    try {
      return await making;
    } catch (error) {
      // A program that makes them may also fail after it has made one.
      this.#isUnsure = true;
      throw error;
    } finally {
      this.#under.delete(making);
    }
  }

  /** There is one that nobody looks after: {@linkcode Making.removeUnknown} is to find it. */
  mayHaveLeft(): void {
    this.#isUnsure = true;
  }

  /** Resolves when none is being made. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#under);
  }

  /** Removes those whose making nobody has answered. Never rejects. @returns None is left. */
  async removeUnknown(): Promise<boolean> {
    if (!this.#isUnsure) return true;
    const { id, token } = this.#parent.identity;
    try {
      await this.#removeAll();
      this.#isUnsure = false;
      return true;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!this.#isTold) this.#crew.log.warn(`Containers of ${id} may be left: ${message}`);
      if (!this.#isTold) removeLater(this.#crew, token, () => this.#removeAll());
      this.#isTold = true;
      return false;
    }
  }

  async #removeAll(): Promise<void> {
    const { engine, maker } = this.#crew;
    const { token } = this.#parent.identity;
    const signal = AbortSignal.timeout(STOP_RETRY_MS);
    for (const one of await engine.containers.list([`${LABELS.token}=${token}`], signal)) {
      await maker.remove(one.id, signal);
    }
  }

  async #make(number: number): Promise<Replica> {
    const { engine, maker, killed } = this.#crew;
    this.#throwIfStopping();
    const id = await maker.create(this.#parent.identity, number, killed);
    const replica = new Replica(await engine.containers.inspect(id, killed), number);
    this.#parent.enter(replica);
    this.#throwIfStopping();
    await maker.start(id, killed);
    await this.#parent.started(replica);
    return replica;
  }

  #throwIfStopping(): void {
    if (this.#parent.isStopping) throw new Error("it is being stopped");
  }
}
