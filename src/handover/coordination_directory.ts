import { FileLock } from "./file_lock.ts";

/** Longest path that a unix socket can have (sockaddr_un on Linux, without the NUL). */
const MAX_SOCKET_PATH = 107;

const NEXT = "next-";
/** What the longest of our names adds to the path of the directory. */
const LONGEST_NAME = `/${NEXT}01234567.sock`.length;
const NEXT_SOCKET = /^next-[0-9a-f]{8}\.sock$/;
const ROOT = 0;

/**
 * Where the processes of one service meet. They have nothing else in common.
 *
 * | file            | what                                                                          |
 * | --------------- | ----------------------------------------------------------------------------- |
 * | `handover.sock` | the owner gives its sockets to who connects                                   |
 * | `next-*.sock`   | the same of a successor; renamed as soon as it is the owner                   |
 * | `upgrade.lock`  | held while a process comes up, so that there is one successor at a time       |
 * | `owner.lock`    | held by who accepts; it decides who the owner is, whatever messages were lost |
 */
export class CoordinationDirectory implements Disposable {
  /** Absolute. */
  readonly path: string;
  /**
   * Where this process listens until it is the owner. Nobody else's name: when the process ends, it
   * is removed by name, whoever listens there then.
   */
  readonly nextSocketPath: string;
  readonly upgradeLock: FileLock;
  readonly ownerLock: FileLock;

  /**
   * Creates the directory if need be, with mode 0700.
   *
   * @param uid The user that this process is.
   * @throws {Error} When it cannot be used, or others can get in: who can connect gets the sockets,
   * and what others put there would be written to in our name.
   */
  constructor(path: string, uid: number | null = Deno.uid()) {
    this.path = prepare(path, uid);
    this.nextSocketPath = `${this.path}/${NEXT}${crypto.randomUUID().slice(0, 8)}.sock`;
    this.upgradeLock = openLock(this.path, "upgrade.lock");
    this.ownerLock = openLock(this.path, "owner.lock");
  }

  get socketPath(): string {
    return `${this.path}/handover.sock`;
  }

  /** Removes what a successor that was killed has left. To be called with the upgrade lock. */
  sweep(): void {
    for (const { name } of Deno.readDirSync(this.path)) {
      if (NEXT_SOCKET.test(name)) remove(`${this.path}/${name}`);
    }
  }

  /** Makes the next socket the one that successors find. To be called with both locks. */
  publish(): void {
    Deno.renameSync(this.nextSocketPath, this.socketPath);
  }

  /** No successor shall find a socket here. To be called with the owner lock. */
  withdraw(): void {
    remove(this.socketPath);
  }

  /** Gives both locks back. */
  [Symbol.dispose](): void {
    this.ownerLock[Symbol.dispose]();
    this.upgradeLock[Symbol.dispose]();
  }
}

function prepare(path: string, uid: number | null): string {
  const { mode, owners } = create(path);
  const stranger = owners.find((owner) => owner !== uid);
  if (stranger !== undefined) {
    throw refusal(path, `it belongs to user ${stranger}, not to ${uid}; give one of our own`);
  }
  if (mode & 0o077) {
    throw refusal(path, `others can get in (mode 0${mode.toString(8)}); say: chmod 700 ${path}`);
  }
  const absolute = Deno.realPathSync(path);
  const length = new TextEncoder().encode(absolute).length;
  const most = MAX_SOCKET_PATH - LONGEST_NAME;
  if (length > most) throw refusal(path, `its path has ${length} bytes, at most ${most} work`);
  return absolute;
}

/** @returns The mode that it has, and to whom it belongs; so may a link that leads to it. */
function create(path: string): { mode: number; owners: (number | null)[] } {
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    const { mode, uid } = Deno.statSync(path);
    const link = Deno.lstatSync(path.replace(/\/+$/, "") || "/");
    const isOdd = link.isSymlink && link.uid !== ROOT;
    return { mode: (mode ?? 0) & 0o777, owners: isOdd ? [uid, link.uid] : [uid] };
  } catch (cause) {
    throw refusal(path, explain(cause), cause);
  }
}

function openLock(path: string, name: string): FileLock {
  try {
    return new FileLock(`${path}/${name}`);
  } catch (cause) {
    throw refusal(path, explain(cause), cause);
  }
}

function refusal(path: string, why: string, cause?: unknown): Error {
  return new Error(`Cannot use ${path} as coordination directory: ${why}`, { cause });
}

function explain(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
