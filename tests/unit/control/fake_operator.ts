import type {
  Answer,
  ContainerStatus,
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
  UpgradeStart,
} from "../../../src/control/operator.ts";
import type { LoggedEvent } from "../../../src/roll/logged_event.ts";
import { fakePlan } from "../../helpers/fake_plan.ts";
import { EVENTS } from "./sample_events.ts";

/** A moment, as it goes over the wire. */
export const AT = "2026-11-20T12:00:00.000Z";

/** Says what it is told to say, and remembers what it was asked for. */
export class FakeOperator implements Operator {
  /** Orders, settings and the like, in their order. */
  readonly asked: unknown[] = [];
  answer: Answer = { accepted: true, request: 7 };
  upgradeStart: UpgradeStart = { pid: 4711 };
  /** What {@linkcode set} fails with. */
  problem: Error | null = null;
  current = status();
  lines: OutputLine[] = [outputLine(1, "one"), outputLine(2, "two")];
  /** How {@linkcode doctor} ends. */
  report: () => Promise<DoctorReport> = () => Promise.resolve(doctorReport());
  readonly #onEvent = new Set<(event: LoggedEvent) => void>();
  readonly #onOutput = new Set<(line: OutputLine) => void>();

  /** How many listen. */
  get listeners(): number {
    return this.#onEvent.size + this.#onOutput.size;
  }

