import type { Engine } from "../../container/engine/engine.ts";
import type { EngineEvent } from "../../container/engine/events.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

/** Who looks after one container; must not throw. */
export interface EngineListener {
  /** Something happened to it. */
  onEvent(event: EngineEvent): void;
  /** The engine does not answer any more. */
  onAway?(): void;
  /** The engine was away: whatever happened meanwhile has to be looked up. */
  onReturn(): void;
}

/** How an engine is watched. */
export interface EngineWatchOptions {
  readonly engine: Pick<Engine, "events" | "ping">;
  /** Labels of the containers that matter. */
  readonly labels: readonly string[];
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  date(): number;
  readonly log: Log;
}

/**
 * Hears what happens to all containers of an application, over one connection, and hands it to those
 * who look after them. An engine that goes away is waited for.
 */
export class EngineWatch implements AsyncDisposable {
  readonly #options: EngineWatchOptions;
  readonly #listeners = new Map<string, EngineListener>();
  readonly #end = new AbortController();
  readonly #over: Promise<void>;
  #isAway = false;
  #outages = 0;

  constructor(options: EngineWatchOptions) {
    this.#options = options;
    this.#over = this.#follow();
  }

  /** The engine does not answer: what is known of containers may be old. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /** How often it has gone away so far. */
  get outages(): number {
    return this.#outages;
  }

  /** Tells `listener` of the container `id` until it is disposed. */
  listen(id: string, listener: EngineListener): Disposable {
    this.#listeners.set(id, listener);
    return {
      [Symbol.dispose]: () => {
        if (this.#listeners.get(id) === listener) this.#listeners.delete(id);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#over;
  }

  async #follow(): Promise<void> {
    const { clock, date } = this.#options;
    const { signal } = this.#end;
    // What happens before the connection stands is told, too.
    let since = date();
    for (let retryMs = FIRST_RETRY_MS; !signal.aborted; retryMs *= 2) {
      try {
        if (this.#isAway) await this.#return();
        for await (const event of this.#events(since)) {
          // An engine that answers, but tells nothing, is not asked more and more.
          retryMs = FIRST_RETRY_MS;
          since = event.at;
          this.#listeners.get(event.id)?.onEvent(event);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#away(error);
      }
      await clock.sleep(Math.min(retryMs, LAST_RETRY_MS), signal).catch(() => {});
    }
  }

  #events(since: number): AsyncGenerator<EngineEvent> {
    const { engine, labels } = this.#options;
    return engine.events({ labels, since }, this.#end.signal);
  }

  async #return(): Promise<void> {
    await this.#options.engine.ping(this.#end.signal);
    this.#isAway = false;
    this.#options.log.info("The engine is back", { event: "engine.back" });
    for (const listener of [...this.#listeners.values()]) listener.onReturn();
  }

  #away(error: unknown): void {
    if (!this.#isAway) {
      this.#outages++;
      const why = error instanceof Error ? error.message : String(error);
      this.#options.log.warn(`The engine is away: ${why}`, { event: "engine.away", why });
      this.#isAway = true;
      for (const listener of [...this.#listeners.values()]) listener.onAway?.();
    }
  }
}
