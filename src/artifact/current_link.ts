import { syncPath } from "./durable.ts";

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

  /** Makes it lead to a release, in one step and for good. */
  async set(name: string): Promise<void> {
    const target = `releases/${name}`;
    await this.sweep();
    await Deno.symlink(
      this.#style === "absolute" ? `${await Deno.realPath(this.#directory)}/${target}` : target,
      `${this.#directory}/${NEW_NAME}`,
    );
    await Deno.rename(`${this.#directory}/${NEW_NAME}`, `${this.#directory}/${NAME}`);
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
