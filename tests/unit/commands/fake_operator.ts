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
  UpgradeStart,
} from "../../../src/control/operator.ts";
import type { RequestOutcome, RollEvent } from "../../../src/roll/events.ts";
import type { LoggedEvent } from "../../../src/roll/logged_event.ts";
import { fakePlan } from "../../helpers/fake_plan.ts";

/** When everything in these tests began. */
export const T0 = Date.UTC(2026, 10, 21, 12, 0, 0);

/** `seconds` after {@linkcode T0}. */
export function at(seconds: number): string {
  return new Date(T0 + seconds * 1000).toISOString();
}

/** A quiet application. */
export const SERVING: Status = {
  app: "blog",
  state: "serving",
  detail: "v1 serves",
  current: { id: "v1", pid: 4711, port: 8081, startedAt: at(0), healthySince: at(1) },
  candidate: null,
  draining: [],
  replicas: null,
  desired: { id: "v1" },
  waiting: null,
  roll: null,
  previous: { id: "v0" },
  lastCheck: { at: at(50), outcome: "unchanged", detail: "" },
  nextCheckAt: at(70),
  quarantined: [],
  settings: { paused: false, pinned: null, skipped: [], held: false, maintenance: null },
  rolls: { succeeded: 2, failed: 1, rolledBack: 0, interrupted: 0, skipped: 0 },
  crashes: 1,
  requests: { total: 1234, failed: 5, retried: 6, inFlight: 7, held: 0 },
  stateProblem: null,
  dataProblem: null,
  stateDir: "/var/lib/blog",
  listen: ["0.0.0.0:80"],
  sockets: { from: ["bound"], passedBy: ["directory", "store"], problem: null },
  pid: 100,
  version: "0.1.0",
  startedAt: at(0),
  uptimeSeconds: 11_520,
};

/** A roll that went well. */
export const ROLL: RollDetails = {
  id: 2,
  at: at(10),
  trigger: "interval",
  from: "v0",
  to: "v1",
  outcome: "succeeded",
  durationMs: 3_200,
  phases: [
    { name: "start", startedAt: at(10), durationMs: 40, outcome: "succeeded" },
    { name: "gate", startedAt: at(11), durationMs: 2_100, outcome: "succeeded" },
  ],
  detail: "v1 serves",
  lastLines: [],
  events: [],
};

/** An event as it is told. */
export function told(event: RollEvent, message: string, level: LoggedEvent["level"] = "info") {
  return { at: at(20), level, message, event } satisfies LoggedEvent;
}

/** An operator that does what the test says. */
export class FakeOperator implements Operator {
  current: Status = SERVING;
  rolls: RollDetails[] = [ROLL];
  decided: LoggedEvent[] = [];
  lines: OutputLine[] = [];
  requests = new Map<number, RequestStatus>();
  orders: Order[] = [];
  settings: Setting[] = [];
  report: DoctorReport = { findings: [], fixed: [] };
  /** What is said to the next order. */
  answer: Answer = { accepted: true, request: 1 };
  onOrder: (order: Order) => void = () => {};
  onStop: () => void = () => {};
  onUpgrade: (binary: string | null) => UpgradeStart = () => ({ refused: "not here" });
  /** Why nothing can be set. */
  trouble: string | null = null;
  readonly listeners = new Set<(event: LoggedEvent) => void>();
  readonly readers = new Set<(line: OutputLine) => void>();

  tell(event: LoggedEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  print(line: OutputLine): void {
    for (const reader of this.readers) reader(line);
  }

  /** Ends a request, and tells so. */
  end(request: number, outcome: RequestOutcome, roll: number | null, detail: string): void {
    this.requests.set(request, { request, outcome, roll, detail });
    this.tell(told({ type: "request.ended", request, outcome, roll, detail }, detail));
  }

  status(): Status {
    return this.current;
  }

  history({ limit }: { limit: number }): HistoryEntry[] {
    return this.rolls.slice(0, limit).map(({ lastLines: _, events: __, ...entry }) => entry);
  }

  roll(id: number): RollDetails | null {
    return this.rolls.find((roll) => roll.id === id) ?? null;
  }

  decisions({ limit }: { limit: number }): LoggedEvent[] {
    return this.decided.slice(-limit);
  }

  output({ roll, limit }: { roll: number | null; limit: number }): OutputLine[] {
    return this.lines.filter((line) => roll === null || line.roll === roll).slice(-limit);
  }

  request(id: number): RequestStatus | null {
    return this.requests.get(id) ?? null;
  }

  order(order: Order): Promise<Answer> {
    this.orders.push(order);
    if (this.answer.accepted) {
      const { request } = this.answer;
      if (!this.requests.has(request)) {
        this.requests.set(request, { request, outcome: null, roll: null, detail: "" });
      }
    }
    this.onOrder(order);
    return Promise.resolve(this.answer);
  }

  plan(order: Order): Plan {
    return fakePlan(order);
  }

  set(setting: Setting): Promise<void> {
    if (this.trouble !== null) return Promise.reject(new Error(this.trouble));
    this.settings.push(setting);
    const { settings } = this.current;
    this.current = { ...this.current, settings: changed(settings, setting) };
    return Promise.resolve();
  }

  upgrade(binary: string | null): Promise<UpgradeStart> {
    return Promise.resolve(this.onUpgrade(binary));
  }

  stop(): void {
    this.onStop();
  }

  doctor({ fix }: { fix: boolean }): Promise<DoctorReport> {
    if (!fix) return Promise.resolve(this.report);
    const [mended, left] = [
      this.report.findings.filter((finding) => finding.fix !== null),
      this.report.findings.filter((finding) => finding.fix === null),
    ];
    return Promise.resolve({ findings: left, fixed: mended.map(({ message }) => message) });
  }

  metrics(): string {
    return "";
  }

  traffic(): ReturnType<Operator["traffic"]> {
    return { stepSeconds: 1, points: [] };
  }

  onEvent(listener: (event: LoggedEvent) => void): Disposable {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => void this.listeners.delete(listener) };
  }

  onOutput(listener: (line: OutputLine) => void): Disposable {
    this.readers.add(listener);
    return { [Symbol.dispose]: () => void this.readers.delete(listener) };
  }
}

function changed(settings: Status["settings"], setting: Setting): Status["settings"] {
  switch (setting.kind) {
    case "pause":
      return { ...settings, paused: true };
    case "resume":
      return { ...settings, paused: false };
    case "hold":
      return { ...settings, held: true };
    case "release":
      return { ...settings, held: false };
    case "maintenance":
      return { ...settings, maintenance: setting.message };
    case "unpin":
      return { ...settings, pinned: null };
    case "skip":
      return { ...settings, skipped: [...settings.skipped, setting.id] };
  }
}
