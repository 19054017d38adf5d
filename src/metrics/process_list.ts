import { type Metric, only, type Sample } from "./metric.ts";

/** What Prometheus' own clients tell of their process, by the same names. */
export const PROCESS_LIST: readonly Metric[] = [
  {
    name: "process_start_time_seconds",
    type: "gauge",
    help: "When liveroll started, in seconds since 1970.",
    read: ({ process }) => only(process.startedAt),
  },
  {
    name: "process_cpu_seconds_total",
    type: "counter",
    help: "Processor time that liveroll used, without its children.",
    read: ({ process }) => only(process.cpuSeconds),
  },
  {
    name: "process_resident_memory_bytes",
    type: "gauge",
    help: "Memory of liveroll, without its children.",
    read: ({ process }) => only(process.residentBytes),
  },
  {
    name: "process_open_fds",
    type: "gauge",
    help: "Files and sockets that liveroll has open.",
    read: ({ process }) => known(process.openFds),
  },
  {
    name: "process_max_fds",
    type: "gauge",
    help: "Files and sockets that liveroll may have open.",
    read: ({ process }) => known(process.maxFds),
  },
];

function known(value: number | null): readonly Sample[] {
  return value === null ? [] : only(value);
}
