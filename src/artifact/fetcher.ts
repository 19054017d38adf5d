import { ArtifactError } from "../roll/effects.ts";
import { type Clock, withDeadline } from "../platform/clock.ts";
import type { Chosen } from "../source/choice/choice.ts";
import {
  type Asset as ListedAsset,
  type AssetBody,
  type Registry,
  RegistryError,
  type RegistryErrorKind,
} from "../source/registry.ts";
import { type Download, TransferError } from "./asset.ts";
import type { ChecksumFiles } from "./checksum.ts";
import { explainDisk } from "./disk_error.ts";
import { download, type Downloaded } from "./download.ts";
import { ArtifactRefusedError } from "./refused.ts";
import { removeOtherDownloads } from "./sweep.ts";
import type { Verifier } from "./verifier.ts";

/** A checksum or a signature is small: it has come by then, or will not. */
const SMALL_MS = 60_000;
const SMALL_TRIES = 3;
const SMALL_PAUSE_MS = 1000;

/** How a registry tells that a token or a key has ended; S3 answers 400. */
const MAY_HAVE_ENDED: readonly RegistryErrorKind[] = ["unauthorized", "invalid"];

/** The rest is about who asks, or when. */
const IS_ABOUT_BYTES: readonly RegistryErrorKind[] = ["not_found", "invalid"];

/** What is asked of an artifact. */
export interface FetcherOptions {
  readonly registry: Registry;
  /** Where downloads lie until they are unpacked. */
  readonly directory: string;
  readonly verifier: Pick<Verifier, "verify">;
  readonly maxArtifactBytes: number;
  readonly clock: Clock;
  /** Told now and then how far a download is. */
  readonly onProgress: (name: string, bytes: number, total: number | null) => void;
}

/** Brings artifacts here, and lets nobody have one that is not what it should be. */
export class Fetcher {
  readonly #options: FetcherOptions;

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  /**
   * Downloads the artifact of a release and checks it. Whoever asked removes the file.
   *
   * @throws {ArtifactError}
   * @throws The reason of `signal`, when it aborts.
   */
  async fetch(chosen: Chosen, signal: AbortSignal): Promise<Downloaded> {
    const { asset, release } = chosen;
    const path = `${this.#options.directory}/${fileName(release.tag, asset.name)}`;
    try {
      await Deno.mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
      await removeOtherDownloads(this.#options.directory, path);
      await using _turn = await this.#options.registry.reserve?.(asset, signal) ?? null;
      const downloaded = await download(
        this.#download(asset),
        { ...asset, version: release.tag },
        path,
        {
          signal,
          clock: this.#options.clock,
          maxBytes: this.#options.maxArtifactBytes,
          onProgress: (bytes, total) => this.#options.onProgress(asset.name, bytes, total),
        },
      );
      await this.#verify(chosen, downloaded, signal);
      return downloaded;
    } catch (error) {
      // Complete, and of no use: what is not complete lies beside it.
      await remove(path);
      signal.throwIfAborted();
      throw asArtifactError(explainDisk(`download ${asset.name} to ${path}`, error));
    }
  }

  async #verify(
    { asset, release }: Chosen,
    { path, sha256 }: Downloaded,
    signal: AbortSignal,
  ): Promise<void> {
    const files: ChecksumFiles = {
      names: release.assets.map(({ name }) => name),
      read: (name, maxBytes) => this.#readSmall(release.assets, name, maxBytes, signal),
    };
    await this.#options.verifier.verify({ tag: release.tag, asset, path, sha256 }, files, signal);
  }

  /** @throws {TransferError} When it is too long, or cannot be had. */
  async #readSmall(
    assets: readonly ListedAsset[],
    name: string,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const asset = assets.find((asset) => asset.name === name);
    if (asset === undefined) throw new TransferError(`There is no ${name}`, { canRetry: false });
    const { clock } = this.#options;
    for (let tries = 1;; tries++) {
      try {
        return await this.#readOnce(asset, maxBytes, signal);
      } catch (error) {
        signal.throwIfAborted();
        // Begun anew, all of the artifact would have to come once more.
        if (tries === SMALL_TRIES || !canRetry(error)) throw error;
      }
      await clock.sleep(SMALL_PAUSE_MS * tries, signal);
    }
  }

  async #readOnce(asset: ListedAsset, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
    const { clock } = this.#options;
    const bytes = await withDeadline(clock, SMALL_MS, signal, async (signal) => {
      const { body } = await this.#open(asset, 0, signal);
      return await readAll(asset.name, body, { maxBytes, signal });
    });
    if (bytes !== "timed_out") return bytes;
    const detail = `${asset.name} did not come within ${SMALL_MS / 1000} s`;
    throw new TransferError(detail, { canRetry: true });
  }

  #download(asset: ListedAsset): Download {
    return {
      open: async (offset, signal) => {
        try {
          return await this.#open(asset, offset, signal);
        } catch (error) {
          if (!(error instanceof RegistryError)) throw error;
          const canRetry = error.kind === "unreachable";
          const isPartGood = !IS_ABOUT_BYTES.includes(error.kind);
          throw new TransferError(error.message, { canRetry, isPartGood, cause: error });
        }
      },
    };
  }

  /** What tells who asks may end while bytes come; the registry has forgotten it by then. */
  async #open(asset: ListedAsset, offset: number, signal: AbortSignal): Promise<AssetBody> {
    const { registry } = this.#options;
    try {
      return await registry.fetch(asset, { offset, signal });
    } catch (error) {
      const mayHaveEnded = error instanceof RegistryError && MAY_HAVE_ENDED.includes(error.kind);
      if (!mayHaveEnded) throw error;
      signal.throwIfAborted();
      return await registry.fetch(asset, { offset, signal });
    }
  }
}

/** One name for one file of one version; whatever is in a tag leads nowhere else. */
function fileName(tag: string, name: string): string {
  return `${encodeURIComponent(tag)}--${encodeURIComponent(name)}`.slice(0, 200);
}

function asArtifactError(error: unknown): ArtifactError {
  const message = error instanceof Error ? error.message : String(error);
  return new ArtifactError(message, error instanceof ArtifactRefusedError, { cause: error });
}

async function readAll(
  name: string,
  body: ReadableStream<Uint8Array>,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = body.getReader();
  const giveUp = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.length;
      if (length > maxBytes) {
        throw new TransferError(`${name} has more than ${maxBytes} bytes`, { canRetry: false });
      }
      parts.push(new Uint8Array(part.value));
    }
    // A body that is cancelled looks like one that has ended.
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener("abort", giveUp);
    giveUp();
  }
  return await new Blob(parts).bytes();
}

/** What the registry will not have or not let us have, it will not have a second later. */
function canRetry(error: unknown): boolean {
  if (error instanceof RegistryError) return error.kind === "unreachable";
  return !(error instanceof TransferError) || error.canRetry;
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path).catch(() => {});
}
