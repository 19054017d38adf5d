import { createHash, type Hash } from "node:crypto";
import { syncPath, writeDurably } from "../platform/durable.ts";
import { readChunks } from "../platform/file_chunks.ts";
import { parentOf } from "../platform/paths.ts";
import { writeAll } from "../platform/write_all.ts";

/** After so many bytes they are made to last: what is lost by kill -9 or a power cut. */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;

/** What is known of the bytes that are there. */
interface PartRecord {
  readonly identity: string;
  readonly etag: string | null;
  /** So many of them are on the disk; the file may be longer, with anything in it. */
  readonly bytes: number;
}

/** A file that is not complete yet, beside the place where it will be. */
export class PartFile implements AsyncDisposable {
  readonly #target: string;
  readonly #identity: string;
  readonly #file: Deno.FsFile;
  #hash: Hash = createHash("sha256");
  #etag: string | null = null;
  #bytes = 0;
  #durableBytes = 0;

  /**
   * Goes on with what is there, if it is a part of the same thing.
   *
   * @param identity Tells one thing from another.
   */
  static async open(target: string, identity: string): Promise<PartFile> {
    const path = `${target}.part`;
    const file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
    const part = new PartFile(target, identity, file);
    try {
      const record = await readRecord(`${path}.json`);
      if (record?.identity === identity) await part.#resume(record);
    } catch (error) {
      file.close();
      throw error;
    }
    return part;
  }

  private constructor(target: string, identity: string, file: Deno.FsFile) {
    this.#target = target;
    this.#identity = identity;
    this.#file = file;
  }

  /** How many bytes it has. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What the source called the bytes that it has. */
  get etag(): string | null {
    return this.#etag;
  }

  /** Begins again with nothing. */
  async restart(etag: string | null): Promise<void> {
    await this.#file.truncate(0);
    await this.#file.seek(0, Deno.SeekMode.Start);
    this.#hash = createHash("sha256");
    this.#etag = etag;
    this.#bytes = 0;
    await this.checkpoint();
  }

  async write(chunk: Uint8Array): Promise<void> {
    await writeAll(this.#file, chunk);
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes - this.#durableBytes >= CHECKPOINT_BYTES) await this.checkpoint();
  }

  /** Makes what it has last, so that the next {@linkcode PartFile.open} goes on here. */
  async checkpoint(): Promise<void> {
    await this.#file.sync();
    const record = { identity: this.#identity, etag: this.#etag, bytes: this.#bytes };
    await writeDurably(this.#recordPath, JSON.stringify(record satisfies PartRecord));
    this.#durableBytes = this.#bytes;
  }

  /** The digest of all its bytes, in hexadecimal digits. */
  sha256(): string {
    return this.#hash.copy().digest("hex");
  }

  /** Puts it in its place, complete and on the disk. */
  async finish(): Promise<void> {
    await this.#file.truncate(this.#bytes);
    await this.#file.sync();
    await Deno.rename(this.#path, this.#target);
    await Deno.remove(this.#recordPath).catch(() => {});
    await syncPath(parentOf(this.#target));
  }

  /** Removes it: its bytes are of no use to anybody. */
  async discard(): Promise<void> {
    await Deno.remove(this.#path);
    await Deno.remove(this.#recordPath).catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }

  async #resume({ bytes, etag }: PartRecord): Promise<void> {
    const { size } = await this.#file.stat();
    if (size < bytes) return;
    await this.#file.truncate(bytes);
    for await (const chunk of readChunks(this.#file)) this.#hash.update(chunk);
    this.#bytes = bytes;
    this.#durableBytes = bytes;
    this.#etag = etag;
  }

  get #path(): string {
    return `${this.#target}.part`;
  }

  get #recordPath(): string {
    return `${this.#target}.part.json`;
  }
}

/** Null when there is none, or none that can be understood. */
async function readRecord(path: string): Promise<PartRecord | null> {
  try {
    const { identity, etag, bytes } = JSON.parse(await Deno.readTextFile(path));
    const isRecord = typeof identity === "string" && Number.isSafeInteger(bytes) && bytes >= 0;
    return isRecord ? { identity, bytes, etag: typeof etag === "string" ? etag : null } : null;
  } catch {
    return null;
  }
}
