import type { Clock } from "../platform/clock.ts";
import type { Attempts } from "./attempts.ts";
import type { Found } from "./checker.ts";
import type { Requests } from "./requests.ts";

/** What is needed to tell those who wait that nothing comes of it. */
export interface NextUpTools {
  clock: Pick<Clock, "now">;
  attempts: Pick<Attempts, "interrupt" | "skip">;
  requests: Requests;
}

/** The one version that waits for its turn: a newer one takes its place. */
export class NextUp {
  readonly #tools: NextUpTools;
  #turn: { target: Found; at: number } | null = null;

  constructor(tools: NextUpTools) {
    this.#tools = tools;
  }

  /** When its turn comes, monotonic; null: none waits. */
  get at(): number | null {
    return this.#turn?.at ?? null;
  }

  /** Who waits; null: nobody. */
  get target(): Found | null {
    return this.#turn?.target ?? null;
  }

  /**
   * It is rolled to in `waitMs`, in place of whoever waited so far. One that had to put off its roll
   * and is found again goes on waiting: nothing comes in its place.
   */
  put(target: Found, waitMs = 0): void {
    const turn = this.#turn;
    if (turn !== null && isSame(turn.target, target)) {
      const requests = [...turn.target.requests, ...target.requests];
      this.#turn = { ...turn, target: { ...turn.target, requests } };
      return;
    }
    this.giveUp(`${target.id} came in between`);
    this.#turn = { target, at: this.#tools.clock.now() + waitMs };
  }

  /** Its turn has come; only when one waits. */
  take(): Found {
    const { target } = this.#turn!;
    this.#turn = null;
    return target;
  }

  /** What waits will not be rolled to, and those who asked for it are told. */
  giveUp(reason: string): void {
    const { attempts, requests } = this.#tools;
    const target = this.#forget();
    if (target === null) return;
    if (target.roll !== null) attempts.interrupt(target.roll, target, reason);
    for (const request of target.requests) requests.end(request, "interrupted", reason);
  }

  /** As {@linkcode giveUp}, for somebody does not want it. */
  skip(reason: string): void {
    const { attempts, requests } = this.#tools;
    const target = this.#forget();
    if (target === null) return;
    if (target.roll !== null) attempts.skip(target.roll, target, reason);
    for (const request of target.requests) requests.end(request, "skipped", reason);
  }

  #forget(): Found | null {
    const target = this.target;
    this.#turn = null;
    return target;
  }
}

function isSame(waiting: Found, found: Found): boolean {
  return waiting.roll !== null && found.roll === null && !found.force && waiting.id === found.id;
}
