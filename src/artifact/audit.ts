import type { Log } from "../platform/log.ts";
import type { RollEvent, Trigger } from "../roll/events.ts";
import type { AuditRecord, Registry } from "../source/registry.ts";

/** A registry may take so long for a record. */
const REPORT_MS = 30_000;

/** The same version once more is no deployment. */
const NO_DEPLOYMENT: readonly Trigger[] = ["crash", "liveness", "restart"];

/** What is reported, and how. */
export interface AuditOptions {
  readonly registry: Pick<Registry, "report">;
  readonly host: string;
  /** What this is: `server` or `assets`. */
  readonly command: string;
  readonly reportFailures: boolean;
  /** Milliseconds since 1970. */
  date(): number;
  readonly log: Log;
}

/** Writes a record beside each release that was deployed; nothing ever waits for it. */
export class Audit {
  readonly #options: AuditOptions;
  readonly #deployments = new Map<number, string>();
  readonly #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  /** Follows what happens; neither throws nor waits. */
  observe(event: RollEvent): void {
    switch (event.type) {
      case "roll.started":
        if (NO_DEPLOYMENT.includes(event.trigger) || event.from === event.to) return;
        this.#deployments.set(event.roll, event.to);
        return;
      case "roll.succeeded":
        return this.#end(event.roll, null);
      case "roll.failed":
        // Nothing was deployed, and nothing is wrong with it.
        if (event.reason === "no_turn") return void this.#deployments.delete(event.roll);
        return this.#end(event.roll, event.detail);
      case "roll.rolled_back":
        return this.#end(event.roll, event.detail);
      case "roll.interrupted":
      case "roll.skipped":
        this.#deployments.delete(event.roll);
    }
  }

  /** Waits for what is on its way, at most `timeoutMs`. Never rejects. */
  async close(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), timeoutMs);
    await this.#work;
    clearTimeout(timer);
  }

  #end(roll: number, error: string | null): void {
    const tag = this.#deployments.get(roll);
    this.#deployments.delete(roll);
    if (tag === undefined || (error !== null && !this.#options.reportFailures)) return;
    const { host, command, date } = this.#options;
    const record = { tag, host, command, at: date(), error };
    this.#work = this.#work.then(() => this.#report(record));
  }

  async #report(record: AuditRecord): Promise<void> {
    const { registry, log } = this.#options;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(REPORT_MS)]);
    try {
      await registry.report(record.tag, record, signal);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.warn(`Cannot write the record of ${record.tag}: ${why}`, { event: "audit.failed" });
    }
  }
}
