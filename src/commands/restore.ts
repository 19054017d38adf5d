import { DataFile } from "../data/data_file.ts";
import type { DataRecord } from "../data/data_record.ts";
import { SnapshotError } from "../data/snapshot/archiver.ts";
import type { SnapshotManifest } from "../data/snapshot/manifest.ts";
import { Snapshots } from "../data/snapshot/snapshots.ts";
import { snapshotsIn } from "../data/snapshot_keeper.ts";
import { createRedactor } from "../notify/redact.ts";
import { StateDirectory, StateLockedError } from "../state/state_directory.ts";
import { EXIT } from "./exit_codes.ts";
import { printable } from "./print/cell.ts";
import { printJson } from "./print/json.ts";
import { table } from "./print/table.ts";
import { localTime } from "./print/time.ts";
import { RestoreRefusal, restoreWithMeans } from "./restore/means.ts";
import type { Talk } from "./talk.ts";

const HEADS = ["SNAPSHOT", "AT", "VERSION", "ROLL", "BYTES", "BY"];
const VERSION = HEADS.indexOf("VERSION");

/** What is asked of `liveroll restore`. */
export interface RestoreRequest {
  /** Null: the snapshots are listed. */
  readonly snapshot: string | null;
  /** They are listed, and nothing else is done. */
  readonly list: boolean;
  /** The data is taken as it is. */
  readonly accept: boolean;
  readonly dockerHost: string | null;
  /** In place of the command that was written down with the snapshot. */
  readonly command: string | null;
  readonly timeoutMs: number;
}

/** `liveroll restore`: lists snapshots, puts one back, or takes the data as it is. */
export async function restore(talk: Talk, request: RestoreRequest): Promise<number> {
  const { stateDir } = talk.place;
  const problem = problemWith(request, stateDir);
  if (problem !== null) return tell(talk, { exit: EXIT.usage, code: "usage", detail: problem });
  const directory = stateDir ?? "";
  if (!await isDirectory(directory)) {
    const detail = `there is no state directory ${directory}: name the application with --app or ` +
      "--state-dir";
    return tell(talk, { exit: EXIT.usage, code: "usage", detail });
  }
  if (request.snapshot === null && !request.accept) return await list(talk, directory);
  try {
    using state = StateDirectory.open(directory);
    if (request.accept) return await accept(talk, state.path);
    return await putOneBack(talk, state.path, { ...request, snapshot: request.snapshot ?? "" });
  } catch (error) {
    if (!(error instanceof StateLockedError)) throw error;
    // A unit has Restart=always: what only `liveroll stop` has ended is back before it is restored.
    const detail = `${error.message}; stop it first: systemctl stop for a service, which is ` +
      `started again otherwise, else liveroll stop --state-dir ${directory}`;
    return tell(talk, { exit: EXIT.busy, code: "busy", detail });
  }
}

function problemWith(
  { snapshot, accept, list }: RestoreRequest,
  stateDir: string | null,
): string | null {
  if (list && (accept || snapshot !== null)) {
    return `--list changes nothing: leave ${accept ? "--accept" : snapshot} out, or --list`;
  }
  if (stateDir === null) return "--control-url: snapshots are restored on their own host";
  if (accept && snapshot !== null) {
    return `--accept takes the data as it is, and ${snapshot} would change it: give one of them`;
  }
  return null;
}

async function list({ io, json }: Talk, directory: string): Promise<number> {
  const all = await Snapshots.at(snapshotsIn(directory)).list();
  const { now } = DataFile.open(directory);
  if (json) {
    printJson(io, { snapshots: all.map(shape), pending: now });
    return EXIT.ok;
  }
  if (now?.stage === "broken") io.err(`liveroll: ${printable(now.detail)}`);
  if (all.length === 0) io.out("no snapshots yet");
  else {
    const options = { columns: io.stdout.columns(), shrink: [VERSION] };
    for (const line of table(HEADS, all.toReversed().map(cells), options)) io.out(line);
  }
  return EXIT.ok;
}

function shape({ id, createdAt, version, roll, bytes, method, mounts }: SnapshotManifest) {
  return {
    id,
    at: createdAt,
    version: version || null,
    roll: roll ?? null,
    bytes,
    method,
    mounts: mounts.map(({ type, name }) => ({ type, name })),
  };
}

function cells({ id, createdAt, version, roll, bytes, method }: SnapshotManifest): string[] {
  const number = roll === undefined ? "-" : String(roll);
  return [id, localTime(createdAt), version || "-", number, String(bytes), method];
}

/** Somebody has seen to the data. */
async function accept(talk: Talk, directory: string): Promise<number> {
  const file = DataFile.open(directory);
  const { now } = file;
  if (now === null) return done(talk, { accepted: null }, "nothing is wrong with the data");
  if (now.stage !== "broken") {
    const detail = `a change of the data for ${now.to} is not over: start liveroll, it takes it ` +
      "back or goes on by itself";
    return tell(talk, { exit: EXIT.failed, code: "refused", detail });
  }
  await file.write(null);
  return done(talk, { accepted: now }, `the data is taken as it is; start liveroll again`);
}

async function putOneBack(
  talk: Talk,
  directory: string,
  request: RestoreRequest & { snapshot: string },
): Promise<number> {
  const { snapshot: id } = request;
  const { env } = talk.io;
  const store = Snapshots.at(snapshotsIn(directory));
  const file = DataFile.open(directory);
  try {
    const manifest = await store.read(id);
    // If it is cut short, nobody knows what the data is like.
    const begun = () => file.write(interrupted(manifest, file.now));
    const redact = createRedactor(env);
    await restoreWithMeans(store, manifest, {
      ...request,
      env,
      redact,
      stateDir: directory,
      begun,
    });
    await file.write(null);
    const what = `${id} was put back: the data is that of ${manifest.version || "the beginning"}`;
    return done(talk, { restored: shape(manifest) }, `${what}; start liveroll again`);
  } catch (error) {
    if (error instanceof RestoreRefusal || error instanceof SnapshotError) {
      return tell(talk, { exit: EXIT.failed, code: "refused", detail: error.message });
    }
    throw error;
  }
}

function interrupted({ id, version, roll = 0 }: SnapshotManifest, now: DataRecord | null) {
  const detail = `putting back snapshot ${id} did not come to its end: nothing is started on the ` +
    `data; do it again by: liveroll restore ${id}`;
  const about = now ?? { roll, from: version || null, to: version };
  return { ...about, stage: "broken" as const, snapshot: id, detail };
}

function done({ io, json }: Talk, value: unknown, text: string): number {
  if (json) printJson(io, value);
  else io.out(text);
  return EXIT.ok;
}

function tell(
  { io, json }: Talk,
  { exit, code, detail }: { exit: number; code: string; detail: string },
): number {
  io.err(`liveroll: ${printable(detail)}`);
  if (json) printJson(io, { code, detail });
  return exit;
}

async function isDirectory(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isDirectory, () => false);
}
