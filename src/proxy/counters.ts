import { DurationHistogram, type DurationsSnapshot } from "./duration_histogram.ts";
import type { Failure } from "./retry.ts";

/** First digits of the answers' status codes. */
export type StatusClass = "1xx" | "2xx" | "3xx" | "4xx" | "5xx";

/** A picture of the counters at one moment. */
export interface CountersSnapshot {
  /** Requests accepted since the start. */
  total: number;
  /** Answers by status class, the application's own and ours. */
  answered: Record<StatusClass, number>;
  /** Answers that liveroll made itself because no backend gave one. */
  failed: number;
  /** Clients that went away before the answer was complete. */
  clientGone: number;
  /** Attempts that were repeated, by reason. */
  retried: Partial<Record<Failure, number>>;
  /** Requests and tunnels cut by a drain or a shutdown. */
  cut: number;
  /** Requests and tunnels being worked on now. */
  inFlight: number;
  /** Requests waiting for a backend now. */
  held: number;
  /** From the head of a request to the end of its answer; of a TCP connection its life. */
  durations: DurationsSnapshot;
}

/** What the proxy did, as plain numbers. */
export class Counters {
  total = 0;
  failed = 0;
  clientGone = 0;
  cut = 0;
  inFlight = 0;
  held = 0;
  /** Retries that count against the budget and are under way now. */
  activeRetries = 0;
  readonly durations = new DurationHistogram();
  readonly answered: Record<StatusClass, number> = {
    "1xx": 0,
    "2xx": 0,
    "3xx": 0,
    "4xx": 0,
    "5xx": 0,
  };
  readonly retried: Partial<Record<Failure, number>> = {};

  countAnswer(status: number): void {
    this.answered[statusClass(status)]++;
  }

  countRetry(reason: Failure): void {
    this.retried[reason] = (this.retried[reason] ?? 0) + 1;
  }

  snapshot(): CountersSnapshot {
    const { total, failed, clientGone, cut, inFlight, held } = this;
    return {
      total,
      answered: { ...this.answered },
      failed,
      clientGone,
      retried: { ...this.retried },
      cut,
      inFlight,
      held,
      durations: this.durations.snapshot(),
    };
  }
}

function statusClass(status: number): StatusClass {
  if (status < 200) return "1xx";
  if (status < 300) return "2xx";
  if (status < 400) return "3xx";
  return status < 500 ? "4xx" : "5xx";
}
