import type { SocketOrigin } from "../handover/socket_origin.ts";
import type { CopyState } from "../roll/copies.ts";
import type { AppState, Obstacle, RequestOutcome, RollOutcome, Trigger } from "../roll/events.ts";
import type { LoggedEvent } from "../roll/logged_event.ts";
import type { Answer, Order, Setting } from "../roll/orders.ts";
import type { Plan as Outlook } from "../roll/plan.ts";

/*
 * What the control API needs of the rest of liveroll, and the shapes of its answers. These are the
 * JSON bodies as they go over the wire; src/control/openapi.json describes them for others.
 * Times are ISO 8601 in UTC unless a name says otherwise.
 */

/** The process that was started to take over, or why none was. */
export type UpgradeStart = { readonly pid: number } | { readonly refused: string };

/** A running instance. */
export interface InstanceStatus {
  id: string;
  pid: number;
  port: number;
  /** The process was started. */
  startedAt: string;
  /** It passed its gate; null: not yet. */
  healthySince: string | null;
}

/** A container of a version. */
export interface ContainerStatus {
  name: string;
  /** As engines shorten it for people. */
  id: string;
  /** Of the host, where it answers; null: nowhere. */
  port: number | null;
  state: CopyState;
  /** It was started last; null: never. */
  startedAt: string | null;
  /** How often it was started again, as far as is known. */
  restarts: number;
  /** How it ended last; null: it has not, or nobody knows. */
  lastEnd: { code: number; outOfMemory: boolean; at: string | null } | null;
}

/** The containers of a version. */
export interface ReplicasStatus {
  /** So many there are to be; of a version that is exchanged bit by bit, so many are left to it. */
  wanted: number;
  /** So many are as they are to be: `well` or `done`. */
  well: number;
  /** Those that are there, or were until a moment ago. */
  containers: ContainerStatus[];
}

/** Answer of `GET /v1/status`. */
export interface Status {
  app: string;
  state: AppState;
  /** One line for people. */
  detail: string;
  current: InstanceStatus | null;
  candidate: InstanceStatus | null;
  draining: InstanceStatus[];
  /** What `current` is made of; null: nothing serves, or it does not run in containers. */
  replicas: ReplicasStatus | null;
  /** The version that should run, as far as is known. */
  desired: { id: string } | null;
  /** A version that was found and waits. */
  waiting: { id: string; obstacle: Obstacle; detail: string; until: string | null } | null;
  /** The roll under way. */
  roll: { id: number; to: string; trigger: Trigger; phase: string | null; since: string } | null;
  /** The version that `rollback` goes to. */
  previous: { id: string } | null;
  lastCheck: { at: string; outcome: CheckOutcome; detail: string } | null;
  nextCheckAt: string | null;
  quarantined: { id: string; failures: number; retryAt: string; detail: string }[];
  settings: {
    paused: boolean;
    pinned: string | null;
    skipped: string[];
    held: boolean;
    maintenance: string | null;
  };
  rolls: {
    succeeded: number;
    failed: number;
    rolledBack: number;
    interrupted: number;
    skipped: number;
  };
  crashes: number;
  requests: {
    total: number;
    failed: number;
    retried: number;
    inFlight: number;
    held: number;
  };
  /** Null when everything is durable; else what is wrong with the state directory. */
  stateProblem: string | null;
  /** Why nothing is started on the data; null: nothing is wrong with it. */
  dataProblem: string | null;
  stateDir: string;
  listen: string[];
  sockets: SocketStatus;
  pid: number;
  version: string;
  startedAt: string;
  uptimeSeconds: number;
}

/** How the public sockets outlive this process. */
export interface SocketStatus {
  /** Where each of `listen` comes from. */
  from: SocketOrigin[];
  /** How the next process gets them, with nobody refused; empty: not at all. */
  passedBy: ("directory" | "systemd_socket" | "server_starter" | "store")[];
  /** Why something that was asked for cannot be; null: everything can. */
  problem: string | null;
}

