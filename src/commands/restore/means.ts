import { endLeftOverCalls } from "../../compose/program/left_over_calls.ts";
import { Engine } from "../../container/engine/engine.ts";
import { enginePlace } from "../../container/engine/engine_place.ts";
import { EngineVolumes } from "../../data/engine_volumes.ts";
import { putBack } from "../../data/put_back.ts";
import type { SnapshotManifest } from "../../data/snapshot/manifest.ts";
import type { Snapshots } from "../../data/snapshot/snapshots.ts";
import { usersOf } from "../../data/volume_users.ts";
import type { Redactor } from "../../notify/redact.ts";
import { exists } from "../../platform/exists.ts";
import { ownedBy } from "../../runtime/container/labels.ts";
import { tokenPrefix } from "../../runtime/orphans.ts";
import { archiverFor, commandEnvironment } from "../run/snapshot_parts.ts";

/** Time for what is asked of the engine. */
const CALL_MS = 30_000;

/** Something still uses the data. */
export class RestoreRefusal extends Error {
  override readonly name = "RestoreRefusal";
}

/** By what means a snapshot is put back. */
export interface RestoreMeans {
  readonly stateDir: string;
  /** Null: the engine that was written down with the snapshot, or that of this host. */
  readonly dockerHost: string | null;
  /** Null: what was written down with the snapshot. */
  readonly command: string | null;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly redact: Redactor;
  /** Writes down that the data is being changed. */
  begun(): Promise<void>;
}

/**
 * Puts a snapshot back, once nothing runs that could write to the data.
 *
 * @throws {RestoreRefusal} When something does; it is named.
 * @throws {Error} As `putBack` does.
 */
export async function restoreWithMeans(
  store: Snapshots,
  manifest: SnapshotManifest,
  { stateDir, dockerHost, command, timeoutMs, env, redact, begun }: RestoreMeans,
): Promise<void> {
  const { id, wayBack } = manifest;
  await store.verify(id);
  const mark = tokenPrefix(stateDir);
  await endLeftOverCalls(mark);
  const host = dockerHost ?? wayBack?.engine ?? null;
  const socket = enginePlace({ host, env, exists });
  // Without an engine no container runs, and none is needed to hand data to a command.
  const isNeeded = manifest.method !== "command" || exists(socket);
  using engine = isNeeded ? await Engine.connect(socket, AbortSignal.timeout(CALL_MS)) : null;
  if (engine !== null) await requireNobody(engine, manifest, stateDir);
  const stack = () => new EngineVolumes(engine!, AbortSignal.timeout(timeoutMs));
  await putBack(store, id, {
    timeoutMs,
    env: commandEnvironment(env, mark),
    redact,
    ...(command !== null && { command }),
    engine: () => Promise.resolve(stack()),
    archiverFor: (mounts) => archiverFor(mounts, env, mark),
    onBegin: begun,
    onEnd: async () => {
      if (engine !== null) await requireNobody(engine, manifest, stateDir);
    },
  });
}

async function requireNobody(
  engine: Engine,
  { id, mounts }: SnapshotManifest,
  stateDir: string,
): Promise<void> {
  const names = await usersOf(engine, {
    mounts,
    owned: [ownedBy({ app: "", tokenPrefix: tokenPrefix(stateDir) })],
    signal: AbortSignal.timeout(CALL_MS),
  });
  if (names.length === 0) return;
  throw new RestoreRefusal(
    `Cannot restore ${id}: ${names.join(", ")} ${names.length === 1 ? "runs" : "run"} on the ` +
      `data; stop first: docker stop ${names.join(" ")}`,
  );
}
