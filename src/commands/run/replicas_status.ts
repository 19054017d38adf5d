import type { ContainerStatus, ReplicasStatus } from "../../control/operator.ts";
import type { Copies, Copy } from "../../roll/copies.ts";

/** What an instance is made of, as the control API tells it. */
export function replicasStatus({ wanted, well, all }: Copies): ReplicasStatus {
  return { wanted, well, containers: all.map(containerStatus) };
}

function containerStatus({ startedAt, lastEnd, ...copy }: Copy): ContainerStatus {
  return {
    ...copy,
    startedAt: iso(startedAt),
    lastEnd: lastEnd && {
      code: lastEnd.code,
      outOfMemory: lastEnd.isOutOfMemory,
      at: iso(lastEnd.at),
    },
  };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
