import type { Clock } from "../platform/clock.ts";
import type { Backend, Claim, CutCause } from "./backend.ts";
import type { Counters } from "./counters.ts";
import type { Pool } from "./pool.ts";
import { type ConnectionAge, decideRetry, type Decision, type Failure } from "./retry.ts";

/** How one attempt ended, as an engine reports it. */
export type Attempt<A> =
  | { kind: "answer"; answer: A }
  /** The application's own answer with a status that the operator wants repeated (R8). */
  | { kind: "status"; answer: A; discard(): Promise<void> }
  | { kind: "failed"; failure: Failure; connection: ConnectionAge };

/** A request as the dispatcher sees it; `A` is what the engine calls an answer. */
export interface Dispatch<A> {
  readonly method: string;
  readonly idempotencyKey: boolean;
  /** Aborts when the client is gone or the request was cut. */
  readonly signal: AbortSignal;
  /** Whether the body can be sent (again) from its first byte. */
  bodyReplayable(): boolean;
  /** The request has to wait for a backend now; must not throw. */
  onHeld(): void;
  /** The request is sent again because of `reason`; must not throw. */
  onRetry?(reason: Failure): void;
  /** Ends the request; must not throw. */
  onCut(cause: CutCause): void;
  /**
   * Sends the request to the claimed backend; must not reject.
   *
   * @param fresh Use a connection that has carried no request yet.
   */
  attempt(claim: Claim, fresh: boolean): Promise<Attempt<A>>;
}

/** Why no backend was asked, or none any more. */
export const UNASKED = ["queue_full", "queue_timeout", "stopping", "maintenance"] as const;

/** Why no backend's answer can be given. */
export type Refusal = Failure | typeof UNASKED[number];

/** How a request ended; an answer's claim belongs to the engine, which must release it. */
export type Dispatched<A> =
  | { kind: "answer"; answer: A; claim: Claim }
  /** `detail`: what a person wants clients to be told. */
  | { kind: "failed"; status: number; reason: Refusal; detail?: string };

/** What a {@linkcode Dispatcher} needs. */
export interface DispatcherOptions {
  pool: Pool;
  counters: Counters;
  clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  /** How long one request may wait for backends, all its waits together. */
  queueTimeoutMs: number;
  /** Repeat unsafe requests, too, as the Go tool did. */
  retryUnsafe: boolean;
}

/** What a request has behind it. */
interface Course {
  tries: number;
  backoffs: number;
  freeRetryUsed: boolean;
  waitLeftMs: number;
  /** Null: none. */
  excluded: Set<Backend> | null;
  fresh: boolean;
  budgeted: boolean;
}

/** How often it is looked whether a backend has died. */
const LOOK_EVERY_MS = 5;

const NO_BACKEND = {
  full: "queue_full",
  timed_out: "queue_timeout",
  closed: "stopping",
  refused: "maintenance",
} as const;

/** What clients are told when requests wait because somebody wants it so. */
const HELD: Partial<Record<keyof typeof NO_BACKEND, string>> = {
  full: "Requests are held back for a moment, and too many are waiting.",
  timed_out: "Requests are held back for a moment, and this one has waited too long.",
};

/** Takes a request through hold, balancer and retries, whatever the engine. */
export class Dispatcher {
  #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Whether requests wait or are refused because somebody wants it so. */
  get isGated(): boolean {
    return this.#options.pool.isGated;
  }

  /** Sends the request to a backend, again if the retry rules say so. Never rejects. */
  async dispatch<A>(request: Dispatch<A>): Promise<Dispatched<A>> {
    const course: Course = {
      tries: 0,
      backoffs: 0,
      freeRetryUsed: false,
      waitLeftMs: this.#options.queueTimeoutMs,
      excluded: null,
      fresh: false,
      budgeted: false,
    };
    const onCut = (cause: CutCause) => request.onCut(cause);
    try {
      for (;;) {
        const { maintenance } = this.#options.pool;
        if (maintenance !== null) return inMaintenance(maintenance);
        const claim = this.#options.pool.claim(course.excluded, onCut) ??
          await this.#hold(onCut, course, request);
        if ("status" in claim) return claim;
        course.tries++;
        const began = this.#options.clock.now();
        const attempt = await request.attempt(claim, course.fresh);
        if (attempt.kind === "answer") return { kind: "answer", answer: attempt.answer, claim };
        if (isUnsent(attempt)) course.waitLeftMs -= this.#options.clock.now() - began;
        const dispatched = await this.#followUp(request, course, claim, attempt);
        if (dispatched) return dispatched;
      }
    } finally {
      if (course.budgeted) this.#options.counters.activeRetries--;
    }
  }

