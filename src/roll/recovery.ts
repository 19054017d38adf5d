import type { Trigger } from "./events.ts";
import { type Restart, RestartPolicy } from "./restart_policy.ts";

/** The version that is known to be good, and when it has to be brought back. */
export class Recovery {
  readonly #policy = new RestartPolicy();
  #provenId: string | null = null;
  #servingSince = 0;
  #dueAt: number | null = null;
  #crash: { id: string; restart: Restart } | null = null;
  #attempt: AbortController | null = null;
  #trigger: Trigger = "crash";

  /** The version that serves, or served last. */
  get provenId(): string | null {
    return this.#provenId;
  }

  /** When the proven version has to be started again; null when it need not be. */
  get dueAt(): number | null {
    return this.#dueAt;
  }

  /** What has crashed and was not replaced yet. */
  get crash(): { id: string; restart: Restart } | null {
    return this.#crash;
  }

  /** A healing is under way. */
  get isUnderWay(): boolean {
    return this.#attempt !== null;
  }

  /** Why it is brought back. */
  get trigger(): Trigger {
    return this.#trigger;
  }

  /** `id` was proven in a former life; it comes back at `dueAt` if nothing else serves by then. */
  restore(id: string, dueAt: number): void {
    this.#provenId = id;
    this.#trigger = "start";
    this.#dueAt = dueAt;
  }

  /** What serves has turned out to be bad: `id`, which served before, is the proven one again. */
  revert(id: string): void {
    this.#provenId = id;
    this.#policy.reset();
    this.#crash = null;
  }

  /** `id` begins to serve: it is proven, and nothing has to come back. */
  serves(id: string, now: number): void {
    if (id !== this.#provenId) this.#policy.reset();
    this.#provenId = id;
    this.#servingSince = now;
    this.#dueAt = null;
    this.#crash = null;
    this.#trigger = "crash";
  }

  /** What served has ended by itself, or does not answer any more. */
  crashed(now: number, trigger: Trigger = "crash"): Restart {
    this.#trigger = trigger;
    return this.#schedule(now, now - this.#servingSince);
  }

  /** Brings the proven version back at once, without holding anything against it. */
  wanted(now: number, trigger: Trigger = this.#trigger): void {
    if (this.isUnderWay) return;
    this.#trigger = trigger;
    // A back-off after a crash is not cut short.
    this.#dueAt = this.#crash === null ? now : this.#dueAt ?? now;
  }

  /** It need not come back after all: what serves is well again. */
  unwanted(): void {
    this.#dueAt = null;
    this.#crash = null;
    this.#trigger = "crash";
  }

  /** A healing begins. @returns A signal that aborts when another version gets there first. */
  begin(): AbortSignal {
    this.#attempt = new AbortController();
    this.#dueAt = null;
    return this.#attempt.signal;
  }

  /** The healing has succeeded or was called off. */
  end(): void {
    this.#attempt = null;
  }

  /** The healing has failed. */
  failed(now: number): Restart {
    return this.#schedule(now, 0);
  }

  /** Another version serves: a healing of the old one that is still on its way must not switch back. */
  supersede(): void {
    this.#attempt?.abort(new Error("another version serves"));
  }

  #schedule(now: number, servedMs: number): Restart {
    const restart = this.#policy.crashed(servedMs);
    this.#dueAt = now + restart.waitMs;
    this.#crash = { id: this.#provenId!, restart };
    return restart;
  }
}