  /** Something happens. */
  tell(event: LoggedEvent): void {
    for (const listener of this.#onEvent) listener(event);
  }

  /** An instance prints something. */
  print(line: OutputLine): void {
    for (const listener of this.#onOutput) listener(line);
  }

  status(): Status {
    return this.current;
  }

  history(options: { limit: number }): HistoryEntry[] {
    this.asked.push(["history", options]);
    const { lastLines: _, events: __, ...entry } = rollDetails();
    return [{ ...entry, id: 2, outcome: null, durationMs: null, phases: [] }, entry];
  }

  roll(id: number): RollDetails | null {
    return id === 1 ? rollDetails() : null;
  }

  decisions(options: { limit: number }): LoggedEvent[] {
    this.asked.push(["decisions", options]);
    return EVENTS.map(logged);
  }

  output(options: { roll: number | null; limit: number }): OutputLine[] {
    this.asked.push(["output", options]);
    return this.lines.filter(({ roll }) => options.roll === null || roll === options.roll);
  }

  request(id: number): RequestStatus | null {
    if (id === 10) return { request: 10, outcome: "unchanged", roll: null, detail: "v1 runs" };
    if (id === 8) return { request: 8, outcome: "succeeded", roll: 1, detail: "v2 serves" };
    return id === 7 ? { request: 7, outcome: null, roll: null, detail: "waits" } : null;
  }

  order(order: Order): Promise<Answer> {
    this.asked.push(order);
    return Promise.resolve(this.answer);
  }

  plan(order: Order): Plan {
    return fakePlan(order);
  }

  set(setting: Setting): Promise<void> {
    if (this.problem) return Promise.reject(this.problem);
    this.asked.push(setting);
    if (setting.kind === "pause") this.current.settings.paused = true;
    return Promise.resolve();
  }

  stop(): void {
    this.asked.push("stop");
  }

  upgrade(binary: string | null): Promise<UpgradeStart> {
    this.asked.push(["upgrade", binary]);
    return Promise.resolve(this.upgradeStart);
  }

  doctor(options: { fix: boolean }): Promise<DoctorReport> {
    this.asked.push(["doctor", options]);
    return this.report();
  }

  metrics(): string {
    return "# TYPE liveroll_up gauge\nliveroll_up 1\n";
  }

  traffic(): ReturnType<Operator["traffic"]> {
    const quiet = { total: 0, failed: 0, p95Ms: null };
    return { stepSeconds: 5, points: [quiet, { total: 12.5, failed: 1, p95Ms: 3.5 }] };
  }

  onEvent(listener: (event: LoggedEvent) => void): Disposable {
    return listening(this.#onEvent, listener);
  }

  onOutput(listener: (line: OutputLine) => void): Disposable {
    return listening(this.#onOutput, listener);
  }
}

/** An event as it is told. */
export function logged(event: LoggedEvent["event"]): LoggedEvent {
  return { at: AT, level: "info", message: `something: ${event.type}`, event };
}

/** A line of a roll. */
export function outputLine(roll: number, line: string): OutputLine {
  return { at: AT, roll, id: `v${roll}`, port: 8100 + roll, stream: "stdout", line };
}

const LOST = {
  port: null,
  state: "ended",
  lastEnd: { code: 137, outOfMemory: true, at: AT },
} as const;

function container(): ContainerStatus {
  const facts = { port: 32768, state: "well", startedAt: AT, restarts: 1, lastEnd: null } as const;
  return { name: "blog-1", id: "0123456789ab", ...facts };
}

/** What a busy liveroll says; every member that may be null is not. */
export function status(): Status {
  const instance = { id: "v1", pid: 10, port: 8101, startedAt: AT, healthySince: AT };
  return {
    app: "blog",
    state: "rolling",
    detail: "rolling to v2",
    current: instance,
    candidate: { ...instance, id: "v2", healthySince: null },
    draining: [instance],
    replicas: { wanted: 2, well: 1, containers: [container(), { ...container(), ...LOST }] },
    desired: { id: "v2" },
    waiting: { id: "v3", obstacle: "window", detail: "until 17:00", until: AT },
    roll: { id: 2, to: "v2", trigger: "command", phase: "gate", since: AT },
    previous: { id: "v0" },
    lastCheck: { at: AT, outcome: "found", detail: "v2" },
    nextCheckAt: AT,
    quarantined: [{ id: "bad", failures: 2, retryAt: AT, detail: "exited with 1" }],
    settings: { paused: false, pinned: "v2", skipped: ["v9"], held: false, maintenance: "soon" },
    rolls: { succeeded: 1, failed: 2, rolledBack: 3, interrupted: 4, skipped: 0 },
    crashes: 0,
    requests: { total: 10, failed: 0, retried: 1, inFlight: 2, held: 0 },
    stateProblem: "the disk is full",
    dataProblem: "v2 has changed it",
    stateDir: "/var/lib/blog",
    listen: ["0.0.0.0:80"],
    sockets: { from: ["bound"], passedBy: ["directory", "store"], problem: null },
    pid: 9,
    version: "0.1.0",
    startedAt: AT,
    uptimeSeconds: 12.5,
  };
}

/** What liveroll says when it has just been started for the first time. */
export function emptyStatus(): Status {
  return {
    ...status(),
    state: "starting",
    current: null,
    candidate: null,
    draining: [],
    replicas: null,
    desired: null,
    waiting: null,
    roll: null,
    previous: null,
    lastCheck: null,
    nextCheckAt: null,
    quarantined: [],
    settings: { paused: false, pinned: null, skipped: [], held: false, maintenance: null },
    stateProblem: null,
    dataProblem: null,
  };
}

function rollDetails(): RollDetails {
  return {
    id: 1,
    at: AT,
    trigger: "interval",
    from: null,
    to: "v1",
    outcome: "succeeded",
    durationMs: 12.5,
    phases: [{ name: "gate", startedAt: AT, durationMs: 3, outcome: "succeeded" }],
    detail: "v1 serves",
    lastLines: ["listening"],
    events: EVENTS.map(logged),
  };
}

function doctorReport(): DoctorReport {
  const finding = { code: "leftover", severity: "warning", message: "pid 5", fix: null } as const;
  return { findings: [finding, { ...finding, fix: "stop it" }], fixed: ["stopped it"] };
}

function listening<T>(listeners: Set<T>, listener: T): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}
