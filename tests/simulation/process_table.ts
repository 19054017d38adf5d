import type { Conduct } from "./conduct.ts";
import type { SimClock } from "./sim_clock.ts";
import { type Birth, type Cause, SimProcess } from "./sim_process.ts";

const FIRST_PID = 1_000;

/** A process that finds its port taken gives up so soon. */
const BIND_FAILS_MS = 150;

/** Everything that runs on the simulated machine, and who sits on which port. */
export class ProcessTable {
  /** Told of every end. */
  onEnd: (process: SimProcess, cause: Cause) => void = () => {};
  /** Ports held by somebody who is not ours. */
  readonly strangers = new Set<number>();
  readonly #clock: SimClock;
  readonly #living = new Set<SimProcess>();
  /** They have ended, but something of them has not. */
  readonly #haunting = new Set<SimProcess>();
  #nextPid = FIRST_PID;
  #boots = 1;

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  /** Those that run, the oldest first. */
  living(): SimProcess[] {
    return [...this.#living];
  }

  /** Those that run, and those of which something is left. */
  present(): SimProcess[] {
    return this.#haunting.size === 0 ? this.living() : [...this.#living, ...this.#haunting];
  }

  start(birth: Omit<Birth, "pid" | "birth">, conduct: Conduct): SimProcess {
    const isTaken = this.holderOf(birth.port) !== null;
    const pid = this.#nextPid++;
    const identity = { ...birth, pid, birth: `boot${this.#boots}:${this.#clock.now()}` };
    const actual = isTaken ? { ...conduct, livesMs: BIND_FAILS_MS } : conduct;
    const process = new SimProcess(identity, actual, this.#clock, (one, cause) => {
      this.#living.delete(one);
      if (one.hasRemains) this.#haunting.add(one);
      else this.#haunting.delete(one);
      this.onEnd(one, cause);
    });
    process.hasPort = !isTaken;
    this.#living.add(process);
    return process;
  }

  /** Who listens on a port: one of ours, a stranger, or nobody. */
  holderOf(port: number): SimProcess | "a stranger" | null {
    if (this.strangers.has(port)) return "a stranger";
    for (const process of this.present()) {
      if (process.port === port && process.hasPort) return process;
    }
    return null;
  }

  /** The one that was started as `record` says; a pid alone says nothing. */
  find(
    { pid, birth, token }: { pid: number | null; birth: string | null; token: string },
  ): SimProcess | null {
    for (const process of this.present()) {
      if (process.pid === pid && process.birth === birth) return process;
      if (process.token === token) return process;
    }
    return null;
  }

  /** Everything ends, and pids are given out anew. */
  powerCut(): void {
    for (const process of this.living()) process.end({ code: 137, signal: "SIGKILL" }, "power");
    for (const process of this.#haunting) process.sweep();
    this.strangers.clear();
    this.#nextPid = FIRST_PID;
    this.#boots++;
  }
}
