import type { ImageReference } from "../container/image_reference.ts";
import { type Source, SourceError } from "../roll/effects.ts";
import { formatVersion, readVersion } from "../runtime/container/known_images.ts";

/** Where images are looked up. */
export interface ImageSourceOptions {
  readonly image: ImageReference;
  /** Names the newest tag; null: the tag of `image` is watched. */
  readonly tags: Source | null;
  /** The digest that a tag stands for in its registry. */
  digestOf(tag: string, signal: AbortSignal): Promise<string>;
  /** The id of an image on this host; null: there is none. Asked in place of the registry if given. */
  localId?: (tag: string, signal: AbortSignal) => Promise<string | null>;
}

/** Names the newest image by its tag and by what that stands for now: a tag that was moved is news. */
export class ImageSource implements Source {
  readonly #options: ImageSourceOptions;

  constructor(options: ImageSourceOptions) {
    this.#options = options;
  }

  async latest(signal: AbortSignal, running: string | null): Promise<string> {
    const { image, localId } = this.#options;
    if (image.digest !== null) {
      return formatVersion({ tag: image.tag ?? "", digest: image.digest, isLocal: false });
    }
    const tag = await this.#tag(signal, running);
    try {
      if (localId === undefined) {
        const digest = await this.#options.digestOf(tag, signal);
        return formatVersion({ tag, digest, isLocal: false });
      }
      const digest = await localId(tag, signal);
      if (digest === null) throw new Error(`there is no image with the tag ${tag} on this host`);
      return formatVersion({ tag, digest, isLocal: true });
    } catch (error) {
      signal.throwIfAborted();
      const message = error instanceof Error ? error.message : String(error);
      throw new SourceError("registry", message, { cause: error });
    }
  }

  async idle(): Promise<void> {
    await this.#options.tags?.idle();
  }

  async #tag(signal: AbortSignal, running: string | null): Promise<string> {
    const { tags, image } = this.#options;
    if (tags === null) return image.tag ?? "latest";
    return await tags.latest(signal, running === null ? null : readVersion(running).tag);
  }
}
