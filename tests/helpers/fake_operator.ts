import type {
  Answer,
  DoctorReport,
  HistoryEntry,
  Operator,
  Order,
  OutputLine,
  Plan,
  RequestStatus,
  RollDetails,
  Setting,
  Status,
} from "../../src/control/operator.ts";
import type { InstanceRef, RollEvent, RollOutcome, Trigger } from "../../src/roll/events.ts";
import type { PhaseName } from "../../src/roll/journal.ts";
import type { LoggedEvent } from "../../src/roll/logged_event.ts";

import { emptyStatus } from "./fake_status.ts";
import { fakePlan } from "./fake_plan.ts";

/** How a phase ended. */
type PhaseOutcome = "succeeded" | "failed" | "interrupted";

/** How long a version that failed is not tried again. */
const RETRY_MS = 3_600_000;

/** A liveroll that does what a test tells it to, seen from the control API. */
export class FakeOperator implements Operator {
  /** What `GET /v1/status` answers; change it as you like, then {@linkcode tell} something. */
  readonly current: Status;
  /** Everything that was asked for, in order. */
  readonly asked: (Order | Setting)[] = [];
  /** Set it to refuse orders. */
  refusal: Answer | null = null;
  /** Requests per second; the newest last. */
  points: { total: number; failed: number; p95Ms: number | null }[] = [];
  readonly #rolls: RollDetails[] = [];
  readonly #events: LoggedEvent[] = [];
  readonly #lines: OutputLine[] = [];
  readonly #requests = new Map<number, RequestStatus>();
  readonly #eventListeners = new Set<(event: LoggedEvent) => void>();
  readonly #outputListeners = new Set<(line: OutputLine) => void>();
  #open: { name: PhaseName; startedAt: number } | null = null;
  #pid = 4_000;
  #behindMs = 0;

  /** `behindMs`: how long ago its life is to begin; {@linkcode FakeOperator.pass} catches up. */
  constructor(version = "v1", { behindMs = 0 }: { behindMs?: number } = {}) {
    this.#behindMs = behindMs;
    this.current = emptyStatus();
    this.rollTo(version, "start");
  }

  // What a test tells.

  /** Time goes by, up to now. */
  pass(ms: number): void {
    this.#behindMs = Math.max(0, this.#behindMs - ms);
  }

  /** Time goes by, until it is as long ago as `behindMs`. */
  catchUp(behindMs: number): void {
    this.#behindMs = Math.min(behindMs, this.#behindMs);
  }

