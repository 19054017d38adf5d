import { DURATION_BOUNDS } from "../proxy/duration_histogram.ts";
import { FAILURES } from "../proxy/retry.ts";
import { byLabel, type Metric, only } from "./metric.ts";

/** What the engines that understand HTTP count. */
export const HTTP_LIST: readonly Metric[] = [
  {
    name: "liveroll_http_requests_total",
    type: "counter",
    help: "Requests that came.",
    read: ({ requests }) => only(requests.total),
  },
  {
    name: "liveroll_http_responses_total",
    type: "counter",
    help: "Answers by the class of their status code, the application's own and liveroll's.",
    read: ({ requests }) => byLabel("code_class", requests.answered),
  },
  {
    name: "liveroll_http_request_duration_seconds",
    type: "histogram",
    help: "From the head of a request to the end of its answer, without tunnels.",
    read: ({ requests }) => [{ labels: {}, histogram: durations(requests.durations) }],
  },
  ...shared({
    noun: "http_requests",
    retries: "http_retries",
    what: "Requests",
    gone: "Clients that went away before their answer was complete.",
    now: ["in_flight", "Requests and tunnels that are worked on."],
  }),
];

/** What the engine tcp counts: it sees connections, and nothing of what they carry. */
export const TCP_LIST: readonly Metric[] = [
  {
    name: "liveroll_tcp_connections_total",
    type: "counter",
    help: "Connections that came.",
    read: ({ requests }) => only(requests.total),
  },
  {
    name: "liveroll_tcp_connection_duration_seconds",
    type: "histogram",
    help: "How long connections lived.",
    read: ({ requests }) => [{ labels: {}, histogram: durations(requests.durations) }],
  },
  ...shared({
    noun: "tcp_connections",
    retries: "tcp_connect_retries",
    what: "Connections",
    gone: "Connections whose client went away while they waited, or broke them off.",
    now: ["open", "Connections that are open."],
  }),
];

/** Words in which HTTP and TCP differ. */
interface Words {
  noun: string;
  retries: string;
  what: string;
  gone: string;
  /** Name and help of what is under way. */
  now: readonly [string, string];
}

function shared({ noun, retries, what, gone, now: [now, nowHelp] }: Words): readonly Metric[] {
  return [
    {
      name: `liveroll_${noun}_failed_total`,
      type: "counter",
      help: `${what} that liveroll had to refuse, because the application did not take them.`,
      read: ({ requests }) => only(requests.failed),
    },
    {
      name: `liveroll_${noun}_client_gone_total`,
      type: "counter",
      help: gone,
      read: ({ requests }) => only(requests.clientGone),
    },
    {
      name: `liveroll_${noun}_cut_total`,
      type: "counter",
      help: `${what} that were cut because a drain or the shutdown had lasted too long.`,
      read: ({ requests }) => only(requests.cut),
    },
    {
      name: `liveroll_${retries}_total`,
      type: "counter",
      help: "Attempts that were repeated, by the reason.",
      read: ({ requests: { retried } }) =>
        FAILURES.map((reason) => ({ labels: { reason }, value: retried[reason] ?? 0 })),
    },
    {
      name: `liveroll_${noun}_${now}`,
      type: "gauge",
      help: nowHelp,
      read: ({ requests }) => only(requests.inFlight),
    },
    {
      name: `liveroll_${noun}_held`,
      type: "gauge",
      help: `${what} that wait until an instance may serve them.`,
      read: ({ requests }) => only(requests.held),
    },
  ];
}

function durations(
  { buckets, sumSeconds: sum, count }: {
    buckets: readonly number[];
    sumSeconds: number;
    count: number;
  },
) {
  return { bounds: DURATION_BOUNDS, buckets, sum, count };
}
