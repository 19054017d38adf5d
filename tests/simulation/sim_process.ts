import type { Exit } from "../../src/roll/instance.ts";
import type { Conduct } from "./conduct.ts";
import type { SimClock } from "./sim_clock.ts";

/** Why a process ended. */
export type Cause = "by itself" | "crash" | "stopped" | "killed" | "orphaned" | "power";

/** What a process is started as. */
export interface Birth {
  readonly key: string;
  readonly id: string;
  readonly port: number;
  readonly token: string;
  readonly pid: number;
  /** Tells it from a later one with the same pid. */
  readonly birth: string;
  readonly outlives: boolean;
  /** What was intended was on the disk, so that the next life knows of it. */
  readonly isKnown: boolean;
}

/** Requests on their way through a process; when each of them would end. */
export interface Flight {
  readonly endsAt: number;
}

/** A process of the simulated machine. It does not care who started it. */
export class SimProcess {
  readonly key: string;
  readonly id: string;
  readonly port: number;
  readonly token: string;
  readonly pid: number;
  readonly birth: string;
  readonly outlives: boolean;
  readonly isKnown: boolean;
  readonly startedAt: number;
  exit: Exit | null = null;
  endedAt = Infinity;
  /** Its port was somebody else's when it wanted it. */
  hasPort = true;
  /** It has ended, but something of it keeps its port. */
  hasRemains = false;
  /** It does not answer until then. */
  sickUntil = -Infinity;
  /** When somebody asked it to end; null: nobody. */
  stopAskedAt: number | null = null;
  /** Healthy answers that it gave itself. */
  proofs = 0;
  /** Requests that were in flight when it was taken out of rotation. */
  flights: Flight[] = [];
  conduct: Conduct;
  readonly #clock: SimClock;
  readonly #listeners = new Set<() => void>();
  readonly #onEnd: (process: SimProcess, cause: Cause) => void;

  constructor(
    birth: Birth,
    conduct: Conduct,
    clock: SimClock,
    onEnd: (process: SimProcess, cause: Cause) => void,
  ) {
    this.key = birth.key;
    this.id = birth.id;
    this.port = birth.port;
    this.token = birth.token;
    this.pid = birth.pid;
    this.birth = birth.birth;
    this.outlives = birth.outlives;
    this.isKnown = birth.isKnown;
    this.conduct = conduct;
    this.startedAt = clock.now();
    this.#clock = clock;
    this.#onEnd = onEnd;
    if (conduct.livesMs !== Infinity) {
      clock.after(conduct.livesMs, () => this.end({ code: 1, signal: null }, "by itself"));
    }
  }

  get lives(): boolean {
    return this.exit === null;
  }

  /** It would answer a probe now, if nobody else sits on its port. */
  get isWell(): boolean {
    const age = this.#clock.now() - this.startedAt;
    const { healthyAfterMs, sickAfterMs } = this.conduct;
    return this.lives && this.hasPort && age >= healthyAfterMs && age < sickAfterMs &&
      this.#clock.now() >= this.sickUntil;
  }

  /** Requests that are still on their way. */
  get inFlight(): number {
    const now = this.#clock.now();
    return this.flights.filter(({ endsAt }) => endsAt > now).length;
  }

  /** Asks it to end, as TERM does; it may not care. */
  term(): void {
    this.stopAskedAt ??= this.#clock.now();
    const { stopsInMs } = this.conduct;
    if (stopsInMs === Infinity) return;
    this.#clock.after(stopsInMs, () => this.end({ code: 143, signal: "SIGTERM" }, "stopped"));
  }

  end(exit: Exit, cause: Cause): void {
    if (this.exit !== null) return;
    this.exit = exit;
    this.endedAt = this.#clock.now();
    const wasAsked = this.stopAskedAt !== null || cause === "power";
    this.hasRemains = this.conduct.leavesRemains && this.hasPort && !wasAsked;
    this.#onEnd(this, cause);
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  /** Ends what it has left behind. */
  sweep(): void {
    if (!this.hasRemains) return;
    this.hasRemains = false;
    this.#onEnd(this, "killed");
  }

  /** Calls `listener` when it ends, or now. */
  onEnd(listener: () => void): void {
    if (this.exit === null) this.#listeners.add(listener);
    else listener();
  }
}
