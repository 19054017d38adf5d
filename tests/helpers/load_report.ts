/** What a load client does; bounded in time and count. */
export interface LoadPlan {
  port: number;
  /** Clients that keep their connection. */
  keepAlive: number;
  /** Clients that open a connection for each request. */
  fresh: number;
  /** Keep-alive clients that POST a few kilobytes and check the hash that comes back. */
  posts: number;
  /** Clients that read a download slowly and check its length. */
  downloads: number;
  /** Pause of each client between two requests. */
  pauseMs: number;
  /** Longest time a request may take before it counts as failed. */
  timeoutMs: number;
  /** The load ends by itself after this time … */
  maxMs: number;
  /** … or after so many requests. */
  maxRequests: number;
}

/** One failed request. */
export interface LoadFailure {
  /** A {@linkcode FailureKind}, `status` or `wrong_answer`. */
  kind: string;
  /** Status of the answer; 0 when there was none. */
  status: number;
  /** Which kind of client saw it. */
  client: string;
  detail: string;
  /** When the request was sent, ISO 8601. */
  at: string;
}

/** What came of it. */
export interface LoadReport {
  sent: number;
  ok: number;
  failed: LoadFailure[];
  /** Answers by the version that gave them. */
  byVersion: Record<string, number>;
  /** Keep-alive connections that the server closed between two requests; no failure. */
  closedIdle: number;
  /** Connections opened. */
  connections: number;
  maxLatencyMs: number;
  p50: number;
  p99: number;
}

/** Adds up reports; percentiles become the worst ones. */
export function mergeReports(reports: readonly LoadReport[]): LoadReport {
  const byVersion: Record<string, number> = {};
  for (const report of reports) {
    for (const [version, count] of Object.entries(report.byVersion)) {
      byVersion[version] = (byVersion[version] ?? 0) + count;
    }
  }
  const sum = (of: (report: LoadReport) => number) => reports.reduce((n, r) => n + of(r), 0);
  const worst = (of: (report: LoadReport) => number) => Math.max(0, ...reports.map(of));
  return {
    sent: sum((r) => r.sent),
    ok: sum((r) => r.ok),
    failed: reports.flatMap((r) => r.failed),
    byVersion,
    closedIdle: sum((r) => r.closedIdle),
    connections: sum((r) => r.connections),
    maxLatencyMs: worst((r) => r.maxLatencyMs),
    p50: worst((r) => r.p50),
    p99: worst((r) => r.p99),
  };
}
