import type { ContainerStatus, Status } from "../../control/operator.ts";
import { since } from "./time.ts";

/** What serves runs in so many containers: one line when all are well, else one more for each. */
export function replicaRows(
  // An older liveroll does not tell.
  { replicas = null }: Partial<Pick<Status, "replicas">>,
  now: number,
): (readonly [label: string, text: string])[] {
  if (replicas === null) return [];
  const { wanted, well, containers } = replicas;
  const head = ["containers", `${well} of ${wanted} well`] as const;
  if (well >= wanted) return [head];
  return [head, ...containers.map((one) => ["", containerText(one, now)] as const)];
}

function containerText(container: ContainerStatus, now: number): string {
  const { name, port, state, startedAt, restarts } = container;
  const facts = [
    state,
    ...port === null ? [] : [`port ${port}`],
    ...port === null || startedAt === null ? [] : [`up ${since(startedAt, now)}`],
    ...endText(container, now),
    ...restarts === 0 ? [] : [`restarted ${restarts === 1 ? "once" : `${restarts} times`}`],
  ];
  return `${name}: ${facts.join(", ")}`;
}

function endText({ lastEnd }: ContainerStatus, now: number): string[] {
  if (lastEnd === null) return [];
  const { code, outOfMemory, at } = lastEnd;
  const when = at === null ? "" : ` ${since(at, now)} ago`;
  return [`last end${when} with code ${code}${outOfMemory ? " (out of memory)" : ""}`];
}
