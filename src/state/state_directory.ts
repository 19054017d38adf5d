/** Longest path that a unix socket can have (sockaddr_un on Linux, without the NUL). */
const MAX_SOCKET_PATH = 107;

/** Another liveroll works with the directory. */
export class StateLockedError extends Error {
  override readonly name = "StateLockedError";
}

/** A directory for what one application has to remember; locked for one process. */
export class StateDirectory implements Disposable {
  /** Absolute. */
  readonly path: string;
  #lock: Deno.FsFile | null;

  /**
   * Creates the directory if need be, closes it to others, and locks it. The kernel takes the lock
   * away when the process ends, however it ends.
   *
   * @throws {StateLockedError} When another process has it; the message names it.
   * @throws {Error} When the directory cannot be used at all. One that cannot be written to can.
   */
  static open(path: string): StateDirectory {
    const absolute = path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
    const clean = absolute.replaceAll(/\/(\.?\/)+/g, "/").replace(/(?<=.)\/\.?$/, "");
    try {
      create(clean);
    } catch (error) {
      throw new Error(`Cannot use ${clean} as state directory: ${describe(error)}`, {
        cause: error,
      });
    }
    return new StateDirectory(clean, takeLock(clean));
  }

  private constructor(path: string, lock: Deno.FsFile | null) {
    this.path = path;
    this.#lock = lock;
  }

  /** Whether nobody else can work with it; false where no lock could be written. */
  get isLocked(): boolean {
    return this.#lock !== null;
  }

  /**
   * Sees whether it is still the same directory, and makes and locks it again if it is not: a
   * command that tidies up may have taken it away.
   *
   * @returns Whether it had to.
   * @throws {Error} When it cannot be made or locked again.
   */
  keep(): boolean {
    if (this.#lock === null || isSameFile(this.#lock, `${this.path}/lock`)) return false;
    create(this.path);
    const lock = takeLock(this.path);
    this.#lock.close();
    this.#lock = lock;
    return true;
  }

  /** Where the control API listens. */
  get socketPath(): string {
    return `${this.path}/control.sock`;
  }

  [Symbol.dispose](): void {
    this.#lock?.close();
  }
}

/**
 * Why the control socket cannot be in `directory`; null: it can.
 *
 * @param directory An absolute path.
 */
export function socketComplaint(directory: string): string | null {
  const length = new TextEncoder().encode(`${directory}/control.sock`).length;
  if (length <= MAX_SOCKET_PATH) return null;
  return `the path of the control socket would have ${length} bytes, and ${MAX_SOCKET_PATH} are ` +
    `possible; give a shorter --state-dir`;
}

function create(path: string): void {
  Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  const { isDirectory, mode } = Deno.statSync(path);
  if (!isDirectory) throw new Error("it is not a directory");
  const complaint = socketComplaint(path);
  if (complaint !== null) throw new Error(complaint);
  if (mode === null || (mode & 0o077) === 0) return;
  try {
    Deno.chmodSync(path, 0o700);
  } catch {
    // Somebody else's directory, or a read-only file system: what is in it has modes of its own.
  }
}

function isSameFile(file: Deno.FsFile, path: string): boolean {
  try {
    const [ours, there] = [file.statSync(), Deno.statSync(path)];
    return ours.ino === there.ino && ours.dev === there.dev;
  } catch (error) {
    // What cannot be looked at now is not gone.
    return !(error instanceof Deno.errors.NotFound);
  }
}

/** Null where there is no lock yet and none can be created. */
function takeLock(directory: string): Deno.FsFile | null {
  const path = `${directory}/lock`;
  const file = openLock(path);
  if (file === null) return null;
  if (!file.tryLockSync(true)) {
    const holder = readPid(path);
    file.close();
    throw new StateLockedError(
      `Cannot use ${directory} as state directory: another liveroll ` +
        `${holder === null ? "" : `(pid ${holder}) `}works with it`,
    );
  }
  try {
    file.truncateSync();
    file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
  } catch {
    // The lock holds without the number.
  }
  return file;
}

function openLock(path: string): Deno.FsFile | null {
  try {
    return Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 });
  } catch {
    try {
      return Deno.openSync(path, { read: true });
    } catch {
      return null;
    }
  }
}

/** The pid of who has the lock, if it could be written down. */
function readPid(path: string): number | null {
  try {
    const pid = Number(Deno.readTextFileSync(path).trim());
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
