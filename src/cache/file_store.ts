import { freeBytesOf } from "../platform/disk_space.ts";
import { type Lease, type LeaseOptions, type Store, StoreError, type Versioned } from "./store.ts";
import { sweepFiles } from "./sweep_files.ts";
import { VersionedLeases } from "./versioned_leases.ts";

const PIECE_BYTES = 8 * 1024 * 1024;

/** What nobody has written anew for so long is removed. */
const KEEP_MS = 7 * 24 * 3600_000;

/** All files together; beyond it, the oldest are removed. */
const DEFAULT_MAX_BYTES = 1024 * 1024 * 1024;

/** After so much was written, it is time to look how much there is. */
const SWEEP_EVERY_BYTES = 256 * 1024 * 1024;

/** What has to stay free for others. */
const MARGIN_BYTES = 64 * 1024 * 1024;

const LOCK = "~lock";

/** Files that are being written begin with this; no part of a key does. */
const TEMPORARY = "~";

/** What a file store goes by. */
export interface FileStoreOptions {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970. */
  date(): number;
  /** @default {1073741824} */
  readonly maxBytes?: number;
  /** Where artifacts are fetched to. */
  readonly downloads: string;
  /** How much of a file system is free to us, in bytes. */
  readonly freeBytes?: (directory: string) => Promise<number>;
}

/** Values in files below a directory, for all liverolls of this machine. */
export class FileStore implements Store {
  readonly name: string;
  readonly pieceBytes = PIECE_BYTES;
  readonly #directory: string;
  readonly #leases: VersionedLeases;
  readonly #options: FileStoreOptions;
  #unseenBytes = 0;

  /**
   * Opens the directory, makes it if there is none, and removes what is old.
   *
   * @throws {StoreError}
   */
  static async open(directory: string, options: FileStoreOptions): Promise<FileStore> {
    const store = new FileStore(directory, options);
    await store.#try("open", async () => {
      await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
      await store.#sweep();
    });
    return store;
  }

  private constructor(directory: string, options: FileStoreOptions) {
    this.name = `the directory ${directory}`;
    this.#directory = directory;
    this.#options = options;
    this.#leases = new VersionedLeases(this, options.now);
  }

  get(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#try("read", async () => {
      try {
        return await Deno.readFile(this.#path(key));
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return null;
        throw error;
      }
    });
  }

  async look(key: string): Promise<Versioned | null> {
    const bytes = await this.get(key);
    return bytes === null ? null : { bytes, version: await digest(bytes) };
  }

  put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#try("write", () => this.#write(key, bytes));
  }

  hasRoom(bytes: number): Promise<boolean> {
    const { maxBytes = DEFAULT_MAX_BYTES, freeBytes = freeBytesOf, downloads } = this.#options;
    if (bytes > maxBytes) return Promise.resolve(false);
    return this.#try("look at", async () => {
      // The file itself comes first: without it, its copy is good for nothing.
      const files = await isOneDisk(this.#directory, downloads) ? 2 : 1;
      return files * bytes + MARGIN_BYTES <= await freeBytes(this.#directory);
    });
  }

  async putIf(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    version: string | null,
  ): Promise<boolean> {
    using _lock = await this.#try("lock", () => this.#lock());
    const found = await this.look(key);
    if ((found?.version ?? null) !== version) return false;
    await this.put(key, bytes);
    return true;
  }

  lease(key: string, options: LeaseOptions): Promise<Lease | null> {
    return this.#leases.take(key, options);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** All or nothing: a reader never sees half of it. */
  async #write(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(key);
    const cut = path.lastIndexOf("/") + 1;
    await Deno.mkdir(path.slice(0, cut), { recursive: true, mode: 0o700 });
    const temporary = `${path.slice(0, cut)}${TEMPORARY}${crypto.randomUUID()}`;
    try {
      await Deno.writeFile(temporary, bytes, { createNew: true, mode: 0o600 });
      await Deno.rename(temporary, path);
    } catch (error) {
      await Deno.remove(temporary).catch(() => {});
      throw error;
    }
    this.#unseenBytes += bytes.length;
    if (this.#unseenBytes > SWEEP_EVERY_BYTES) await this.#sweep();
  }

  async #sweep(): Promise<void> {
    this.#unseenBytes = 0;
    const { date, maxBytes = DEFAULT_MAX_BYTES } = this.#options;
    await sweepFiles(this.#directory, { before: date() - KEEP_MS, maxBytes, except: LOCK });
  }

  /** Held by a process; the system gives it back when that dies. */
  async #lock(): Promise<Disposable> {
    const path = `${this.#directory}/${LOCK}`;
    const file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
    try {
      await file.lock(true);
      return file;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** @throws {StoreError} When the key leads elsewhere. */
  #path(key: string): string {
    const isGood = key.split("/").every((part) => /^[\w.%+-]{1,255}$/.test(part) && !isStep(part));
    if (isGood) return `${this.#directory}/${key}`;
    throw new StoreError(`Cannot use the cache: ${JSON.stringify(key)} is no key`);
  }

  async #try<T>(verb: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new StoreError(`Cannot ${verb} ${this.name}: ${why}`, { cause: error });
    }
  }
}

async function isOneDisk(...paths: [string, string]): Promise<boolean> {
  const [one, other] = await Promise.all(paths.map((path) => Deno.stat(path)));
  return one?.dev === other?.dev;
}

function isStep(part: string): boolean {
  return part === "." || part === "..";
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
