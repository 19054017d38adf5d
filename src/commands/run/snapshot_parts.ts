import { Snapshots } from "../../compose/snapshot/snapshots.ts";
import { StackEngine } from "../../compose/stack_engine.ts";
import type { Config } from "../../config/config.ts";
import { OPTION_VARIABLES } from "../../config/environment.ts";
import type { CreateBody } from "../../container/engine/create_body.ts";
import type { Engine } from "../../container/engine/engine.ts";
import { CommandSaver } from "../../data/command_saver.ts";
import type { DataMemory } from "../../data/data_record.ts";
import { findArchiver } from "../../data/find_archiver.ts";
import type { BackOptions } from "../../data/put_back.ts";
import type { Saver } from "../../data/saver.ts";
import { SnapshotKeeper, snapshotsIn } from "../../data/snapshot_keeper.ts";
import { VolumeSaver } from "../../data/volume_saver.ts";
import type { Redactor } from "../../notify/redact.ts";
import { childEnvironment } from "../../platform/environment.ts";
import type { Log } from "../../platform/log.ts";

/** What snapshots are taken of, and by whose means. */
export interface SnapshotSurroundings {
  readonly engine: Engine;
  /** Where the engine is. */
  readonly socket: string;
  /** What every container gets. */
  readonly body: Pick<CreateBody, "HostConfig">;
  readonly env: Readonly<Record<string, string>>;
  readonly redact: Redactor;
  readonly memory: DataMemory;
  readonly log: Log;
}

/** Opens the snapshots in the state directory; null: none are asked for. */
export async function openSnapshots({ data, stateDir }: Config): Promise<Snapshots | null> {
  return data.snapshot === null ? null : await Snapshots.open(snapshotsIn(stateDir));
}

/** Everything that stands behind `--snapshot`. */
export function snapshotKeeper(
  store: Snapshots,
  config: Config,
  around: SnapshotSurroundings,
): SnapshotKeeper {
  const { app, data: { keepSnapshots } } = config;
  return new SnapshotKeeper({
    ...around,
    store,
    app,
    saver: saverOf(config, around),
    back: wayBack(config, around),
    keep: keepSnapshots,
    date: Date.now,
  });
}

function saverOf({ data }: Config, around: SnapshotSurroundings): Saver {
  const { snapshot, snapshotRestore, snapshotTimeoutMs: timeoutMs } = data;
  const { env, redact } = around;
  if (snapshot?.kind !== "command") {
    return new VolumeSaver({ ...around, timeoutMs, archiverFor: (all) => findArchiver(all, env) });
  }
  return new CommandSaver({
    save: snapshot.command,
    restore: snapshotRestore ?? "",
    directory: Deno.cwd(),
    env: commandEnvironment(env),
    timeoutMs,
    redact,
  });
}

function wayBack({ data }: Config, around: SnapshotSurroundings): BackOptions {
  const { snapshotRestore: command, snapshotTimeoutMs: timeoutMs } = data;
  const { engine, env, redact } = around;
  return {
    timeoutMs,
    redact,
    env: commandEnvironment(env),
    ...(command !== null && { command }),
    // What is being put back is never left half done.
    engine: () => Promise.resolve(new StackEngine(engine, AbortSignal.timeout(timeoutMs))),
    archiverFor: (mounts) => findArchiver(mounts, env),
  };
}

/** What commands of the operator see of our environment. */
export function commandEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  return childEnvironment(env, { omit: OPTION_VARIABLES, inheritsOutput: false });
}
