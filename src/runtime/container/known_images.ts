import type { ContainerInfo } from "../../container/engine/container_info.ts";
import {
  formatReference,
  type ImageReference,
  type ImageRepository,
} from "../../image/image_reference.ts";
import { readVersion } from "../../image/image_version.ts";

/** Nothing listens on it. */
const UNKNOWN = 0;

/** What is asked of an engine. */
export interface ImageShelf {
  /**
   * Ports that an image says it listens on, for example `8080/tcp`; null: there is no such image.
   *
   * @param reference Or its id.
   */
  exposedPorts(reference: string, signal: AbortSignal): Promise<readonly string[] | null>;
}

/** Tells which image a version is, and which port it listens on. */
export class KnownImages {
  readonly #shelf: ImageShelf;
  readonly #image: ImageReference;
  readonly #port: number | null;
  readonly #ports = new Map<string, number>();

  /**
   * @param image The repository that versions are from; its tag and digest do not matter.
   * @param port What the operator says; null: what the image says.
   */
  constructor(shelf: ImageShelf, image: ImageReference, port: number | null) {
    this.#shelf = shelf;
    this.#image = image;
    this.#port = port;
  }

  /** Where they all are from. */
  get repository(): ImageRepository {
    return this.#image;
  }

  /**
   * What the engine is asked to run: never a tag, which may lead somewhere else by now.
   *
   * @param id `TAG@sha256:…`, or `TAG@ID` with the id of an image that is only on this host.
   */
  reference(id: string): string {
    const { tag, digest, isLocal } = readVersion(id);
    if (isLocal) return digest;
    return formatReference({
      ...this.#image,
      tag: digest === "" ? tag : null,
      digest: digest || null,
    });
  }

  /**
   * Looks which port the image of a version listens on.
   *
   * @throws {Error} When it is not here, or does not say; the message has the fix.
   */
  async lookAt(id: string, signal: AbortSignal): Promise<void> {
    if (this.#port !== null || this.#ports.has(id)) return;
    const reference = this.reference(id);
    const exposed = await this.#shelf.exposedPorts(reference, signal);
    if (exposed === null) throw new Error(`image ${reference} is not on this host`);
    const ports = tcpPorts(exposed);
    const [only] = ports;
    if (only === undefined || ports.length > 1) {
      const what = ports.length === 0 ? "no TCP port" : ports.join(" and ");
      throw new Error(`image ${reference} exposes ${what}: give --container-port`);
    }
    this.#ports.set(id, Number.parseInt(only));
  }

  /**
   * Looks which port containers listen on that were found again. They say what they are: the version
   * may have another name by now, and need not be here under that.
   *
   * @param imageId What they really run.
   */
  async lookAtFound(id: string, imageId: string, signal: AbortSignal): Promise<void> {
    if (this.portOf(id) !== UNKNOWN) return;
    const exposed = await this.#shelf.exposedPorts(imageId, signal);
    this.#learn(id, tcpPorts(exposed ?? []));
  }

  /** The port that containers of a version listen on; it was looked at before. */
  portOf(id: string): number {
    return this.#port ?? this.#ports.get(id) ?? UNKNOWN;
  }

  /** {@linkcode KnownImages.portOf}; where its image does not say, the one that a container publishes. */
  portIn({ ports }: Pick<ContainerInfo, "ports">, id: string): number {
    if (this.portOf(id) === UNKNOWN) {
      this.#learn(
        id,
        tcpPorts(ports.map(({ container }) => container)),
      );
    }
    return this.portOf(id);
  }

  #learn(id: string, ports: readonly string[]): void {
    const [only, second] = ports;
    if (only !== undefined && second === undefined) this.#ports.set(id, Number.parseInt(only));
  }
}

function tcpPorts(ports: readonly string[]): readonly string[] {
  return [...new Set(ports)].filter((port) => port.endsWith("/tcp"));
}
