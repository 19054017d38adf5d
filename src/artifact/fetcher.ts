import { ArtifactError } from "../roll/effects.ts";
import type { Chosen } from "../source/choice/choice.ts";
import { type Asset as ListedAsset, type Registry, RegistryError } from "../source/registry.ts";
import { type Download, TransferError } from "./asset.ts";
import type { ChecksumFiles } from "./checksum.ts";
import { download, type Downloaded } from "./download.ts";
import { ArtifactRefusedError } from "./refused.ts";
import type { Verifier } from "./verifier.ts";

/** What is asked of an artifact. */
export interface FetcherOptions {
  readonly registry: Registry;
  /** Where downloads lie until they are unpacked. */
  readonly directory: string;
  readonly verifier: Pick<Verifier, "verify">;
  readonly maxArtifactBytes: number;
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
      await using _turn = await this.#options.registry.reserve?.(asset, signal) ?? null;
      const downloaded = await download(
        this.#download(asset),
        { ...asset, version: release.tag },
        path,
        {
          signal,
          maxBytes: this.#options.maxArtifactBytes,
          onProgress: (bytes, total) => this.#options.onProgress(asset.name, bytes, total),
        },
      );
      await this.#verify(chosen, downloaded, signal);
      return downloaded;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ArtifactRefusedError) await remove(path);
      throw asArtifactError(error);
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
    const { body } = await this.#options.registry.fetch(asset, { offset: 0, signal });
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for await (const part of body) {
      length += part.length;
      if (length > maxBytes) {
        throw new TransferError(`${name} has more than ${maxBytes} bytes`, { canRetry: false });
      }
      parts.push(part);
    }
    return await new Blob(parts).bytes();
  }

  #download(asset: ListedAsset): Download {
    return {
      open: async (offset, signal) => {
        try {
          return await this.#options.registry.fetch(asset, { offset, signal });
        } catch (error) {
          if (!(error instanceof RegistryError)) throw error;
          const canRetry = error.kind === "unreachable";
          throw new TransferError(error.message, { canRetry, cause: error });
        }
      },
    };
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

async function remove(path: string): Promise<void> {
  await Deno.remove(path).catch(() => {});
}