/** What the last check came to. */
export type CheckOutcome = "unchanged" | "found" | "waiting" | "failed";

/** One roll, as `GET /v1/history` tells it. */
export interface HistoryEntry {
  id: number;
  at: string;
  trigger: Trigger;
  from: string | null;
  to: string;
  /** Null while it is under way. */
  outcome: RollOutcome | null;
  durationMs: number | null;
  phases: {
    name: string;
    startedAt: string;
    durationMs: number;
    outcome: "succeeded" | "failed" | "interrupted";
  }[];
  detail: string;
}

/** Answer of `GET /v1/rolls/{id}`. */
export interface RollDetails extends HistoryEntry {
  /** What the candidate printed last, when it was refused. */
  lastLines: string[];
  /** Everything that was told of it. */
  events: LoggedEvent[];
}

/** One line that an instance printed. */
export interface OutputLine {
  at: string;
  roll: number;
  id: string;
  port: number;
  stream: "stdout" | "stderr";
  line: string;
}

/** One difference between the journal and reality. */
export interface Finding {
  /** Stable word, for machines. */
  code: string;
  severity: "info" | "warning" | "error";
  message: string;
  /** What `--fix` would do; null: nothing can be done by itself. */
  fix: string | null;
}

/** Answer of `GET /v1/doctor`; `fixed` after `POST /v1/doctor/fix`. */
export interface DoctorReport {
  findings: Finding[];
  fixed: string[];
}

export type { Answer, Order, Setting } from "../roll/orders.ts";
/** What would be done now for an order, and what comes with it. */
export interface Plan extends Outlook {
  /** What people should know before, a sentence each. */
  notes: string[];
}

/** How an order stands; answer of `GET /v1/requests/{id}`. */
export interface RequestStatus {
  request: number;
  /** Null while it is under way. */
  outcome: RequestOutcome | null;
  roll: number | null;
  detail: string;
}

/** What the control API asks for. */
export interface Operator {
  status(): Status;
  /** Newest first. */
  history(options: { limit: number }): HistoryEntry[];
  /** Null: there is no such roll. */
  roll(id: number): RollDetails | null;
  /** The newest decisions, oldest first. */
  decisions(options: { limit: number }): LoggedEvent[];
  /** The newest lines that instances printed, oldest first; `roll` null: of all. */
  output(options: { roll: number | null; limit: number }): OutputLine[];
  /** Null: no such request, or long ago. */
  request(id: number): RequestStatus | null;
  /**
   * Never rejects. An update `by: "webhook"` is never refused as `busy`: nobody would ask again, so
   * it is taken, and done (once, however many came) when there is room for it.
   */
  order(order: Order): Promise<Answer>;
  /** What {@linkcode order} would do now; changes nothing. */
  plan(order: Order): Plan;
  /**
   * Resolves when it holds and is durable.
   *
   * @throws {Error} When it cannot be written down; nothing has changed then.
   */
  set(setting: Setting): Promise<void>;
  /** Stops liveroll in order, as TERM does. */
  stop(): void;
  /**
   * Starts a liveroll that takes the place of this one. Never rejects.
   *
   * @param binary Absolute path of its program; null: what lies in the place of this one.
   */
  upgrade(binary: string | null): Promise<UpgradeStart>;
  doctor(options: { fix: boolean }): Promise<DoctorReport>;
  /** Prometheus text. */
  metrics(): string;
  /** Requests per second of the last minutes, oldest first, one entry for `stepSeconds`. */
  traffic(): {
    stepSeconds: number;
    points: { total: number; failed: number; p95Ms: number | null }[];
  };
  /** Told of everything that happens from now on, until disposed. */
  onEvent(listener: (event: LoggedEvent) => void): Disposable;
  /** Told of every line that instances print from now on, until disposed. */
  onOutput(listener: (line: OutputLine) => void): Disposable;
}
