import { abortable } from "@std/async/abortable";
import type { Chronicle } from "./chronicle.ts";
import type { Effects } from "./effects.ts";
import type { Remnant } from "./instance.ts";
import { refer } from "./refer.ts";

/** Between two tries to end one; it doubles. */
const RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** Who is meant. */
export type Matters = (instance: Remnant) => boolean;

/** What ending somebody once more needs. */
export interface RemainsHost {
  /**
   * Nobody else gets its port before this is disposed of; null: somebody else has it. Whoever is
   * ended by what is on its port (`--stop 'docker stop app-<<PORT>>'`) must not take him along.
   */
  claimPort(instance: Remnant): Disposable | null;
  /** It was seen to be gone. */
  onGone(instance: Remnant): void;
}

/**
 * What could not be ended, and may still write to the data: instances, mostly. Each is ended again
 * and again, until it is gone.
 */
export class Remains {
  /** Told when there are others, or somebody waits for one. */
  onChange: () => void = () => {};
  readonly #effects: Effects;
  readonly #chronicle: Chronicle;
  readonly #host: RemainsHost;
  readonly #ending = new Map<Remnant, Promise<void>>();
  readonly #awaited = new Set<Remnant>();
  readonly #closed = new AbortController();
  #tries = 0;
  #changed = Promise.withResolvers<void>();

  constructor(effects: Effects, chronicle: Chronicle, host: RemainsHost) {
    this.#effects = effects;
    this.#chronicle = chronicle;
    this.#host = host;
  }

  /** Those that were not seen to be gone. */
  get list(): readonly Remnant[] {
    return [...this.#ending.keys()];
  }

  /** Something cannot go on before one of them is gone. */
  get isWaitedFor(): boolean {
    return this.#awaited.size > 0;
  }

  /** One of them is being ended at this moment. */
  get isTrying(): boolean {
    return this.#tries > 0;
  }

  /** It could not be ended. */
  add(instance: Remnant): void {
    this.#ending.set(instance, this.#end(instance));
    this.#change();
  }

  /**
   * Resolves when none that matters is left.
   *
   * @returns False: the end of everything, or `signal`, came first.
   */
  async gone(matters: Matters, signal?: AbortSignal): Promise<boolean> {
    const { signal: closed } = this.#closed;
    const over = signal === undefined ? closed : AbortSignal.any([closed, signal]);
    for (;;) {
      const left = this.list.filter(matters);
      if (left.length === 0) return true;
      if (over.aborted) return false;
      this.#tell(left);
      await abortable(this.#changed.promise, over).catch(() => {});
    }
  }

  /** Nobody is ended any more; resolves when no try is under way. */
  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all(this.#ending.values());
  }

  async #end(instance: Remnant): Promise<void> {
    const { clock, observe } = this.#effects;
    const began = clock.now();
    for (let wait = RETRY_MS;; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
      const isOver = await clock.sleep(wait, this.#closed.signal).then(() => false, () => true);
      if (isOver) return;
      using port = this.#host.claimPort(instance);
      if (port === null) continue;
      this.#tries++;
      const outcome = await instance.stop();
      this.#tries--;
      if (outcome === "survived") continue;
      await this.#chronicle.note({ step: "instance.gone", key: instance.key });
      const durationMs = clock.now() - began;
      this.#ending.delete(instance);
      this.#awaited.delete(instance);
      this.#host.onGone(instance);
      observe({ type: "instance.stopped", instance: refer(instance), outcome, durationMs });
      return this.#change();
    }
  }

  #tell(left: readonly Remnant[]): void {
    const untold = left.filter((instance) => !this.#awaited.has(instance));
    for (const instance of untold) {
      this.#awaited.add(instance);
      this.#effects.observe({ type: "instance.awaited", instance: refer(instance) });
    }
    if (untold.length > 0) this.onChange();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
    this.onChange();
  }
}
