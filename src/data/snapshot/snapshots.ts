import { createHash } from "node:crypto";
import { requireSpace } from "../../platform/disk_space.ts";
import { syncPath } from "../../platform/durable.ts";
import { readChunks } from "../../platform/file_chunks.ts";
import { SnapshotError } from "./archiver.ts";
import {
  type ArchivedMount,
  readManifest,
  requireSnapshotId,
  type SnapshotManifest,
  writeManifest,
} from "./manifest.ts";
import { surplus } from "./retention.ts";

/** What is still being written. */
const PART = ".part";

/** What a snapshot is of. */
export type SnapshotSubject = Pick<
  SnapshotManifest,
  | "id"
  | "createdAt"
  | "version"
  | "project"
  | "service"
  | "method"
  | "skipped"
  | "roll"
  | "wayBack"
>;

/** How bytes come into a file. */
export interface SnapshotSource {
  /** Of the file's name. */
  readonly suffix: string;
  /** How many bytes there may be; null: nobody knows. */
  readonly expectedBytes: number | null;
  /** What has to stay free for others, in bytes. */
  readonly marginBytes: number;
  write(path: string): Promise<readonly ArchivedMount[]>;
}

/** Snapshots in a private directory: there is one when its manifest is there, and not before. */
export class Snapshots {
  readonly #directory: string;

  /** Opens the directory, and removes what was not finished. */
  static async open(directory: string): Promise<Snapshots> {
    await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
    await Deno.chmod(directory, 0o700);
    const snapshots = new Snapshots(directory);
    await snapshots.#sweep();
    return snapshots;
  }

  /** Looks at the directory, which need not be there, and changes nothing in it. */
  static at(directory: string): Snapshots {
    return new Snapshots(directory);
  }

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws {DiskFullError} When there is no room. */
  async requireRoom(
    { expectedBytes, marginBytes }: Pick<SnapshotSource, "expectedBytes" | "marginBytes">,
  ): Promise<void> {
    await requireSpace(`${this.#directory}/any${PART}`, expectedBytes ?? 0, { marginBytes });
  }

  /**
   * Takes one. Until all of it is on the disk, nothing of it is there.
   *
   * @throws {DiskFullError} When there is no room; nothing is written.
   * @throws {SnapshotError} When there is one of that name already.
   * @throws What `write` throws.
   */
  async take(subject: SnapshotSubject, source: SnapshotSource): Promise<SnapshotManifest> {
    requireSnapshotId(subject.id);
    const file = `${subject.id}${source.suffix}`;
    const path = `${this.#directory}/${file}`;
    if (this.#names().includes(`${subject.id}.json`)) {
      throw new SnapshotError(`Cannot take the snapshot ${subject.id}: there is one already`);
    }
    await this.requireRoom(source);
    try {
      const mounts = await source.write(`${path}${PART}`);
      const { bytes, sha256 } = await digest(`${path}${PART}`);
      if (bytes === 0) throw new SnapshotError("Cannot take a snapshot: nothing was written");
      await syncPath(`${path}${PART}`);
      await Deno.rename(`${path}${PART}`, path);
      const sequence = await this.#nextSequence();
      await writeManifest(this.#directory, { ...subject, file, bytes, sha256, mounts, sequence });
    } catch (error) {
      const manifest = `${this.#directory}/${subject.id}.json`;
      for (const name of [manifest, `${path}${PART}`, path]) await remove(name);
      throw error;
    }
    return await readManifest(this.#directory, subject.id);
  }

  /**
   * Makes sure that the bytes are those that were written.
   *
   * @returns The path of the file.
   * @throws {SnapshotError} When they are not.
   * @throws {Error} When there is no such snapshot.
   */
  async verify(id: string): Promise<string> {
    const { file, bytes, sha256 } = await this.read(id);
    const path = `${this.#directory}/${file}`;
    const found = await digest(path).catch((cause) => {
      throw new SnapshotError(`Cannot restore ${id}: ${path} cannot be read`, { cause });
    });
    if (found.bytes === bytes && found.sha256 === sha256) return path;
    throw new SnapshotError(`Cannot restore ${id}: ${path} is not what was saved`);
  }

  /** @throws {Error} When there is none, or none that can be understood. */
  read(id: string): Promise<SnapshotManifest> {
    return readManifest(this.#directory, id);
  }

  /** All that are complete, the newest first; those that cannot be understood are left out. */
  async list(): Promise<SnapshotManifest[]> {
    const found: SnapshotManifest[] = [];
    for (const name of this.#names()) {
      if (!name.endsWith(".json")) continue;
      const manifest = await this.read(name.slice(0, -".json".length)).catch(() => null);
      if (manifest !== null) found.push(manifest);
    }
    return found.toSorted(byAge);
  }

  /**
   * Removes those that are too many or too big.
   *
   * @param inUse Ids that something may still go back to.
   * @returns Ids of those that are gone.
   */
  async retain(limits: { count: number; bytes: number }, inUse: readonly string[] = []) {
    const gone = surplus(await this.list(), limits, new Set(inUse));
    for (const { id, file } of gone) {
      // Without its manifest it is not one any more; the bytes may follow later.
      await remove(`${this.#directory}/${id}.json`);
      await remove(`${this.#directory}/${file}`);
    }
    return gone.map(({ id }) => id);
  }

  /** A manifest that cannot be understood keeps its file: somebody may. */
  async #sweep(): Promise<void> {
    const names = new Set(this.#names());
    for (const name of names) {
      const id = name.replace(/\.(tar\.(zst|gz)|dump)$/, "");
      const isUnfinished = name.endsWith(PART) || name.endsWith(".json.tmp") ||
        (id !== name && !names.has(`${id}.json`));
      if (isUnfinished) await remove(`${this.#directory}/${name}`);
    }
  }

  async #nextSequence(): Promise<number> {
    const [newest] = await this.list();
    return (newest?.sequence ?? 0) + 1;
  }

  #names(): string[] {
    try {
      return Array.from(Deno.readDirSync(this.#directory), ({ name }) => name);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }
}

/** The newest first. By its clock alone, a host that was set back would lose the one just taken. */
function byAge(a: SnapshotManifest, b: SnapshotManifest): number {
  const later = (b.sequence ?? 0) - (a.sequence ?? 0);
  return later !== 0 ? later : a.createdAt < b.createdAt ? 1 : -1;
}

async function digest(path: string): Promise<{ bytes: number; sha256: string }> {
  using file = await Deno.open(path);
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of readChunks(file)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
