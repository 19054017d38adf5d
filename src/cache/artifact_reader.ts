import type { Asset, AssetBody } from "../source/registry.ts";
import { type Manifest, pieceKey, readManifest, sha256Of } from "./manifest.ts";
import { type Store, StoreError } from "./store.ts";

/** Reads an artifact out of a store; every piece is checked before anybody gets it. */
export class ArtifactReader {
  readonly #store: Store;
  readonly #key: string;
  readonly #manifest: Manifest;

  /**
   * Null: the store does not have this asset.
   *
   * @throws {StoreError}
   */
  static async open(
    store: Store,
    key: string,
    asset: Asset,
    signal: AbortSignal,
  ): Promise<ArtifactReader | null> {
    const bytes = await store.get(key, signal);
    const manifest = bytes === null ? null : readManifest(bytes);
    if (manifest === null || !isOf(manifest, asset)) return null;
    return new ArtifactReader(store, key, manifest);
  }

  private constructor(store: Store, key: string, manifest: Manifest) {
    this.#store = store;
    this.#key = key;
    this.#manifest = manifest;
  }

  /**
   * The bytes from `offset` on.
   *
   * @param onTrouble Told when a piece is missing or not what it should be; the body fails then.
   * @throws {StoreError} When that is so with the first one.
   */
  async read(
    offset: number,
    signal: AbortSignal,
    onTrouble: (error: unknown) => void,
  ): Promise<AssetBody> {
    const { size, pieceBytes, pieces } = this.#manifest;
    let index = Math.floor(offset / pieceBytes);
    const take = async () => index < pieces.length ? await this.#piece(index++, signal) : null;
    const skip = offset - index * pieceBytes;
    let next = (await take())?.subarray(skip) ?? null;
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>) => {
      if (next === null) return controller.close();
      // Who asks for what follows the end gets nothing.
      if (next.length > 0) controller.enqueue(next);
      try {
        next = await take();
      } catch (error) {
        onTrouble(error);
        throw error;
      }
      if (next === null) controller.close();
    };
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    return { body, offset, totalBytes: size, etag: null };
  }

  async #piece(index: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const digest = this.#manifest.pieces[index]!;
    const bytes = await this.#store.get(pieceKey(this.#key, index, digest), signal);
    if (bytes !== null && await sha256Of(bytes) === digest) return bytes;
    const detail = bytes === null ? "is missing" : "is not what it was";
    throw new StoreError(
      `Cannot use ${this.#key} of ${this.#store.name}: piece ${index} ${detail}`,
    );
  }
}

/** Another file of the same name may have been published since. */
function isOf({ size, sha256 }: Manifest, asset: Asset): boolean {
  return (asset.size ?? size) === size && (asset.sha256?.toLowerCase() ?? sha256) === sha256;
}
