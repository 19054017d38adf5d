import type { ImageReference } from "../image/image_reference.ts";
import { formatVersion, readVersion } from "../image/image_version.ts";
import { type Source, SourceError } from "../roll/effects.ts";
import { RegistryError } from "./registry.ts";

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

/** A tag is not on this host. */
class MissingTagError extends Error {
  override readonly name = "MissingTagError";

  constructor(tag: string) {
    super(`there is no image with the tag ${tag} on this host`);
  }
}

/** Names the newest image by its tag and by what that stands for now: a tag that was moved is news. */
export class ImageSource implements Source {
  readonly #options: ImageSourceOptions;

  constructor(options: ImageSourceOptions) {
    this.#options = options;
  }

  async latest(signal: AbortSignal, running: string | null): Promise<string> {
    const { image } = this.#options;
    if (image.digest !== null) {
      return formatVersion({ tag: image.tag ?? "", digest: image.digest, isLocal: false });
    }
    const tag = await this.#tag(signal, running);
    return await asSource(signal, () => this.#pin(tag, signal));
  }

  /**
   * The version that people mean by a tag: what that stands for now.
   *
   * The `v` of a tag of git is often missing in the tag of its image, or the other way round: what is
   * not there is looked for in the other spelling, too.
   *
   * @param name What has a digest is a version already, and comes back as it is.
   * @returns Null: there is no such tag.
   * @throws {SourceError} When nobody can be asked.
   * @throws The signal's reason, when it aborts.
   */
  async find(name: string, signal: AbortSignal): Promise<string | null> {
    if (name.includes("@") || this.#options.image.digest !== null) return name;
    for (const tag of spellings(name)) {
      const version = await asSource(signal, () => this.#pin(tag, signal).catch(nullIfMissing));
      if (version !== null) return version;
    }
    return null;
  }

  async idle(): Promise<void> {
    await this.#options.tags?.idle();
  }

  /** @throws {MissingTagError | RegistryError} */
  async #pin(tag: string, signal: AbortSignal): Promise<string> {
    const { localId, digestOf } = this.#options;
    if (localId === undefined) {
      return formatVersion({ tag, digest: await digestOf(tag, signal), isLocal: false });
    }
    const digest = await localId(tag, signal);
    if (digest === null) throw new MissingTagError(tag);
    return formatVersion({ tag, digest, isLocal: true });
  }

  async #tag(signal: AbortSignal, running: string | null): Promise<string> {
    const { tags, image } = this.#options;
    if (tags === null) return image.tag ?? "latest";
    return await tags.latest(signal, running === null ? null : readVersion(running).tag);
  }
}

/** @throws {SourceError} In place of whatever `work` throws. */
async function asSource<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    throw new SourceError("registry", message, { cause: error });
  }
}

function nullIfMissing(error: unknown): null {
  const isMissing = error instanceof MissingTagError ||
    (error instanceof RegistryError && error.kind === "not_found");
  if (isMissing) return null;
  throw error;
}

/** `v1.2` and `1.2`, the given one first. */
function spellings(tag: string): readonly string[] {
  if (/^v\d/.test(tag)) return [tag, tag.slice(1)];
  return /^\d/.test(tag) ? [tag, `v${tag}`] : [tag];
}
