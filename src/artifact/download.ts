import { type Clock, systemClock, withDeadline } from "../platform/clock.ts";
import { requireSpace, type SpaceOptions } from "../platform/disk_space.ts";
import { type Asset, type AssetBody, type Download, TransferError } from "./asset.ts";
import { DiskError, explainDisk } from "./disk_error.ts";
import { PartFile } from "./part_file.ts";
import { ArtifactRefusedError } from "./refused.ts";

const MIB = 1024 * 1024;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** Less than this within a stall timeout is no transfer: nothing else would ever get its turn. */
const LEAST_BYTES = 32 * 1024;

/** How {@linkcode download} goes about it. */
export interface DownloadOptions {
  readonly signal?: AbortSignal;
  /** The largest file that is taken, whatever the registry says of its size. */
  readonly maxBytes?: number;
  /** Without a byte for so long, or with less than 32 KiB, a transfer counts as failed. */
  readonly stallTimeoutMs?: number;
  /** How often it is tried in all. */
  readonly tries?: number;
  readonly space?: Partial<SpaceOptions>;
  readonly clock?: Clock;
  /** Told how many bytes there are, and how many there will be. */
  readonly onProgress?: (bytes: number, total: number | null) => void;
}

/** A file that is complete, in its place and on the disk. */
export interface Downloaded {
  readonly path: string;
  readonly bytes: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

type Settings = Required<Omit<DownloadOptions, "space">> & { readonly space: SpaceOptions };

/**
 * Fetches an asset into the file `path`, in memory of a few hundred kilobytes. What has come when it
 * fails or is called off stays beside it as `path.part`; the next call for the same version goes on
 * there.
 *
 * @throws {ArtifactRefusedError} When it is too large, or not what the registry vouches for.
 * @throws {DiskFullError} When there is no room for it.
 * @throws {DiskError} When the disk takes no more of it, though there was room; nothing stays then.
 * @throws {TransferError} When it cannot be had.
 */
export async function download(
  source: Download,
  asset: Asset,
  path: string,
  options: DownloadOptions = {},
): Promise<Downloaded> {
  const settings = withDefaults(options);
  checkSize(asset, asset.size, settings);
  const { version, name, size, sha256 } = asset;
  try {
    await using part = await PartFile.open(path, JSON.stringify([version, name, size, sha256]));
    return await new Transfer(source, asset, part, settings).run(path);
  } catch (error) {
    throw explainDisk(`write ${path}.part`, error);
  }
}

function withDefaults(options: DownloadOptions): Settings {
  return {
    signal: new AbortController().signal,
    maxBytes: 512 * MIB,
    stallTimeoutMs: 30_000,
    tries: 5,
    clock: systemClock,
    onProgress: () => {},
    ...options,
    space: { marginBytes: 64 * MIB, ...options.space },
  };
}

function checkSize({ name }: Asset, bytes: number | null, { maxBytes }: Settings): void {
  if (bytes === null || bytes <= maxBytes) return;
  const detail = `it has ${bytes} bytes or more, and ${maxBytes} are allowed`;
  throw new ArtifactRefusedError("too_large", `Cannot download ${name}: ${detail}`);
}

/** One asset on its way into one file. */
class Transfer {
  readonly #source: Download;
  readonly #asset: Asset;
  readonly #part: PartFile;
  readonly #settings: Settings;

  constructor(source: Download, asset: Asset, part: PartFile, settings: Settings) {
    this.#source = source;
    this.#asset = asset;
    this.#part = part;
    this.#settings = settings;
  }

  async run(path: string): Promise<Downloaded> {
    const wasBegun = this.#part.bytes > 0;
    try {
      await this.#fetch(path);
      if (wasBegun && !this.#isAsVouchedFor()) {
        // What was there before may be what is wrong.
        await this.#part.restart(null);
        await this.#fetch(path);
      }
    } catch (error) {
      await this.#keepOrDiscard(error);
      throw error;
    }
    await this.#requireDigest();
    const { bytes } = this.#part;
    const sha256 = this.#part.sha256();
    await this.#part.finish();
    return { path, bytes, sha256 };
  }

  async #fetch(path: string): Promise<void> {
    const { clock, signal, tries } = this.#settings;
    if (this.#isComplete() && this.#asset.sha256 !== null) return;
    await this.#requireSpace(path, this.#asset.size);
    for (let failures = 0;;) {
      const failure = await this.#try(path);
      if (failure === null) return;
      if (++failures >= tries || !failure.canRetry) throw failure;
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
      await clock.sleep(pauseMs, signal);
    }
  }

