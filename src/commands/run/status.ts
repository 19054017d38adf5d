import type { InstanceStatus, SocketStatus, Status } from "../../control/operator.ts";
import type { CountersSnapshot } from "../../proxy/counters.ts";
import type { Instance } from "../../roll/instance.ts";
import type { AppState, RollEvent, RollOutcome } from "../../roll/events.ts";
import type { PhaseName } from "../../roll/journal.ts";
import type { Updater } from "../../roll/updater.ts";
import { VERSION } from "../version.ts";
import { replicasStatus } from "./replicas_status.ts";

/** Until what is left of the life before is known: who asks for something waits so long. */
const FIRST_DETAIL = "looking at what runs already";

/** Where a {@linkcode StatusBoard} looks. */
export interface StatusSources {
  app: string;
  stateDir: string;
  listen: readonly string[];
  sockets(): SocketStatus;
  updater: Updater;
  counters(): CountersSnapshot;
  /** Rolls by outcome, of all lives. */
  rolls(): Readonly<Record<RollOutcome, number>>;
  stateProblem(): string | null;
  /** Why nothing may be started on the data; null: it may. */
  dataProblem(): string | null;
  clock: { now(): number };
  /** Milliseconds since 1970. */
  date(): number;
}

/** Says how everything stands. Learns from events what nobody else keeps. */
export class StatusBoard {
  readonly #sources: StatusSources;
  readonly #startedAt: number;
  readonly #began: number;
  #state: AppState = "starting";
  #detail = FIRST_DETAIL;
  #crashes = 0;
  #phase: PhaseName | null = null;
  #roll: { id: number; since: number } | null = null;

  constructor(sources: StatusSources) {
    this.#sources = sources;
    this.#startedAt = sources.date();
    this.#began = sources.clock.now();
  }

  /** Takes one event; neither throws nor waits. */
  observe(event: RollEvent): void {
    switch (event.type) {
      case "state":
        this.#state = event.state;
        this.#detail = event.detail;
        break;
      case "instance.exited":
        this.#crashes++;
        break;
      case "roll.started":
        this.#roll = { id: event.roll, since: this.#sources.date() };
        this.#phase = null;
        break;
      case "roll.phase":
        if (event.roll === this.#roll?.id) this.#phase = event.name;
    }
  }

  /** Everything at this moment. */
  status(): Status {
    const { app, stateDir, listen, sockets, updater, stateProblem, dataProblem, date, clock } =
      this.#sources;
    const { quarantine, preferences } = updater;
    const now = clock.now();
    const nextCheckInMs = updater.checks.nextInMs;
    return {
      app,
      state: this.#state,
      detail: this.#detail,
      ...this.#instances(),
      replicas: this.#replicas(),
      desired: desired(updater),
      waiting: this.#waiting(),
      roll: this.#underWay(),
      previous: previous(updater),
      lastCheck: lastCheck(updater),
      nextCheckAt: nextCheckInMs === null ? null : iso(date() + nextCheckInMs),
      quarantined: quarantine.list().map(({ id, failures, retryAt, detail }) => ({
        id,
        failures,
        retryAt: iso(date() + retryAt - now),
        detail,
      })),
      settings: { ...preferences.now, skipped: [...preferences.now.skipped] },
      ...this.#counts(),
      stateProblem: stateProblem(),
      dataProblem: dataProblem(),
      stateDir,
      listen: [...listen],
      sockets: sockets(),
      pid: Deno.pid,
      version: VERSION,
      startedAt: iso(this.#startedAt),
      uptimeSeconds: Math.floor((now - this.#began) / 1000),
    };
  }

  #instances(): Pick<Status, "current" | "candidate" | "draining"> {
    const { stage } = this.#sources.updater;
    const all = [...stage.list()];
    const of = (wanted: string) =>
      all.filter(([, role]) => role === wanted).map(([instance]) => this.#instance(instance));
    return {
      current: of("current")[0] ?? null,
      candidate: of("candidate")[0] ?? null,
      draining: of("draining"),
    };
  }

  #replicas(): Status["replicas"] {
    const copies = this.#sources.updater.stage.current?.copies;
    return copies === undefined ? null : replicasStatus(copies);
  }

  #instance(instance: Instance): InstanceStatus {
    const { id, pid, port } = instance;
    const { startedAt, healthySince } = this.#sources.updater.stage.times(instance);
    const healthy = healthySince === null ? null : iso(healthySince);
    return { id, pid, port, startedAt: iso(startedAt), healthySince: healthy };
  }

  #waiting(): Status["waiting"] {
    const { updater, date } = this.#sources;
    if (updater.checks.waiting === null) return null;
    const { id, wait: { obstacle, detail, waitMs } } = updater.checks.waiting;
    const at = updater.checks.last?.at ?? date();
    return { id, obstacle, detail, until: waitMs === null ? null : iso(at + waitMs) };
  }

  #underWay(): Status["roll"] {
    const course = this.#sources.updater.rollUnderWay;
    if (course === null) return null;
    const { number, target: { id, trigger } } = course;
    const isNewest = this.#roll?.id === number;
    return {
      id: number,
      to: id,
      trigger,
      phase: isNewest ? this.#phase : null,
      since: iso(isNewest ? this.#roll!.since : this.#sources.date()),
    };
  }

  #counts(): Pick<Status, "rolls" | "crashes" | "requests"> {
    const { total, failed, retried, inFlight, held } = this.#sources.counters();
    const rolls = this.#sources.rolls();
    const retries = Object.values(retried).reduce((sum, count) => sum + count, 0);
    return {
      rolls: {
        succeeded: rolls.succeeded,
        failed: rolls.failed,
        rolledBack: rolls.rolled_back,
        interrupted: rolls.interrupted,
        skipped: rolls.skipped,
      },
      crashes: this.#crashes,
      requests: { total, failed, retried: retries, inFlight, held },
    };
  }
}

/** What should run: what somebody pinned, what is on its way, what was named last, what runs. */
function desired(updater: Updater): Status["desired"] {
  const { pinned } = updater.preferences.now;
  const check = updater.checks.last?.result;
  const named = check === undefined || check.outcome === "failed"
    ? null
    : check.outcome === "found"
    ? check.found.id
    : check.id;
  const isWanted = named !== null && !updater.preferences.now.skipped.includes(named);
  const id = pinned ?? updater.rollUnderWay?.target.id ?? (isWanted ? named : updater.runningId);
  return id === null ? null : { id };
}

function previous({ proven, runningId, preferences }: Updater): Status["previous"] {
  const id = proven.before([runningId, ...preferences.now.skipped]);
  return id === null ? null : { id };
}

function lastCheck({ checks: { last: lastCheck } }: Updater): Status["lastCheck"] {
  if (lastCheck === null) return null;
  const { at, result } = lastCheck;
  switch (result.outcome) {
    case "failed":
      return { at: iso(at), outcome: "failed", detail: result.detail };
    case "waits":
      return { at: iso(at), outcome: "waiting", detail: `${result.id}: ${result.wait.detail}` };
    case "found":
      return { at: iso(at), outcome: "found", detail: result.found.id };
    case "unchanged":
      return { at: iso(at), outcome: "unchanged", detail: result.id };
  }
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
