import { byLabel, type Metric, only } from "./metric.ts";

/** What is told of versions that run in containers. */
export const REPLICA_LIST: readonly Metric[] = [
  {
    name: "liveroll_replicas_wanted",
    type: "gauge",
    help: "Containers that the version that serves is to have, or would have.",
    read: ({ replicas }) => only(replicas.wanted),
  },
  {
    name: "liveroll_replicas_well",
    type: "gauge",
    help: "Containers of the version that serves that are well.",
    read: ({ replicas }) => only(replicas.well),
  },
  {
    name: "liveroll_container_deaths_total",
    type: "counter",
    help: "Containers that ended and were not asked to, by whether they were out of memory.",
    read: ({ counts }) => byLabel("out_of_memory", counts.containerDeaths),
  },
];
