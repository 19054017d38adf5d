import type { Engine } from "../../container/engine/engine.ts";
import type { InstanceRecord } from "../../roll/journal.ts";
import { LABELS, ownedBy, type Owner } from "./labels.ts";
import { ownContainers } from "./own_containers.ts";

/**
 * Containers of ours that the journal does not know, as what serves, the oldest first: it was lost.
 * Those of migrations are removed.
 */
export async function containerOrphans(
  engine: Pick<Engine, "containers" | "images">,
  owner: Owner,
  known: readonly InstanceRecord[],
  signal: AbortSignal,
): Promise<InstanceRecord[]> {
  const tokens = new Set(known.map(({ token }) => token));
  const orphans = new Map<string, InstanceRecord>();
  for (const { id, labels, createdAt } of await ownContainers(engine, ownedBy(owner), signal)) {
    const token = labels[LABELS.token] ?? "";
    if (labels[LABELS.role] !== "replica") await engine.containers.remove(id, signal);
    else if (!tokens.has(token)) orphans.set(token, recordOf(token, labels, createdAt));
  }
  const oldestFirst = [...orphans.values()].toSorted((a, b) => a.startedAt - b.startedAt);
  // No roll of ours has such a number.
  return oldestFirst.map((record, index) => ({ ...record, key: `i${-index}` }));
}

function recordOf(
  token: string,
  labels: Readonly<Record<string, string>>,
  startedAt: number,
): InstanceRecord {
  return {
    key: "",
    roll: 0,
    id: labels[LABELS.version] ?? "",
    port: 0,
    token,
    outlives: true,
    stage: "current",
    pid: null,
    birth: null,
    startedAt,
  };
}
