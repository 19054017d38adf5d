import {
  formatReference,
  formatRepository,
  type ImageRepository,
} from "../../image/image_reference.ts";
import { type AssetBody, type Registry, RegistryError, type Release } from "../registry.ts";
import type { Access } from "./access.ts";
import type { ImagePlace } from "./image_place.ts";
import { MANIFEST_TYPES, manifestDigest } from "./manifest_digest.ts";
import { readTags } from "./tag_list.ts";

/** The one asset of an image. */
const IMAGE_ASSET = "image";

/**
 * The tags of an image repository as releases. Images are brought here by an engine, not by us: each
 * release has one asset, which names the image and cannot be fetched.
 */
export class OciRegistry implements Registry {
  readonly hasFiles = false;
  readonly #name: ImageRepository;
  readonly #base: string;
  readonly #access: Access;

  constructor(name: ImageRepository, { url, repository }: ImagePlace, access: Access) {
    this.#name = name;
    this.#base = `${url}/v2/${repository}`;
    this.#access = access;
  }

  async releases(signal: AbortSignal): Promise<readonly Release[]> {
    const tags = await readTags(this.#base, (url) => this.#access.ask({ url, signal }));
    return tags.map((tag) => this.#release(tag));
  }

  fetch(): Promise<AssetBody> {
    const what = `Cannot fetch ${formatRepository(this.#name)}`;
    const why = "an image is no file, an engine has to pull it";
    return Promise.reject(new RegistryError("invalid", `${what}: ${why}`));
  }

  /** Nothing can be put beside an image. */
  report(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * The image that a tag stands for now, whatever it will stand for later.
   *
   * @returns `HOST/REPO@sha256:…`
   * @throws {RegistryError}
   */
  async pinned(tag: string, signal: AbortSignal): Promise<string> {
    const url = `${this.#base}/manifests/${encodeURIComponent(tag)}`;
    const headers = { accept: MANIFEST_TYPES };
    const digest = await manifestDigest((method) =>
      this.#access.ask({ url, method, headers, signal })
    );
    return formatReference({ ...this.#name, tag: null, digest });
  }

  #release(tag: string): Release {
    const asset = { name: IMAGE_ASSET, size: null, sha256: null, isChosen: true };
    const ref = formatReference({ ...this.#name, tag, digest: null });
    // When a tag was put there, the list does not say.
    return { tag, publishedAt: null, assets: [{ ...asset, ref }] };
  }
}
