import type {
  DoctorReport,
  HistoryEntry,
  Operator,
  OutputLine,
  Plan,
  RequestStatus,
  RollDetails,
  Status,
  UpgradeStart,
} from "../../control/operator.ts";
import { type Redactor, redactTexts } from "../../notify/redact.ts";
import type { Desk } from "../../roll/desk.ts";
import type { RollRecord } from "../../roll/journal.ts";
import type { LoggedEvent } from "../../roll/logged_event.ts";
import type { Answer, Order, Setting } from "../../roll/orders.ts";
import type { Updater } from "../../roll/updater.ts";
import type { EventHub } from "./event_hub.ts";
import type { OutputRing } from "./output_ring.ts";
import type { StatusBoard } from "./status.ts";

/** What was written down. */
export interface Records {
  history(options: { limit: number }): RollRecord[];
  roll(roll: number): RollRecord | null;
  newest(options: { limit: number }): LoggedEvent[];
  ofRoll(roll: number): LoggedEvent[];
}

/** Who does what the control API asks for. */
export interface OperatorParts {
  desk: Desk;
  updater: Updater;
  /**
   * The version that people mean by a name; null: there is none. Throws when nobody can be asked.
   */
  find(name: string): Promise<string | null>;
  board: StatusBoard;
  hub: EventHub;
  output: OutputRing;
  records: Records;
  /** What comes with a planned roll, a sentence each. */
  notes(plan: Omit<Plan, "notes">): string[];
  /** Takes secrets out of texts. */
  redact: Redactor;
  metrics(): string;
  traffic(): ReturnType<Operator["traffic"]>;
  doctor(options: { fix: boolean }): Promise<DoctorReport>;
  upgrade(binary: string | null): Promise<UpgradeStart>;
}

/** The control API's view of a running liveroll. */
export class RunningOperator implements Operator {
  readonly #parts: OperatorParts;

  constructor(parts: OperatorParts) {
    this.#parts = parts;
  }

  status(): Status {
    return redactTexts(this.#parts.board.status(), this.#parts.redact);
  }

  history(options: { limit: number }): HistoryEntry[] {
    return this.#parts.records.history(options).map(historyEntry);
  }

  roll(id: number): RollDetails | null {
    const record = this.#parts.records.roll(id);
    return record && rollDetails(record, this.#parts.records.ofRoll(id));
  }

  decisions(options: { limit: number }): LoggedEvent[] {
    return this.#parts.records.newest(options);
  }

  output(options: { roll: number | null; limit: number }): OutputLine[] {
    return this.#parts.output.newest(options);
  }

  request(id: number): RequestStatus | null {
    const request = this.#parts.updater.requests.get(id);
    return request && redactTexts(request, this.#parts.redact);
  }

  async order(order: Order): Promise<Answer> {
    const { desk, updater } = this.#parts;
    const isNamed = order.kind === "update" || order.kind === "pin";
    // What is refused in any case need not be looked for.
    if (!isNamed || order.id === null || updater.agenda.isBusy) return await desk.order(order);
    const found = await this.#find(order.id);
    return typeof found === "string" ? await desk.order({ ...order, id: found }) : found;
  }

  async #find(name: string): Promise<string | Answer> {
    const { find, redact } = this.#parts;
    try {
      const id = await find(name);
      if (id !== null) return id;
      return refusal("unknown_version", `there is no version ${name}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return refusal("unavailable", redact(`nobody can say which version ${name} is: ${why}`));
    }
  }

  plan(order: Order): Plan {
    const { desk, notes, redact } = this.#parts;
    const plan = desk.plan(order);
    return redactTexts({ ...plan, notes: notes(plan) }, redact);
  }

  set(setting: Setting): Promise<void> {
    return this.#parts.desk.set(setting);
  }

  stop(): void {
    // Of a signal, a second one means haste; here somebody only asks again.
    if (!this.#parts.updater.isStopping) this.#parts.updater.stop();
  }

  upgrade(binary: string | null): Promise<UpgradeStart> {
    if (this.#parts.updater.isStopping) return Promise.resolve({ refused: "liveroll is stopping" });
    return this.#parts.upgrade(binary);
  }

  doctor(options: { fix: boolean }): Promise<DoctorReport> {
    return this.#parts.doctor(options);
  }

  metrics(): string {
    return this.#parts.metrics();
  }

  traffic(): ReturnType<Operator["traffic"]> {
    return this.#parts.traffic();
  }

  onEvent(listener: (event: LoggedEvent) => void): Disposable {
    return this.#parts.hub.onEvent(listener);
  }

  onOutput(listener: (line: OutputLine) => void): Disposable {
    return this.#parts.output.onOutput(listener);
  }
}

function refusal(reason: "unknown_version" | "unavailable", detail: string): Answer {
  return { accepted: false, reason, detail, roll: null };
}

/** A roll as the API tells it. */
export function historyEntry(record: RollRecord): HistoryEntry {
  const { roll, at, trigger, from, to, outcome, detail, durationMs, phases } = record;
  return {
    id: roll,
    at: iso(at),
    trigger,
    from,
    to,
    outcome,
    durationMs,
    phases: phases.map((phase) => ({ ...phase, startedAt: iso(phase.startedAt) })),
    detail,
  };
}

/** A roll with all that was told of it. */
export function rollDetails(record: RollRecord, events: LoggedEvent[]): RollDetails {
  return { ...historyEntry(record), lastLines: [...record.lastLines], events };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