  /** Something happens. */
  tell(event: RollEvent, message: string = event.type, level: LoggedEvent["level"] = "info"): void {
    const logged = { at: this.#now(), level, message, event };
    this.#events.push(logged);
    if ("roll" in event) this.#find(event.roll ?? 0)?.events.push(logged);
    for (const listener of this.#eventListeners) listener(logged);
  }

  /** An instance prints a line. */
  print(line: string, stream: "stdout" | "stderr" = "stdout"): void {
    const { id, port } = this.current.candidate ?? this.current.current ?? { id: "v0", port: 1 };
    const printed = { at: this.#now(), roll: this.#last().id, id, port, stream, line };
    this.#lines.push(printed);
    for (const listener of this.#outputListeners) listener(printed);
  }

  /** A whole roll that goes well. */
  rollTo(to: string, trigger: Trigger = "interval"): void {
    this.begin(to, trigger);
    for (const name of ["port", "start", "gate", "switch"] as const) this.phase(name);
    this.switchOver();
    this.succeed();
  }

  /** A roll begins. */
  begin(to: string, trigger: Trigger = "interval"): void {
    const { current } = this.current;
    const id = this.#rolls.length + 1;
    const at = this.#now();
    const from = current?.id ?? null;
    const shape = { durationMs: null, phases: [], detail: "", lastLines: [], events: [] };
    this.#rolls.push({ id, at, trigger, from, to, outcome: null, ...shape });
    this.current.roll = { id, to, trigger, phase: null, since: at };
    this.#state("rolling", `Rolling to ${to}`);
    this.tell({ type: "roll.started", roll: id, trigger, from, to }, `Roll ${id} to ${to} begins`);
  }

  /** The next phase begins; the one before has succeeded. */
  phase(name: PhaseName): void {
    this.endPhase("succeeded");
    this.#open = { name, startedAt: this.#ms() };
    if (name === "start") this.current.candidate = this.#instance(this.#last().to);
    if (this.current.roll !== null) this.current.roll.phase = name;
    this.tell({ type: "roll.phase", roll: this.#last().id, name }, `Phase ${name}`, "debug");
  }

  /** The phase under way ends. */
  endPhase(outcome: PhaseOutcome): void {
    if (this.#open === null) return;
    const { name, startedAt } = this.#open;
    this.#open = null;
    const phase = { name, startedAt, durationMs: this.#ms() - startedAt, outcome };
    this.#last().phases.push({ ...phase, startedAt: iso(startedAt) });
    const roll = this.#last().id;
    this.tell({ type: "roll.phase_ended", roll, phase }, `Phase ${name} ${outcome}`, "debug");
  }

  /** The candidate takes over. */
  switchOver(): void {
    const { candidate, current } = this.current;
    if (candidate === null) return;
    this.current.previous = current === null ? null : { id: current.id };
    this.current.current = { ...candidate, healthySince: this.#now() };
    this.current.desired = { id: candidate.id };
    this.current.candidate = null;
    const instance = refOf(candidate);
    const roll = this.#last().id;
    this.tell({ type: "roll.switched", roll, instance, from: current?.id ?? null });
  }

  /** The roll ends well. */
  succeed(): void {
    const { to, id } = this.#last();
    this.current.rolls.succeeded++;
    const durationMs = this.#end("succeeded", `${to} serves`);
    this.#state("serving", `${to} serves`);
    this.tell({ type: "roll.succeeded", roll: id, id: to, durationMs }, `${to} serves`);
  }

  /** The candidate is refused. */
  fail(detail: string, lastLines: string[] = []): void {
    const { to, id } = this.#last();
    this.endPhase("failed");
    this.current.rolls.failed++;
    this.current.candidate = null;
    this.#last().lastLines = lastLines;
    this.#end("failed", detail);
    const retryAt = iso(this.#ms() + RETRY_MS);
    this.current.quarantined = [{ id: to, failures: 1, retryAt, detail }];
    this.#state("serving", `${this.current.current?.id} serves`);
    const more = { reason: "exited" as const, detail, lastLines, retryInMs: RETRY_MS };
    this.tell({ type: "roll.failed", roll: id, id: to, ...more }, `${to}: ${detail}`, "error");
  }

  /** An order comes to its end. */
  endRequest(request: number, outcome: RequestStatus["outcome"], detail: string): void {
    if (outcome === null) return;
    this.#requests.set(request, { request, outcome, roll: null, detail });
    this.tell({ type: "request.ended", request, outcome, roll: null, detail }, detail);
  }

  // What the control API asks for.

  status(): Status {
    const startedAt = Date.parse(this.current.startedAt);
    const uptimeSeconds = Math.floor((Date.now() - startedAt) / 1_000);
    return structuredClone({ ...this.current, uptimeSeconds });
  }

  history({ limit }: { limit: number }): HistoryEntry[] {
    return this.#rolls.toReversed().slice(0, limit)
      .map(({ lastLines: _lines, events: _events, ...entry }) => entry);
  }

  roll(id: number): RollDetails | null {
    return this.#find(id) ?? null;
  }

  decisions({ limit }: { limit: number }): LoggedEvent[] {
    return this.#events.slice(-limit);
  }

  output({ limit }: { limit: number }): OutputLine[] {
    return this.#lines.slice(-limit);
  }

  request(id: number): RequestStatus | null {
    return this.#requests.get(id) ?? null;
  }

  order(order: Order): Promise<Answer> {
    this.asked.push(order);
    if (this.refusal !== null) return Promise.resolve(this.refusal);
    const request = this.asked.length;
    this.#requests.set(request, { request, outcome: null, roll: null, detail: "" });
    return Promise.resolve({ accepted: true, request });
  }

  plan(order: Order): Plan {
    return fakePlan(order);
  }

  set(setting: Setting): Promise<void> {
    this.asked.push(setting);
    const { settings } = this.current;
    if (setting.kind === "pause" || setting.kind === "resume") {
      settings.paused = setting.kind === "pause";
      this.tell({ type: "setting", what: settings.paused ? "paused" : "resumed", detail: "" });
    }
    if (setting.kind === "hold" || setting.kind === "release") {
      settings.held = setting.kind === "hold";
      this.#state(settings.held ? "holding" : "serving", settings.held ? "Requests wait" : "");
      this.tell({ type: "setting", what: settings.held ? "held" : "released", detail: "" });
    }
    if (setting.kind === "maintenance") {
      settings.maintenance = setting.message;
      const what = setting.message === null ? "maintenance_off" : "maintenance_on";
      this.tell({ type: "setting", what, detail: "" });
    }
    return Promise.resolve();
  }

  stop(): void {}

  upgrade(): Promise<{ refused: string }> {
    return Promise.resolve({ refused: "nobody is here" });
  }

  doctor(): Promise<DoctorReport> {
    return Promise.resolve({ findings: [], fixed: [] });
  }

  metrics(): string {
    return "";
  }

  traffic() {
    return { stepSeconds: 5, points: this.points };
  }

  onEvent(listener: (event: LoggedEvent) => void): Disposable {
    return member(this.#eventListeners, listener);
  }

  onOutput(listener: (line: OutputLine) => void): Disposable {
    return member(this.#outputListeners, listener);
  }

  #ms(): number {
    return Date.now() - this.#behindMs;
  }

  #now(): string {
    return iso(this.#ms());
  }

  #last(): RollDetails {
    const last = this.#rolls.at(-1);
    if (last === undefined) throw new Error("Cannot tell of a roll: none has begun");
    return last;
  }

  #find(id: number): RollDetails | undefined {
    return this.#rolls.find((roll) => roll.id === id);
  }

  #state(state: Status["state"], detail: string): void {
    this.current.state = state;
    this.current.detail = detail;
  }

  #instance(id: string) {
    const pid = ++this.#pid;
    return { id, pid, port: 9_101 + pid % 2, startedAt: this.#now(), healthySince: null };
  }

  #end(outcome: RollOutcome, detail: string): number {
    this.endPhase("succeeded");
    const last = this.#last();
    last.outcome = outcome;
    last.detail = detail;
    last.durationMs = this.#ms() - Date.parse(last.at);
    this.current.roll = null;
    return last.durationMs;
  }
}

function refOf({ id, pid, port }: { id: string; pid: number; port: number }): InstanceRef {
  return { key: `i${pid}`, id, port, pid };
}

function member<T>(set: Set<T>, value: T): Disposable {
  set.add(value);
  return { [Symbol.dispose]: () => void set.delete(value) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
