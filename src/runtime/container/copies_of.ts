import type { Copies, Copy, CopyState } from "../../roll/copies.ts";
import type { Replica } from "./replica.ts";
import type { ReplicaSet } from "./replica_set.ts";

/** As engines shorten ids for people. */
const SHORT_ID = 12;

/** What the containers of an instance are like. */
export function copiesOf(replicas: ReplicaSet): Copies {
  const { wanted } = replicas;
  const all = [...replicas].toSorted((a, b) => a.number - b.number).map(copyOf);
  const well = all.filter(({ state }) => state === "well" || state === "done").length;
  return { wanted, well, shortage: shortage(well, wanted), all };
}

function copyOf(replica: Replica): Copy {
  const { name, containerId, endpoint, startedAt, restarts, lastEnd } = replica;
  return {
    name,
    id: containerId.slice(0, SHORT_ID),
    port: endpoint?.port ?? null,
    state: stateOf(replica),
    startedAt,
    restarts,
    lastEnd,
  };
}

function stateOf(replica: Replica): CopyState {
  const { state, isSilent, isReady, hasServed, health, lastEnd } = replica;
  switch (state) {
    case "new":
      return "starting";
    case "gone":
      return "removed";
    case "down":
      return isSilent && lastEnd?.code === 0 ? "done" : "ended";
    case "survived":
      return "unwell";
    case "up":
      if (health === "unhealthy") return "unwell";
      if (isSilent || isReady) return "well";
      return hasServed ? "unwell" : "starting";
  }
}

function shortage(well: number, wanted: number): string | null {
  if (well >= wanted) return null;
  if (wanted === 1) return "its container is not well";
  return `${well} of ${wanted} containers ${well === 1 ? "is" : "are"} well`;
}
