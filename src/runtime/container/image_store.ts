import { abortable } from "@std/async/abortable";
import type { Engine } from "../../container/engine/engine.ts";
import { EngineError } from "../../container/engine/engine_error.ts";
import type { ImageInfo } from "../../container/engine/image_info.ts";
import type { PullProgress } from "../../container/engine/pull_tally.ts";
import { formatReference, formatRepository, parseReference } from "../../image/image_reference.ts";
import { readVersion } from "../../image/image_version.ts";
import type { Log } from "../../platform/log.ts";
import { ArtifactError, type Artifacts } from "../../roll/effects.ts";
import type { Login } from "../../source/oci/login.ts";
import { imagePart } from "./engine_names.ts";
import type { KnownImages } from "./known_images.ts";

/** Nobody else has images under it; those that we need have a name there, or a cleaner takes them. */
const KEPT = "liveroll-keep";

/** Enough to tell images of one application apart. */
const SHORT_DIGEST = 20;

/** How images are kept. */
export interface ImageStoreOptions {
  readonly engine: Pick<Engine, "images">;
  readonly app: string;
  readonly images: KnownImages;
  /** Host of the registry, for logins. */
  login(signal: AbortSignal): Promise<Login | null>;
  /** Looks whether the image of a version may be run; throws {@linkcode ArtifactError} if not. */
  verify?: (id: string, signal: AbortSignal) => Promise<void>;
  /** Hears of each image before a version is started from it. */
  onImage?: (image: ImageInfo) => void;
  /** Tags of versions are put on images here by us, and go with them. @default {false} */
  readonly ownsTags?: boolean;
  /** Good versions whose images are kept, besides those in use. */
  readonly keep: number;
  /** Versions that run, or may have to come back; then the good ones, the newest first. */
  wanted(): { inUse: Iterable<string>; good: readonly string[] };
  readonly log: Log;
}

/** The images of versions on this host: pulled by digest, and kept from those who clean up. */
export class ImageStore implements Artifacts {
  readonly #options: ImageStoreOptions;
  /** Tags of versions that were brought here. */
  readonly #tags = new Set<string>();
  #pruning = Promise.resolve();

  constructor(options: ImageStoreOptions) {
    this.#options = options;
  }

  /** Somebody may have removed it since we looked. */
  has(): boolean {
    return false;
  }

  async fetch(id: string, signal: AbortSignal): Promise<void> {
    const { engine, images, verify } = this.#options;
    const reference = images.reference(id);
    const { isLocal, tag } = readVersion(id);
    this.#tags.add(tag);
    try {
      // What is seen here could be on the list of what goes.
      await abortable(this.#pruning, signal);
      let info = await engine.images.find(reference, signal);
      if (info === null) {
        if (isLocal) {
          throw new ArtifactError(`image ${reference} is not on this host any more`, false);
        }
        info = await this.#pull(reference, signal);
      }
      await verify?.(id, signal);
      await this.#hold(info, signal);
      this.#options.onImage?.(info);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ArtifactError) throw error;
      const message = error instanceof Error ? error.message : String(error);
      throw new ArtifactError(message, false, { cause: error });
    }
  }

  /** Removes images of ours that nobody needs. Never rejects. */
  prune(): Promise<void> {
    return this.#pruning = this.#pruning.then(() => this.#prune()).catch((error) => {
      const message = error instanceof Error ? error.message : String(error);
      this.#options.log.warn(`Old images are not removed: ${message}`);
    });
  }

  /** Resolves when nothing is being removed any more. */
  idle(): Promise<void> {
    return this.#pruning;
  }

  async #pull(reference: string, signal: AbortSignal): Promise<ImageInfo> {
    const { engine, login, log } = this.#options;
    log.info(`Pulling ${reference}`, { event: "image.pulling", image: reference });
    const options = { login: await login(signal), onProgress: progress(log) };
    return await engine.images.pull(parseReference(reference), options, signal);
  }

  /** With a name of ours nobody takes it for a leftover of a tag that moved. */
  async #hold(info: ImageInfo, signal: AbortSignal): Promise<void> {
    const name = this.#nameOf(info.id);
    if (info.tags.includes(formatReference({ ...name, digest: null }))) return;
    await this.#options.engine.images.tag(info.id, { ...name, digest: null }, signal);
  }

  #nameOf(imageId: string) {
    const tag = imageId.replace(/^sha256:/, "").slice(0, SHORT_DIGEST);
    return { host: "docker.io", repository: `${KEPT}/${imagePart(this.#options.app)}`, tag };
  }

  async #prune(): Promise<void> {
    const { engine } = this.#options;
    const signal = AbortSignal.timeout(60_000);
    const needed = await this.#needed(signal);
    for (const { id } of await engine.images.list(this.#nameOf(""), signal)) {
      if (needed.has(id)) continue;
      try {
        await this.#remove(id, signal);
      } catch (error) {
        // A container uses it: of somebody else, or one that is still to be replaced.
        if (!(error instanceof EngineError && error.kind === "conflict")) throw error;
      }
    }
  }

  /** Ids of images that have to stay. */
  async #needed(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { engine, images, wanted, keep } = this.#options;
    const { inUse, good } = wanted();
    const used = new Set(inUse);
    const spare = good.filter((version) => !used.has(version)).slice(0, keep);
    for (const version of good) this.#tags.add(readVersion(version).tag);
    const ids = new Set<string>();
    for (const version of [...used, ...spare]) {
      const info = await engine.images.find(images.reference(version), signal);
      if (info !== null) ids.add(info.id);
    }
    return ids;
  }

  async #remove(id: string, signal: AbortSignal): Promise<void> {
    const { engine, images, ownsTags = false, log } = this.#options;
    // A list that was asked for by name tells no other names.
    const { tags, digests } = await engine.images.inspect(id, signal);
    const ours = formatReference({ ...this.#nameOf(id), digest: null });
    const here = formatRepository(images.repository);
    const versions = ownsTags ? [...this.#tags].map((tag) => `${here}:${tag}`) : [];
    const pinned = tags.filter((tag) => versions.includes(tag));
    // Under whatever name somebody else has brought it here, it is theirs.
    const isTheirs = tags.some((tag) => tag !== ours && !pinned.includes(tag)) ||
      digests.some((name) => !name.startsWith(`${here}@`));
    // By our name it is found again, so that goes last.
    for (const name of isTheirs ? [ours] : [...digests, ...pinned, ours]) {
      await engine.images.remove(name, signal);
    }
    log.info(`Removed image ${digests[0] ?? id}`, { event: "image.removed", image: id });
  }
}

function progress(log: Log): (progress: PullProgress) => void {
  let told = 0;
  return ({ bytes, totalBytes }) => {
    if (totalBytes === 0) return;
    const quarters = Math.floor((bytes / totalBytes) * 4);
    if (quarters <= told) return;
    told = quarters;
    log.info(`Pulled ${quarters * 25} % of ${totalBytes} bytes so far`);
  };
}
