import { CALL_VARIABLE } from "../../compose/program/left_over_calls.ts";
import type { Config } from "../../config/config.ts";
import { OPTION_VARIABLES } from "../../config/environment.ts";
import type { Engine } from "../../container/engine/engine.ts";
import { CommandSaver } from "../../data/command_saver.ts";
import type { FindPlaces } from "../../data/data_place.ts";
import type { DataMemory } from "../../data/data_record.ts";
import { EngineVolumes } from "../../data/engine_volumes.ts";
import { findArchiver } from "../../data/find_archiver.ts";
import type { BackOptions } from "../../data/put_back.ts";
import type { Saver } from "../../data/saver.ts";
import type { Archiver } from "../../data/snapshot/archiver.ts";
import type { SavedMount } from "../../data/snapshot/mounts.ts";
import { Snapshots } from "../../data/snapshot/snapshots.ts";
import { SnapshotKeeper, snapshotsIn } from "../../data/snapshot_keeper.ts";
import { VolumeSaver } from "../../data/volume_saver.ts";
import type { Labels } from "../../data/volume_users.ts";
import { Writers } from "../../data/writers.ts";
import type { Redactor } from "../../notify/redact.ts";
import { childEnvironment } from "../../platform/environment.ts";
import type { Log } from "../../platform/log.ts";
import { ownedBy, type Owner } from "../../runtime/container/labels.ts";

/** What snapshots are taken of, and by whose means. */
export interface SnapshotSurroundings {
  readonly engine: Engine;
  /** Where the engine is. */
  readonly socket: string;
  /** What containers write to. */
  readonly places: FindPlaces;
  readonly owner: Owner;
  /** Who is replaced, beside what is labelled with {@linkcode SnapshotSurroundings.owner}. */
  readonly replaced: readonly Labels[];
  readonly env: Readonly<Record<string, string>>;
  readonly redact: Redactor;
  readonly memory: DataMemory;
  readonly log: Log;
}

/**
 * Opens the snapshots in the state directory.
 *
 * @returns Null: none are asked for.
 * @throws {Error} When none could be taken here; better now than with the old version stopped.
 */
export async function openSnapshots(
  { data: { snapshot }, stateDir }: Config,
  env: Readonly<Record<string, string>>,
): Promise<Snapshots | null> {
  if (snapshot === null) return null;
  if (snapshot.kind === "volumes") await findArchiver([], env);
  return await Snapshots.open(snapshotsIn(stateDir));
}

/** Everything that stands behind `--snapshot`. */
export function snapshotKeeper(
  store: Snapshots,
  config: Config,
  around: SnapshotSurroundings,
): SnapshotKeeper {
  const { app, data: { keepSnapshots, keepSnapshotsBytes } } = config;
  return new SnapshotKeeper({
    ...around,
    store,
    app,
    saver: saverOf(config, around),
    back: wayBack(config, around),
    keep: keepSnapshots,
    keepBytes: keepSnapshotsBytes ?? Number.POSITIVE_INFINITY,
    date: Date.now,
  });
}

function saverOf(config: Config, around: SnapshotSurroundings): Saver {
  const { snapshot, snapshotRestore, snapshotTimeoutMs: timeoutMs } = config.data;
  const { env, redact, owner: { tokenPrefix: mark } } = around;
  if (snapshot?.kind !== "command") {
    return new VolumeSaver({
      ...around,
      timeoutMs,
      writers: writersOf(config, around),
      archiverFor: (mounts) => archiverFor(mounts, env, mark),
    });
  }
  return new CommandSaver({
    save: snapshot.command,
    restore: snapshotRestore ?? "",
    directory: Deno.cwd(),
    env: commandEnvironment(env, mark),
    timeoutMs,
    redact,
  });
}

function wayBack(config: Config, around: SnapshotSurroundings): BackOptions {
  const { snapshotRestore: command, snapshotTimeoutMs: timeoutMs } = config.data;
  const { engine, env, redact, owner: { tokenPrefix: mark } } = around;
  return {
    timeoutMs,
    redact,
    env: commandEnvironment(env, mark),
    ...(command !== null && { command }),
    // What is being put back is never left half done.
    engine: () => Promise.resolve(new EngineVolumes(engine, AbortSignal.timeout(timeoutMs))),
    archiverFor: (mounts) => archiverFor(mounts, env, mark),
    onBegin: async (mounts) => {
      if (mounts.length > 0) await writersOf(config, around).still(mounts);
    },
    onEnd: async (mounts) => {
      if (mounts.length > 0) await writersOf(config, around).requireStill(mounts);
    },
  };
}

/** Who may write to the data. */
export function writersOf(
  { stopTimeoutMs }: Pick<Config, "stopTimeoutMs">,
  { engine, owner, replaced }: Pick<SnapshotSurroundings, "engine" | "owner" | "replaced">,
): Writers {
  return new Writers({ engine, owned: [ownedBy(owner), ...replaced], stopTimeoutMs });
}

/** What commands of the operator see of our environment. @param mark What they are known by. */
export function commandEnvironment(
  env: Readonly<Record<string, string>>,
  mark: string,
): Record<string, string> {
  const extra = { [CALL_VARIABLE]: mark };
  return childEnvironment(env, { omit: OPTION_VARIABLES, inheritsOutput: false, extra });
}

/** Who copies what is at `mounts`, or fills it; programs that outlive us are known by `mark`. */
export function archiverFor(
  mounts: readonly SavedMount[],
  env: Readonly<Record<string, string>>,
  mark: string,
): Promise<Archiver> {
  return findArchiver(mounts, { ...env, [CALL_VARIABLE]: mark });
}
