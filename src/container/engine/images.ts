import {
  formatReference,
  formatRepository,
  formatShortRepository,
  type ImageReference,
  type ImageRepository,
} from "../../image/image_reference.ts";
import { isNotFound } from "./engine_error.ts";
import { type ImageInfo, type ImageSummary, readImage, readImageSummary } from "./image_info.ts";
import { listOf, Members } from "./members.ts";
import { pullImage, type PullOptions } from "./pull.ts";
import type { Transport } from "./transport.ts";

/** The images of an engine. They are named by reference or by id. */
export class Images {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** @throws {EngineError} `not_found`, among others. */
  async inspect(name: string, signal: AbortSignal): Promise<ImageInfo> {
    const what = `look at image ${name}`;
    const path = `${pathOf(name)}/json`;
    return readImage(new Members(await this.#transport.ask({ what, method: "GET", path, signal })));
  }

  /** As {@linkcode Images.inspect}; null: it is not on this host. */
  async find(name: string, signal: AbortSignal): Promise<ImageInfo | null> {
    try {
      return await this.inspect(name, signal);
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  /**
   * Brings an image here; layers that are here already are not fetched again.
   *
   * @returns What is here now by that name.
   * @throws {EngineError} `not_found`: the registry has no such image; `unauthorized`: it wants a
   * login, or another one.
   * @throws {EngineUnreachableError} When the engine goes away meanwhile.
   */
  async pull(
    reference: ImageReference,
    options: PullOptions,
    signal: AbortSignal,
  ): Promise<ImageInfo> {
    await pullImage(this.#transport, reference, options, signal);
    return await this.inspect(formatReference(reference), signal);
  }

  /** Those of a repository, by whatever tag or digest, the newest first. */
  async list(
    repository: ImageRepository,
    signal: AbortSignal,
  ): Promise<readonly ImageSummary[]> {
    const name = formatRepository(repository);
    const answer = await this.#transport.ask({
      what: `list images of ${name}`,
      method: "GET",
      path: "/images/json",
      // Docker compares short names only, Podman any.
      query: { filters: JSON.stringify({ reference: [formatShortRepository(repository)] }) },
      signal,
    });
    // Podman finds whatever has the name in it.
    const images = listOf(answer).map(readImageSummary).filter((image) => isNamed(image, name));
    return images.toSorted((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0));
  }

  /** Gives an image one more name; a name that led elsewhere leads here then. */
  async tag(
    name: string,
    { host, repository, tag }: ImageReference & { readonly tag: string },
    signal: AbortSignal,
  ): Promise<void> {
    const repo = formatRepository({ host, repository });
    await this.#transport.ask({
      what: `tag image ${name} as ${repo}:${tag}`,
      method: "POST",
      path: `${pathOf(name)}/tag`,
      query: { repo, tag },
      signal,
    });
  }

  /**
   * Removes a name, and the image with its last one; by id: the image, if it has one name at most.
   *
   * @returns False: there is no such image any more.
   * @throws {EngineError} `conflict`: a container uses it, running or not.
   */
  async remove(name: string, signal: AbortSignal): Promise<boolean> {
    const what = `remove image ${name}`;
    try {
      await this.#transport.ask({ what, method: "DELETE", path: pathOf(name), signal });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
}

function isNamed({ tags, digests }: ImageSummary, repository: string): boolean {
  return tags.some((tag) => tag.startsWith(`${repository}:`)) ||
    digests.some((digest) => digest.startsWith(`${repository}@`));
}

/** A name with slashes in it is part of the path as it is. */
function pathOf(name: string): string {
  return `/images/${name.split("/").map(encodeURIComponent).join("/")}`;
}
