import type { EnvPin } from "../../compose/dotenv/pin.ts";
import { requireService } from "../../compose/model.ts";
import type { ComposeProgram } from "../../compose/program/compose_program.ts";
import type { ComposeStack } from "../../compose/program/stack.ts";
import type { Engine } from "../../container/engine/engine.ts";
import { type ImageReference, parseImageName } from "../../image/image_reference.ts";
import { readVersion } from "../../image/image_version.ts";
import type { KnownImages } from "../container/known_images.ts";

/** What names the image in an environment file. */
export interface ImagePinOptions {
  readonly engine: Pick<Engine, "images">;
  readonly compose: Pick<ComposeProgram, "config">;
  readonly pin: EnvPin;
  readonly key: string;
  readonly services: readonly string[];
  readonly image: ImageReference;
  readonly images: KnownImages;
}

/** Lets a variable of the environment file name the image of a version: by its tag or its digest. */
export class ImagePin {
  readonly #options: ImagePinOptions;
  /** The version that served last; null: none has yet. */
  #served: string | null = null;

  constructor(options: ImagePinOptions) {
    this.#options = options;
  }

  /**
   * Names a version, before compose is asked to start it.
   *
   * @throws {Error} When the file cannot be changed, or compose would run something else; the file
   * is as it was then.
   */
  async apply(id: string, stack: ComposeStack, signal: AbortSignal): Promise<void> {
    const { engine, image, images } = this.#options;
    const { tag, digest } = readVersion(id);
    // What was verified is what the tag stands for on this host from now on.
    if (tag !== "" && digest !== "") {
      await engine.images.tag(images.reference(id), { ...image, tag, digest: null }, signal);
    }
    await this.#name(id);
    try {
      await this.#requireEffect(id, stack, signal);
    } catch (error) {
      await this.takeBack(id);
      throw error;
    }
  }

  /** Names a version that serves. @throws {Error} When the file cannot be changed. */
  async serves(id: string): Promise<void> {
    this.#served = id;
    await this.#name(id);
  }

  /**
   * A version does not come to serve: names the one that does, which may be the same one. Where none
   * is known, what was there before the version was named comes back.
   *
   * @throws {Error} When the file cannot be changed.
   */
  async takeBack(id: string): Promise<void> {
    if (this.#served !== null) return await this.#name(this.#served);
    const { tag, digest } = readVersion(id);
    for (const value of [tag, digest]) if (value !== "") await this.#options.pin.takeBack(value);
  }

  async #name(id: string): Promise<void> {
    await this.#options.pin.set(await this.#valueFor(id));
  }

  /** As it was there before: a digest takes the place of a digest. */
  async #valueFor(id: string): Promise<string> {
    const { tag, digest } = readVersion(id);
    const isDigest = (await this.#options.pin.value())?.startsWith("sha256:") ?? false;
    return (isDigest && digest !== "") || tag === "" ? digest : tag;
  }

  async #requireEffect(id: string, stack: ComposeStack, signal: AbortSignal): Promise<void> {
    const { compose, services, key } = this.#options;
    const { tag, digest } = readVersion(id);
    const model = await compose.config(stack, { signal });
    for (const name of services) {
      const { image } = requireService(model, name);
      const parsed = image === null ? null : parseImageName(image);
      const reference = parsed?.kind === "reference" ? parsed.reference : null;
      const isMeant = reference !== null && (reference.digest ?? digest) === digest &&
        (reference.digest !== null || reference.tag === tag);
      if (isMeant) continue;
      throw new Error(
        `the service ${name} runs ${image}, whatever ${key} says; use it in its image:, as in ` +
          `NAME:$\{${key}}`,
      );
    }
  }
}
