import { type Clock, systemClock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { OperationalError, PreludeError } from "../../proxy/operational_error.ts";

/** The same trouble is told this often and no more. */
const REPEAT_MS = 10_000;

/**
 * Logs what the proxy complains about: trouble from outside by its message, at most one line of a
 * kind every ten seconds; bugs with a stack.
 */
export class ProxyErrors {
  readonly #log: Log;
  readonly #clock: Clock;
  /** When each kind of trouble was told last. */
  #told = new Map<string, number>();

  constructor(log: Log, clock: Clock = systemClock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Never throws. */
  readonly report = (error: unknown): void => {
    if (!(error instanceof OperationalError)) {
      const text = error instanceof Error ? error.stack ?? error.message : String(error);
      this.#log.error(`Internal error: ${text}`, { event: "proxy.error" });
    } else if (this.#isNews(error.name)) {
      // The mistake of one peer harms nobody else; who cannot accept harms everybody.
      const level = error instanceof PreludeError ? "warn" : "error";
      this.#log[level](error.message, { event: "proxy.trouble" });
    }
  };

  #isNews(kind: string): boolean {
    const now = this.#clock.now();
    if (now - (this.#told.get(kind) ?? -Infinity) < REPEAT_MS) return false;
    this.#told.set(kind, now);
    return true;
  }
}