  /** Null when all bytes are there. */
  async #try(path: string): Promise<TransferError | null> {
    const { signal } = this.#settings;
    signal.throwIfAborted();
    const call = new AbortController();
    const onAbort = () => call.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await this.#receive(path, await this.#open(call.signal));
      return null;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TransferError) return error;
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
      call.abort();
    }
  }

  /** A body that goes on where the part ends. */
  async #open(signal: AbortSignal): Promise<AssetBody> {
    if (this.#isComplete()) await this.#part.restart(null);
    const answer = await this.#ask(this.#part.bytes, signal);
    const { bytes } = this.#part;
    if (bytes > 0 && answer.offset === bytes && this.#isSame(answer)) return answer;
    if (answer.offset === 0) {
      await this.#part.restart(answer.etag);
      return answer;
    }
    await answer.body.cancel().catch(() => {});
    if (bytes === 0) throw this.#failed(`the answer begins at byte ${answer.offset}`);
    await this.#part.restart(null);
    return await this.#open(signal);
  }

  /** Whether an answer goes on with what is there; a digest tells later, if it does not. */
  #isSame({ etag }: AssetBody): boolean {
    if (etag !== null && this.#part.etag !== null) return etag === this.#part.etag;
    return this.#asset.sha256 !== null;
  }

  async #ask(offset: number, signal: AbortSignal): Promise<AssetBody> {
    const open = this.#source.open(offset, signal);
    return await this.#inTime(open, (late) => void late.body.cancel().catch(() => {}));
  }

  async #receive(path: string, { body, totalBytes }: AssetBody): Promise<void> {
    const total = this.#asset.size ?? totalBytes;
    const reader = body.getReader();
    try {
      checkSize(this.#asset, total, this.#settings);
      await this.#requireSpace(path, total);
      await this.#drain(reader, total);
    } finally {
      await reader.cancel().catch(() => {});
    }
    const { bytes } = this.#part;
    if (total !== null && bytes < total) throw this.#failed(`it ended after ${bytes} bytes`);
  }

  async #requireSpace(path: string, total: number | null): Promise<void> {
    await requireSpace(path, (total ?? 0) - this.#part.bytes, this.#settings.space);
  }

  async #drain(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    total: number | null,
  ): Promise<void> {
    const { clock, onProgress, stallTimeoutMs } = this.#settings;
    let [markedAt, marked] = [clock.now(), this.#part.bytes];
    for (;;) {
      const { done, value } = await this.#inTime(reader.read());
      if (done) return;
      if (clock.now() - markedAt >= stallTimeoutMs) {
        if (this.#part.bytes - marked < LEAST_BYTES) throw this.#tooSlow();
        [markedAt, marked] = [clock.now(), this.#part.bytes];
      }
      const bytes = this.#part.bytes + value.length;
      checkSize(this.#asset, bytes, this.#settings);
      if (total !== null && bytes > total) throw this.#tooLong(total);
      await this.#part.write(value);
      onProgress(bytes, total);
    }
  }

  /** @throws {TransferError} For whatever `work` throws, or when it takes too long. */
  async #inTime<T>(work: Promise<T>, abandon: (late: T) => void = () => {}): Promise<T> {
    const { clock, signal, stallTimeoutMs } = this.#settings;
    let result: T | "timed_out";
    try {
      result = await withDeadline(clock, stallTimeoutMs, signal, () => work);
    } catch (error) {
      work.then(abandon, () => {});
      throw error instanceof TransferError ? error : this.#failed(describe(error), error);
    }
    if (result !== "timed_out") return result;
    work.then(abandon, () => {});
    throw this.#failed(`there was not a byte for ${stallTimeoutMs / 1000} s`);
  }

  /** What came stays for the next time, unless it may be what is in the way. */
  async #keepOrDiscard(error: unknown): Promise<void> {
    const isInTheWay = error instanceof ArtifactRefusedError ||
      error instanceof TransferError && !error.isPartGood;
    if (isInTheWay) return await this.#part.discard();
    // What matters is the first error. On a disk that is full, others need the room.
    const isDisk = explainDisk("", error) instanceof DiskError;
    await (isDisk ? this.#part.discard() : this.#part.checkpoint()).catch(() => {});
  }

  /** There is nothing left to ask for. */
  #isComplete(): boolean {
    return this.#part.bytes > 0 && this.#part.bytes === this.#asset.size;
  }

  #isAsVouchedFor(): boolean {
    const { sha256 } = this.#asset;
    return sha256 === null || sha256.toLowerCase() === this.#part.sha256();
  }

  async #requireDigest(): Promise<void> {
    if (this.#isAsVouchedFor()) return;
    const found = this.#part.sha256();
    await this.#part.discard();
    throw new ArtifactRefusedError(
      "checksum",
      `Cannot use ${this.#asset.name}: its SHA-256 is ${found}, and the registry vouches for ` +
        `${this.#asset.sha256}`,
    );
  }

  #tooSlow(): TransferError {
    const { stallTimeoutMs } = this.#settings;
    return this.#failed(`fewer than ${LEAST_BYTES} bytes came in ${stallTimeoutMs / 1000} s`);
  }

  #failed(detail: string, cause?: unknown): TransferError {
    return new TransferError(`Cannot download ${this.#asset.name}: ${detail}`, {
      canRetry: true,
      cause,
    });
  }

  /** Somebody replaces it just now; the next look at the registry tells its new size. */
  #tooLong(total: number): TransferError {
    return new TransferError(
      `Cannot download ${this.#asset.name}: more came than the ${total} bytes that it has`,
      { canRetry: false },
    );
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
