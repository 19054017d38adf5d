import { createHash } from "node:crypto";
import type { Asset } from "../source/registry.ts";
import { pieceKey, sha256Of, writeManifest } from "./manifest.ts";
import type { Store } from "./store.ts";

/** Puts an artifact into a store, piece by piece as it comes. */
export class ArtifactWriter {
  readonly #store: Store;
  readonly #key: string;
  readonly #piece: Uint8Array<ArrayBuffer>;
  readonly #digests: string[] = [];
  readonly #hash = createHash("sha256");
  #filled = 0;
  #bytes = 0;

  constructor(store: Store, key: string, pieceBytes: number) {
    this.#store = store;
    this.#key = key;
    this.#piece = new Uint8Array(pieceBytes);
  }

  /** How many have come. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @throws {StoreError} */
  async write(chunk: Uint8Array, signal: AbortSignal): Promise<void> {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    for (let rest = chunk; rest.length > 0;) {
      const part = rest.subarray(0, this.#piece.length - this.#filled);
      this.#piece.set(part, this.#filled);
      this.#filled += part.length;
      rest = rest.subarray(part.length);
      if (this.#filled === this.#piece.length) await this.#putPiece(signal);
    }
  }

  /**
   * From now on others find it, if it is all that the registry has announced.
   *
   * @throws {StoreError}
   */
  async finish(asset: Asset, totalBytes: number | null, signal: AbortSignal): Promise<void> {
    const size = this.#bytes;
    const sha256 = this.#hash.digest("hex");
    if ((asset.size ?? totalBytes ?? size) !== size) return;
    if ((asset.sha256?.toLowerCase() ?? sha256) !== sha256) return;
    if (this.#filled > 0) await this.#putPiece(signal);
    const pieceBytes = this.#piece.length;
    const manifest = writeManifest({ size, sha256, pieceBytes, pieces: this.#digests });
    await this.#store.put(this.#key, manifest, signal);
  }

  async #putPiece(signal: AbortSignal): Promise<void> {
    // The store may keep what it gets.
    const bytes = this.#piece.slice(0, this.#filled);
    const digest = await sha256Of(bytes);
    await this.#store.put(pieceKey(this.#key, this.#digests.length, digest), bytes, signal);
    this.#digests.push(digest);
    this.#filled = 0;
  }
}
