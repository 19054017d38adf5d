import {
  type Exit,
  type Instance,
  type StopOutcome,
  UNKNOWN_EXIT,
} from "../../src/roll/instance.ts";
import type { Fate } from "./fate.ts";
import type { LifeClock } from "./life_clock.ts";
import type { SimProcess } from "./sim_process.ts";

/** Who does not end when asked is killed after this time. */
export const STOP_LIMIT_MS = 3_000;

/** To look for what a process has left behind, and to end it. */
const SWEEP_MS = 200;

/** News of an end may be so late: output is read to its end first, others' children are looked at. */
export const EXIT_NEWS_MS = 100;

/** What watches and limits what an instance does. */
export interface SimInstanceTools {
  fate: Fate;
  clock: LifeClock;
  /** How late the news of an end is, in milliseconds. */
  newsMs: number;
  isStrangerOn(port: number): boolean;
  onStop(process: SimProcess): void;
  onKill(process: SimProcess): void;
}

/** A process as one life of liveroll sees it. */
export class SimInstance implements Instance {
  readonly host = "127.0.0.1";
  readonly exited: Promise<Exit>;
  readonly #isAdopted: boolean;
  readonly #tools: SimInstanceTools;
  #stopping: Promise<StopOutcome> | null = null;

  constructor(readonly process: SimProcess, isAdopted: boolean, tools: SimInstanceTools) {
    this.#isAdopted = isAdopted;
    this.#tools = tools;
    this.exited = new Promise((resolve) => {
      process.onEnd(() => {
        if (tools.newsMs === 0) return tools.fate.isDead ? undefined : resolve(this.exit!);
        tools.clock.sleep(tools.newsMs).then(() => resolve(this.exit!));
      });
    });
  }

  get key(): string {
    return this.process.key;
  }

  get birth(): string {
    return this.process.birth;
  }

  get id(): string {
    return this.process.id;
  }

  get port(): number {
    return this.process.port;
  }

  get pid(): number {
    return this.process.pid;
  }

  get exit(): Exit | null {
    const { exit } = this.process;
    return exit !== null && this.#isAdopted ? { code: UNKNOWN_EXIT, signal: null } : exit;
  }

  impostor(): Promise<string | null> {
    const { fate, isStrangerOn } = this.#tools;
    return fate.do("impostor", () => isStrangerOn(this.port) ? "a stranger" : null);
  }

  lastLines(): readonly string[] {
    return [`${this.id} says goodbye`];
  }

  stop(): Promise<StopOutcome> {
    return this.#stopping ??= this.#tools.fate.do("stop", () => this.#stop(), () => this.#ask());
  }

  kill(): void {
    if (this.#tools.fate.isDead) return;
    this.#tools.onKill(this.process);
    this.process.end({ code: 137, signal: "SIGKILL" }, "killed");
    this.process.sweep();
  }

  #ask(): void {
    this.#tools.onStop(this.process);
    this.process.term();
  }

  async #stop(): Promise<StopOutcome> {
    const { process } = this;
    const wasGone = !process.lives;
    this.#ask();
    if (wasGone) {
      if (process.hasRemains) await this.#tools.clock.sleep(SWEEP_MS);
      process.sweep();
      return "already_gone";
    }
    const gone = new AbortController();
    process.onEnd(() => gone.abort());
    await this.#tools.clock.sleep(STOP_LIMIT_MS, gone.signal).catch(() => {});
    process.end({ code: 137, signal: "SIGKILL" }, "killed");
    return process.exit?.signal === "SIGKILL" ? "killed" : "stopped";
  }
}
