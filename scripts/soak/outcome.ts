/** What became of one request or session. */
export const OUTCOMES = ["ok", "lived", "aborted", "restarted", "failed"] as const;

/**
 * `lived`: well, and liveroll was replaced meanwhile; `aborted`: by the client, as it meant to;
 * `restarted`: a tunnel that was ended and told so (a WebSocket by 1012 or 1001, a stream of events by
 * the end of its connection between two events); `failed`: anything that a client did not ask for.
 */
export type Outcome = (typeof OUTCOMES)[number];

/** How often each happened. */
export type Counts = Record<Outcome, number>;

/** What the clients say about once a second, and for the last time when they have ended. */
export interface TrafficReport {
  /** By the kind of client. */
  kinds: Record<string, Counts>;
  /** By the kind of client, the longest that a request or session took, in milliseconds. */
  slowestMs: Record<string, number>;
  /** The first failures, in words. */
  failures: string[];
  /** Keep-alive connections that the server closed between two requests; no failure. */
  closedIdle: number;
}

/** No outcome yet. */
export function noCounts(): Counts {
  return { ok: 0, lived: 0, aborted: 0, restarted: 0, failed: 0 };
}

/** The counts of all kinds of clients together. */
export function total({ kinds }: TrafficReport): Counts {
  const sum = noCounts();
  for (const counts of Object.values(kinds)) {
    for (const outcome of OUTCOMES) sum[outcome] += counts[outcome];
  }
  return sum;
}

/** What nobody has reported yet. */
export function noReport(): TrafficReport {
  return { kinds: {}, slowestMs: {}, failures: [], closedIdle: 0 };
}
