/** A directory that releases are kept in, for one liveroll alone: what another removes may run. */
export class ReleaseRoot implements Disposable {
  /** Absolute, without links. */
  readonly path: string;
  /** The system gives it back when the process dies. */
  readonly #lock: Deno.FsFile;

  /**
   * Makes the directory if need be.
   *
   * @throws {Error} When another liveroll keeps its releases there, or `current` is no link: nothing
   * could ever lead to a release then.
   */
  static async open(directory: string): Promise<ReleaseRoot> {
    await Deno.mkdir(`${directory}/releases`, { recursive: true, mode: 0o755 });
    const path = await Deno.realPath(directory);
    await requireLink(`${path}/current`);
    return new ReleaseRoot(path, takeLock(`${path}/releases`));
  }

  private constructor(path: string, lock: Deno.FsFile) {
    this.path = path;
    this.#lock = lock;
  }

  [Symbol.dispose](): void {
    this.#lock.close();
  }
}

async function requireLink(path: string): Promise<void> {
  const facts = await Deno.lstat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  });
  if (facts === null || facts.isSymlink) return;
  throw new Error(`${path} is no link: move it away, or give another directory`);
}

/** The directory itself is locked: no file of ours has to be in it. */
function takeLock(path: string): Deno.FsFile {
  const file = Deno.openSync(path);
  if (tryLock(file)) return file;
  file.close();
  throw new Error("another liveroll keeps its releases there: give each a directory of its own");
}

/** File systems over the network may have no locks for directories. */
function tryLock(file: Deno.FsFile): boolean {
  try {
    return file.tryLockSync(true);
  } catch {
    return true;
  }
}
