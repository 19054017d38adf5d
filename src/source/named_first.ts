import { type Source, SourceError } from "../roll/effects.ts";
import type { ImageSource } from "./image_source.ts";

/** What no release is called, and every one may be. */
const MOVING_TAG = "latest";

/**
 * Where nothing is rolled to by itself, the first version is the one that is named already: a start
 * is no update. From then on the newest one is told.
 */
export class NamedFirst implements Source {
  readonly #images: Pick<ImageSource, "latest" | "find" | "idle">;
  readonly #named: () => Promise<string | null>;

  /** @param named The tag or digest that is named; null: none is. Rejects when it cannot be read. */
  constructor(
    images: Pick<ImageSource, "latest" | "find" | "idle">,
    named: () => Promise<string | null>,
  ) {
    this.#images = images;
    this.#named = named;
  }

  async latest(signal: AbortSignal, running: string | null): Promise<string> {
    const named = running === null ? await this.#read() : null;
    if (!named || named === MOVING_TAG) return await this.#images.latest(signal, running);
    const id = await this.#images.find(named.startsWith("sha256:") ? `@${named}` : named, signal);
    if (id !== null) return id;
    throw new SourceError("registry", `there is no image with the tag ${named}`);
  }

  idle(): Promise<void> {
    return this.#images.idle();
  }

  async #read(): Promise<string | null> {
    try {
      return await this.#named();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new SourceError("registry", message, { cause: error });
    }
  }
}
