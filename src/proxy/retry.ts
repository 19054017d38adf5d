/** Counted tries per request: the first one and two more. */
export const MAX_TRIES = 3;
/** First back-off before the same backend is asked again. */
const BACKOFF_BASE_MS = 25;
/** Longest back-off. */
const BACKOFF_CAP_MS = 250;
/** Less time left than this is none: a wait that rounds to nothing must not be tried for ever. */
const LEAST_WAIT_MS = 1;
/** Retries that are always allowed at the same time, however few requests are active. */
const RETRY_BUDGET_FLOOR = 3;
/** How long a backend that closes connections may take to be known as dead. */
export const LOOK_AGAIN_MS = 250;
/** Share of the active requests that may be retries at the same time. */
const RETRY_BUDGET_SHARE = 0.2;

const IDEMPOTENT: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "PUT",
  "DELETE",
]);

/** How an attempt failed; what had been sent and received decides. */
export const FAILURES = [
  "connect_failed",
  "connect_timeout",
  "reused_dead",
  "closed_before_head",
  "head_timeout",
  "bad_head",
  "status",
  "forwarding",
  "client_gone",
  "cut",
] as const;

/** One of {@linkcode FAILURES}. */
export type Failure = (typeof FAILURES)[number];

/** Whether the connection had carried a request before; `unknown` where the engine cannot tell. */
export type ConnectionAge = "fresh" | "reused" | "unknown";

/** A failed attempt and everything that may decide what comes next. */
export interface FailedAttempt {
  failure: Failure;
  method: string;
  /** The client sent `Idempotency-Key` or `X-Idempotency-Key`. */
  idempotencyKey: boolean;
  /** The operator wants unsafe requests to be repeated, too. */
  retryUnsafe: boolean;
  connection: ConnectionAge;
  /** Counted tries so far, this one included. */
  tries: number;
  /** How often the same backend was waited for already; drives the back-off. */
  backoffs: number;
  /** The one free retry on a fresh connection was used already. */
  freeRetryUsed: boolean;
  /** The body can be sent again from its start. */
  bodyReplayable: boolean;
  /** The backend is in rotation and its process is alive. */
  backendAvailable: boolean;
  /** The backend was given time to be known as dead. */
  lookedAgain: boolean;
  /** Another backend could take the request. */
  anotherAvailable: boolean;
  /** What is left of the time that this request may spend waiting. */
  waitLeftMs: number;
  /** Requests that are being retried now, by budget. */
  activeRetries: number;
  activeRequests: number;
}

/** What to do after a failed attempt. */
export type Decision =
  | { action: "retry_at_once_fresh" }
  | { action: "retry_other"; budgeted: boolean }
  | { action: "retry_same_after"; ms: number; budgeted: boolean }
  | { action: "wait_in_hold" }
  /** Decide once more when the backend is not available any more, at the latest after so long. */
  | { action: "look_again"; ms: number }
  /** Give the upstream's own answer to the client. */
  | { action: "pass" }
  | { action: "fail"; status: number };

const PASS: Decision = { action: "pass" };

/** Whether sending a request twice has the same effect as sending it once (RFC 9110, 9.2.2). */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/** Status for an attempt that is not repeated. */
function failureStatus(failure: Failure): number {
  switch (failure) {
    case "connect_timeout":
    case "head_timeout":
    case "cut":
      return 504;
    case "client_gone":
      return 499;
    default:
      return 502;
  }
}

/**
 * Decides what follows a failed attempt: the rules R1 to R12 of docs/proxy.md.
 *
 * @param random In [0, 1), for the jitter.
 */
export function decideRetry(attempt: FailedAttempt, random: () => number): Decision {
  switch (attempt.failure) {
    case "connect_failed":
    case "connect_timeout":
      return attempt.bodyReplayable ? retryUnsent(attempt, random) : fail(attempt);
    case "reused_dead":
      return attempt.bodyReplayable && !attempt.freeRetryUsed
        ? { action: "retry_at_once_fresh" }
        : fail(attempt);
    case "closed_before_head":
      return retryMaybeProcessed(attempt, random);
    case "status":
      return isIdempotent(attempt.method) ? retryElse(attempt, random, PASS) : PASS;
    default:
      return fail(attempt);
  }
}

/**
 * R2: no byte reached anybody, so no try is counted and no load is added. The only limit is the
 * time that the request may wait: a backend that is about to be replaced refuses for a while.
 */
function retryUnsent(attempt: FailedAttempt, random: () => number): Decision {
  if (attempt.waitLeftMs < LEAST_WAIT_MS) return fail(attempt);
  if (attempt.anotherAvailable) return { action: "retry_other", budgeted: false };
  if (!attempt.backendAvailable) return { action: "wait_in_hold" };
  return { action: "retry_same_after", ms: backoff(attempt, random), budgeted: false };
}

/** R4, R5 and R11: the backend may have done the work, so only repeatable requests go again. */
function retryMaybeProcessed(attempt: FailedAttempt, random: () => number): Decision {
  const repeatable = isIdempotent(attempt.method) || attempt.idempotencyKey ||
    attempt.retryUnsafe;
  if (!repeatable) return fail(attempt);
  if (attempt.connection !== "fresh" && !attempt.freeRetryUsed && attempt.backendAvailable) {
    return attempt.bodyReplayable ? { action: "retry_at_once_fresh" } : fail(attempt);
  }
  return retryElse(attempt, random, fail(attempt));
}

/** Another backend, else the successor of a dead one, else the same one; `otherwise` at a limit. */
function retryElse(attempt: FailedAttempt, random: () => number, otherwise: Decision): Decision {
  if (!attempt.bodyReplayable || attempt.waitLeftMs < LEAST_WAIT_MS) return otherwise;
  // R11: this failure is of our making (a switch, a crash), so the request keeps its tries.
  if (!attempt.backendAvailable && attempt.failure !== "status") {
    return attempt.anotherAvailable
      ? { action: "retry_other", budgeted: false }
      : { action: "wait_in_hold" };
  }
  if (attempt.tries >= MAX_TRIES || overBudget(attempt)) {
    return mayHaveDied(attempt) ? { action: "look_again", ms: LOOK_AGAIN_MS } : otherwise;
  }
  if (attempt.anotherAvailable) return { action: "retry_other", budgeted: true };
  if (!attempt.backendAvailable) return otherwise;
  return { action: "retry_same_after", ms: backoff(attempt, random), budgeted: true };
}

/** A process's connections close before its end is known; many requests at once are cut by that. */
function mayHaveDied({ failure, backendAvailable, lookedAgain }: FailedAttempt): boolean {
  return failure === "closed_before_head" && backendAvailable && !lookedAgain;
}

function overBudget({ activeRetries, activeRequests }: FailedAttempt): boolean {
  return activeRetries >= Math.max(RETRY_BUDGET_FLOOR, activeRequests * RETRY_BUDGET_SHARE);
}

function backoff({ backoffs, waitLeftMs }: FailedAttempt, random: () => number): number {
  const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(backoffs, 8));
  return Math.min(waitLeftMs, ceiling * random());
}

function fail(attempt: FailedAttempt): Decision {
  return { action: "fail", status: failureStatus(attempt.failure) };
}
