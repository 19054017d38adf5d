import { syncPath } from "../platform/durable.ts";

const NAME = "current";
const NEW_NAME = ".current.new";

/** Whether the link has the whole path, or one from where it is. */
export type LinkStyle = "absolute" | "relative";

/** `current`, which leads to the live release. */
export class CurrentLink {
  readonly #directory: string;
  readonly #style: LinkStyle;

  constructor(directory: string, style: LinkStyle) {
    this.#directory = directory;
    this.#style = style;
  }

  /** The name of the release that it leads to or into; null when it leads elsewhere. */
  async target(): Promise<string | null> {
    const target = await realPath(`${this.#directory}/${NAME}`);
    const releases = await realPath(`${this.#directory}/releases`);
    if (target === null || releases === null || !target.startsWith(`${releases}/`)) return null;
    return target.slice(releases.length + 1).split("/")[0] ?? null;
  }

  /**
   * Makes it lead to a release, in one step. Synchronous, so that nobody hears of a switch before
   * the link leads there; on the disk for good after {@linkcode settle}.
   */
  set(name: string): void {
    const target = `releases/${name}`;
    const temporary = `${this.#directory}/${NEW_NAME}`;
    try {
      Deno.removeSync(temporary);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const isAbsolute = this.#style === "absolute";
    Deno.symlinkSync(
      isAbsolute ? `${Deno.realPathSync(this.#directory)}/${target}` : target,
      temporary,
    );
    Deno.renameSync(temporary, `${this.#directory}/${NAME}`);
  }

  /** Resolves when the link is on the disk as it was {@linkcode set}. */
  async settle(): Promise<void> {
    await syncPath(this.#directory);
  }

  /** Removes what a crash may have left beside it. */
  async sweep(): Promise<void> {
    await Deno.remove(`${this.#directory}/${NEW_NAME}`).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

async function realPath(path: string): Promise<string | null> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
