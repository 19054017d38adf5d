import { EngineError } from "../../src/container/engine/engine_error.ts";
import type { ImageInfo } from "../../src/container/engine/image_info.ts";
import type { PullOptions } from "../../src/container/engine/pull.ts";
import { formatReference, type ImageReference } from "../../src/image/image_reference.ts";

/** What is in a registry, or on a host. */
export interface FakeImage {
  id: string;
  tags: string[];
  digests: string[];
  /** A container uses it. */
  isUsed?: boolean;
  ports?: readonly string[];
  labels?: Readonly<Record<string, string>>;
}

/** The images of a `FakeEngine`. */
export class FakeImages {
  readonly here: FakeImage[] = [];
  /** What can be pulled, by reference; an error: why not. */
  readonly registry = new Map<string, FakeImage | Error>();
  readonly pulled: { reference: string; login: PullOptions["login"] }[] = [];

  find(name: string): Promise<ImageInfo | null> {
    const found = this.here.find(({ id, tags, digests }) =>
      id === name || tags.includes(name) || digests.includes(name)
    );
    return Promise.resolve(found === undefined ? null : infoOf(found));
  }

  async inspect(name: string): Promise<ImageInfo> {
    const found = await this.find(name);
    if (found === null) throw new EngineError(`look at ${name}`, "not_found", "no such image", 404);
    return found;
  }

  async pull(
    reference: ImageReference,
    { login, onProgress }: PullOptions,
    signal: AbortSignal,
  ): Promise<ImageInfo> {
    signal.throwIfAborted();
    const name = formatReference(reference);
    this.pulled.push({ reference: name, login });
    const image = this.registry.get(name);
    if (image === undefined) throw new EngineError(`pull ${name}`, "not_found", "unknown", 404);
    if (image instanceof Error) throw image;
    for (const bytes of [25, 50, 100]) {
      onProgress?.({ bytes, totalBytes: 100 } as Parameters<typeof onProgress>[0]);
    }
    this.here.push(image);
    return await this.inspect(image.id);
  }

  list({ host, repository }: { host: string; repository: string }): Promise<ImageInfo[]> {
    const name = `${host}/${repository}:`;
    return Promise.resolve(
      this.here.filter(({ tags }) => tags.some((tag) => tag.startsWith(name))).map((image) => ({
        ...infoOf(image),
        // A list that was asked for by name tells no other names.
        tags: image.tags.filter((tag) => tag.startsWith(name)),
        digests: [],
      })),
    );
  }

  tag(id: string, reference: ImageReference): Promise<void> {
    const name = formatReference(reference);
    for (const image of this.here) image.tags = image.tags.filter((tag) => tag !== name);
    this.here.find((image) => image.id === id)!.tags.push(name);
    return Promise.resolve();
  }

  remove(name: string): Promise<boolean> {
    const at = this.here.findIndex(({ tags, digests }) => [...tags, ...digests].includes(name));
    const image = this.here[at];
    if (image === undefined) return Promise.resolve(false);
    const isLast = image.tags.length + image.digests.length === 1;
    if (isLast && image.isUsed) {
      throw new EngineError(`remove ${name}`, "conflict", "a container uses it", 409);
    }
    image.tags = image.tags.filter((tag) => tag !== name);
    image.digests = image.digests.filter((digest) => digest !== name);
    if (isLast) this.here.splice(at, 1);
    return Promise.resolve(true);
  }
}

function infoOf({ id, tags, digests, ports = ["8080/tcp"], labels = {} }: FakeImage): ImageInfo {
  return {
    ...{ id, tags: [...tags], digests: [...digests], createdAt: 0, sizeBytes: 1 },
    ...{ os: "linux", architecture: "amd64" },
    config: { exposedPorts: ports, labels } as unknown as ImageInfo["config"],
  };
}