  /** What comes of an attempt that brought no answer. Null: again. */
  async #followUp<A>(
    request: Dispatch<A>,
    course: Course,
    claim: Claim,
    attempt: Exclude<Attempt<A>, { kind: "answer" }>,
  ): Promise<Dispatched<A> | null> {
    let decision = this.#decide(request, course, claim, attempt, false);
    if (decision.action === "look_again") {
      await this.#whileAvailable(claim.backend, decision.ms, course, request.signal);
      decision = this.#decide(request, course, claim, attempt, true);
    }
    if (decision.action === "pass" && attempt.kind === "status") {
      return { kind: "answer", answer: attempt.answer, claim };
    }
    claim.release();
    const reason = attempt.kind === "status" ? "status" : attempt.failure;
    if (decision.action === "fail") return { kind: "failed", status: decision.status, reason };
    if (attempt.kind === "status") await attempt.discard();
    this.#options.counters.countRetry(reason);
    request.onRetry?.(reason);
    return await this.#prepare(decision, course, claim, request.signal);
  }

  /** Waits for a backend. */
  async #hold(
    onCut: (cause: CutCause) => void,
    course: Course,
    request: Dispatch<unknown>,
  ): Promise<Claim | Extract<Dispatched<never>, { kind: "failed" }>> {
    const { pool, counters, clock } = this.#options;
    const began = clock.now();
    counters.held++;
    request.onHeld();
    const outcome = await pool.waitForClaim(onCut, course.waitLeftMs, request.signal);
    counters.held--;
    course.waitLeftMs -= clock.now() - began;
    if (outcome.kind === "ready") return outcome.value;
    if (outcome.kind === "client_gone") {
      return { kind: "failed", status: 499, reason: "client_gone" };
    }
    return this.#unserved(outcome.kind);
  }

  #unserved(why: keyof typeof NO_BACKEND): Extract<Dispatched<never>, { kind: "failed" }> {
    const { maintenance, isHeld } = this.#options.pool;
    if (why === "refused" && maintenance !== null) return inMaintenance(maintenance);
    const detail = isHeld ? HELD[why] : undefined;
    const reason = NO_BACKEND[why];
    return { kind: "failed", status: 503, reason, ...(detail !== undefined && { detail }) };
  }

  #decide<A>(
    request: Dispatch<A>,
    course: Course,
    { backend }: Claim,
    attempt: Exclude<Attempt<A>, { kind: "answer" }>,
    lookedAgain: boolean,
  ): Decision {
    const { pool, counters, retryUnsafe, random } = this.#options;
    return decideRetry({
      failure: attempt.kind === "status" ? "status" : attempt.failure,
      connection: attempt.kind === "status" ? "fresh" : attempt.connection,
      method: request.method,
      idempotencyKey: request.idempotencyKey,
      retryUnsafe,
      tries: course.tries,
      backoffs: course.backoffs,
      freeRetryUsed: course.freeRetryUsed,
      bodyReplayable: request.bodyReplayable(),
      backendAvailable: backend.available,
      lookedAgain,
      anotherAvailable: pool.offers(new Set(course.excluded).add(backend)),
      waitLeftMs: course.waitLeftMs,
      activeRetries: counters.activeRetries - (course.budgeted ? 1 : 0),
      activeRequests: counters.inFlight,
    }, random);
  }

  /** Books the decision and waits if it says so. Null: go on. */
  async #prepare(
    decision: Decision,
    course: Course,
    { backend }: Claim,
    signal: AbortSignal,
  ): Promise<Dispatched<never> | null> {
    course.fresh = decision.action === "retry_at_once_fresh";
    const counted = "budgeted" in decision && decision.budgeted;
    if (!counted) course.tries--;
    if (counted && !course.budgeted) this.#takeBudget(course);
    if (course.fresh) course.freeRetryUsed = true;
    if (decision.action === "retry_other") (course.excluded ??= new Set()).add(backend);
    if (decision.action === "retry_same_after") {
      return await this.#wait(decision.ms, course, signal);
    }
    return null;
  }

  async #wait(ms: number, course: Course, signal: AbortSignal): Promise<Dispatched<never> | null> {
    course.backoffs++;
    course.excluded = null;
    const began = this.#options.clock.now();
    try {
      await this.#options.clock.sleep(ms, signal);
    } catch {
      return { kind: "failed", status: 499, reason: "client_gone" };
    }
    course.waitLeftMs -= this.#options.clock.now() - began;
    return null;
  }

  /** Waits `ms`, or until `backend` cannot be used any more or the client is gone. */
  async #whileAvailable(
    backend: Backend,
    ms: number,
    course: Course,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#options;
    const began = clock.now();
    while (backend.available && clock.now() - began < ms && !signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS);
    }
    course.waitLeftMs -= clock.now() - began;
  }

  #takeBudget(course: Course): void {
    course.budgeted = true;
    this.#options.counters.activeRetries++;
  }
}

function inMaintenance(detail: string): Extract<Dispatched<never>, { kind: "failed" }> {
  return { kind: "failed", status: 503, reason: "maintenance", detail };
}

/** An attempt that only looked for a backend is time spent waiting for one. */
function isUnsent(attempt: Exclude<Attempt<unknown>, { kind: "answer" }>): boolean {
  return attempt.kind === "failed" &&
    (attempt.failure === "connect_failed" || attempt.failure === "connect_timeout");
}
