import { writeAll } from "../../platform/write_all.ts";
import type { ArchiveEntry, Bytes, EntryContent } from "./entry.ts";
import { cleanName } from "./entry_name.ts";
import type { ExtractMeter } from "./limits.ts";
import { checkLinkTarget } from "./link_target.ts";
import { badEntry, shown } from "./refuse.ts";
import { ReleaseTree } from "./tree.ts";

const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;

type Content<Kind> = Extract<EntryContent, { kind: Kind }>;

/** Puts entries into a new directory that belongs to nobody else. */
export class ReleaseWriter {
  readonly tree = new ReleaseTree();
  readonly #root: string;
  readonly #meter: ExtractMeter;
  readonly #signal: AbortSignal | undefined;
  readonly #umask = Deno.umask();

  constructor(root: string, meter: ExtractMeter, signal?: AbortSignal) {
    this.#root = root;
    this.#meter = meter;
    this.#signal = signal;
  }

  /** @throws {ArtifactRefusedError} When the entry may not be in a release. */
  async write({ name, content, mode }: ArchiveEntry): Promise<void> {
    this.#signal?.throwIfAborted();
    this.#meter.countEntry();
    const path = cleanName(name);
    if (content.kind === "other") throw badEntry(name, `is ${content.what}`);
    if (content.kind === "directory") return await this.#directory(path, mode);
    if (path === "") throw badEntry(name, "has no name of its own");
    if (content.kind === "file") await this.#file(path, mode, content.body);
    else if (content.kind === "symlink") await this.#symlink(path, content);
    else await this.#hardlink(path, content);
  }

  /** Set-user-id and the like are dropped; the owner can always look into it and remove it. */
  async #directory(path: string, mode: number | null): Promise<void> {
    const bits = this.#masked(mode ?? DIRECTORY_MODE) | 0o700;
    if (path === "") return;
    const { isNew, parents } = this.tree.add(path, "directory");
    await this.#makeParents(parents);
    if (isNew) await Deno.mkdir(this.#at(path), { mode: bits });
    else await Deno.chmod(this.#at(path), bits);
  }

  async #file(path: string, mode: number | null, body: Bytes): Promise<void> {
    await this.#makeParents(this.tree.add(path, "file").parents);
    // Its owner can read it, or it would be of no use.
    const bits = this.#masked(mode ?? FILE_MODE) | 0o400;
    const options = { write: true, createNew: true, mode: bits | 0o600 };
    using file = await Deno.open(this.#at(path), options);
    for await (const chunk of body) {
      this.#signal?.throwIfAborted();
      await writeAll(file, chunk);
    }
    if ((bits & 0o200) === 0) await Deno.chmod(this.#at(path), bits);
  }

  async #symlink(path: string, { target }: Content<"symlink">): Promise<void> {
    checkLinkTarget(path, target);
    await this.#makeParents(this.tree.add(path, "symlink").parents);
    await Deno.symlink(target, this.#at(path));
  }

  async #hardlink(path: string, { target }: Content<"hardlink">): Promise<void> {
    const original = target === "" ? "" : cleanName(target);
    if (!this.tree.hasFile(original)) {
      throw badEntry(path, `is a hard link to ${shown(target)}, no file that came before it`);
    }
    await this.#makeParents(this.tree.add(path, "file").parents);
    await Deno.link(this.#at(original), this.#at(path));
  }

  async #makeParents(paths: readonly string[]): Promise<void> {
    for (const path of paths) await Deno.mkdir(this.#at(path), { mode: DIRECTORY_MODE });
  }

  #masked(mode: number): number {
    return mode & 0o777 & ~this.#umask;
  }

  #at(path: string): string {
    return `${this.#root}/${path}`;
  }
}
