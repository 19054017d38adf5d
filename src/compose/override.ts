import { syncPath } from "../platform/durable.ts";
import { createRevision, overrideText, type Revision } from "./revision.ts";

/** What is to be, and what is: never the same thing before it was done. */
export const REVISION_ROLES = ["desired", "applied"] as const;

/** One of {@linkcode REVISION_ROLES}. */
export type RevisionRole = typeof REVISION_ROLES[number];

/** Nobody else may read what we write: labels and images tell a lot. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * The override files of a stack, in a private directory. A file never changes once it is there;
 * which one is desired and which one applied is told by two records beside them. Whatever asks
 * about what runs, or takes it down, uses the applied one.
 */
export class Overrides {
  readonly #directory: string;

  /**
   * Opens the directory, and makes it if there is none.
   *
   * @param directory Absolute, in the state directory.
   * @throws {Error} When it belongs to somebody else, or others can write to it.
   */
  static async open(directory: string): Promise<Overrides> {
    await Deno.mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
    const { isDirectory, uid, mode } = await Deno.lstat(directory);
    const why = !isDirectory
      ? "it is not a directory"
      : uid !== Deno.uid()
      ? `it belongs to user ${uid}`
      : (mode! & 0o022) !== 0
      ? "others can write to it"
      : null;
    if (why !== null) throw new Error(`Cannot keep override files in ${directory}: ${why}`);
    await Deno.chmod(directory, DIRECTORY_MODE);
    return new Overrides(directory);
  }

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Writes down what is to be, before anything is done about it.
   *
   * @returns The path of its override file.
   */
  async desire(revision: Revision): Promise<string> {
    const path = this.pathOf(revision);
    await this.#write(path, overrideText(revision));
    await this.#write(this.#record("desired"), `${JSON.stringify(revision)}\n`);
    return path;
  }

  /** Writes down that it is now; files of neither role are removed. */
  async applied(revision: Revision): Promise<void> {
    await this.#write(this.pathOf(revision), overrideText(revision));
    await this.#write(this.#record("applied"), `${JSON.stringify(revision)}\n`);
    await this.#tidy();
  }

  /**
   * What was written down; null: nothing yet.
   *
   * @throws {Error} When it cannot be read or understood.
   */
  async read(role: RevisionRole): Promise<Revision | null> {
    const path = this.#record(role);
    try {
      const { images, ...rest } = JSON.parse(await Deno.readTextFile(path));
      return createRevision(images, rest);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`Cannot read ${path}: ${why}`, { cause: error });
    }
  }

  /** The override file of a revision. */
  pathOf({ id }: Revision): string {
    return `${this.#directory}/override-${id}.json`;
  }

  #record(role: RevisionRole): string {
    return `${this.#directory}/${role}.json`;
  }

  async #write(path: string, text: string): Promise<void> {
    const temporary = `${this.#directory}/.${crypto.randomUUID()}`;
    await Deno.writeTextFile(temporary, text, { createNew: true, mode: FILE_MODE });
    await syncPath(temporary);
    await Deno.rename(temporary, path);
    await syncPath(this.#directory);
  }

  async #tidy(): Promise<void> {
    const kept = new Set<string>();
    for (const role of REVISION_ROLES) {
      const revision = await this.read(role);
      if (revision !== null) kept.add(this.pathOf(revision));
    }
    for await (const { name } of Deno.readDir(this.#directory)) {
      const path = `${this.#directory}/${name}`;
      const isOurs = name.startsWith("override-") || name.startsWith(".");
      if (isOurs && !kept.has(path)) await Deno.remove(path);
    }
  }
}
