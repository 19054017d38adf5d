import type { Chronicle } from "./chronicle.ts";
import type { Effects } from "./effects.ts";
import type { Price, Quarantine } from "./quarantine.ts";

/** What refusals work with. */
export interface RefusalTools {
  effects: Effects;
  chronicle: Chronicle;
  quarantine: Quarantine;
}

/** Puts versions in quarantine and lets them out, and tells and writes down that it does. */
export class Refusals {
  readonly #tools: RefusalTools;
  #latest: { id: string; detail: string } | null = null;

  constructor(tools: RefusalTools) {
    this.#tools = tools;
  }

  /** The version that was refused last, while nothing better has come. */
  get latest(): { readonly id: string; readonly detail: string } | null {
    return this.#latest;
  }

  /** Takes over what a former life has left. */
  restore(): void {
    const { effects: { journal, clock, date }, quarantine } = this.#tools;
    const now = clock.now();
    for (const { id, failures, retryAt, waitMs, detail } of journal.memory.quarantine) {
      const inMs = Math.min(Math.max(0, retryAt - date()), waitMs);
      quarantine.restore({ id, failures, detail, retryAt: now + inMs }, now);
    }
  }

  /** @returns Milliseconds until it may be tried again. */
  add(id: string, detail: string, price: Price): number {
    const { effects: { clock, date, observe }, chronicle, quarantine } = this.#tools;
    const { failures, retryAt } = quarantine.add(id, clock.now(), price, detail);
    const retryInMs = retryAt - clock.now();
    const entry = { id, failures, detail, retryAt: date() + retryInMs, waitMs: retryInMs };
    chronicle.note({ step: "quarantine.changed", id, entry });
    this.#latest = { id, detail };
    observe({ type: "quarantine.added", id, failures, retryInMs, detail });
    return retryInMs;
  }

  /** A person wants `id` after all. */
  release(id: string): void {
    if (this.absolve(id)) {
      this.#tools.effects.observe({ type: "quarantine.released", id });
    }
  }

  /** `id` serves: nothing is held against it. @returns Whether something was. */
  absolve(id: string): boolean {
    if (!this.#tools.quarantine.release(id)) return false;
    this.#tools.chronicle.note({ step: "quarantine.changed", id, entry: null });
    return true;
  }

  /** Something better has come: the refusal is history. */
  forgetLatest(): void {
    this.#latest = null;
  }
}
