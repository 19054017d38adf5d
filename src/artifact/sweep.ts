import { PARTIAL_PREFIX } from "./extract/extract.ts";
import { isReleaseName } from "./release_name.ts";
import { readReleaseRecord } from "./release_record.ts";

const DAY_MS = 86_400_000;

/** A file of ours: `TAG--NAME`, and what goes with it. */
const DOWNLOAD = /--|\.part(\.json(\.tmp)?)?$/;

/** The next fetch of the same version goes on there. */
const UNFINISHED = /\.part(\.json)?$/;

/** Begins the names of releases that are being removed. */
export const REMOVAL_PREFIX = ".remove-";

/**
 * Removes what a crash left among the releases: what was being extracted or removed, and records
 * without a directory. Whatever else is there belongs to somebody else.
 */
export async function sweepReleases(directory: string): Promise<void> {
  const names = (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
  for (const name of names) {
    if (isLeftover(name)) await remove(`${directory}/${name}`);
    const release = name.endsWith(".json") ? name.slice(0, -".json".length) : "";
    if (isReleaseName(release)) await sweepRecord(directory, release);
  }
}

/** The directory goes first: without the record nobody would know that it is not whole. */
async function sweepRecord(directory: string, release: string): Promise<void> {
  const path = `${directory}/${release}`;
  const record = await readReleaseRecord(`${path}.json`);
  if (record?.outcome === "partial") await remove(path);
  if (record?.outcome === "partial" || !await exists(path)) await remove(`${path}.json`);
}

/**
 * Removes downloads that nobody will go on with: those that were complete when liveroll died, and
 * unfinished ones of which nothing has come for a day.
 *
 * @param now Milliseconds since 1970.
 */
export async function sweepDownloads(directory: string, now: number = Date.now()): Promise<void> {
  for (const name of await downloadsIn(directory)) {
    const { mtime } = await Deno.stat(`${directory}/${name}`);
    const isOld = mtime !== null && now - mtime.getTime() > DAY_MS;
    if (isOld || !UNFINISHED.test(name)) await Deno.remove(`${directory}/${name}`);
  }
}

/**
 * Removes what was downloaded for others than the file `path`: one is fetched at a time, and the
 * room may be needed.
 */
export async function removeOtherDownloads(directory: string, path: string): Promise<void> {
  for (const name of await downloadsIn(directory)) {
    if (!`${directory}/${name}`.startsWith(path)) await remove(`${directory}/${name}`);
  }
}

async function downloadsIn(directory: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(directory));
  return entries.filter(({ name, isFile }) => isFile && DOWNLOAD.test(name)).map(({ name }) =>
    name
  );
}

function isLeftover(name: string): boolean {
  if (name.startsWith(PARTIAL_PREFIX) || name.startsWith(REMOVAL_PREFIX)) return true;
  return name.endsWith(".json.tmp") && isReleaseName(name.slice(0, -".json.tmp".length));
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
