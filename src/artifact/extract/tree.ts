import { badEntry, shown } from "./refuse.ts";

/** What can be at a path of a release. */
export type NodeKind = "file" | "directory" | "symlink";

interface TreeNode {
  readonly path: string;
  readonly kind: NodeKind;
}

/**
 * What has been extracted so far.
 *
 * It decides in place of the file system, which would follow links: nothing goes through a link or
 * over something else, and every name is there once, for file systems without upper and lower case,
 * too.
 */
export class ReleaseTree {
  readonly #nodes = new Map<string, TreeNode>();
  /** The directories in the order in which they have to be made. */
  readonly #directories: string[] = [];
  readonly #files: string[] = [];

  get directories(): readonly string[] {
    return this.#directories;
  }

  get files(): readonly string[] {
    return this.#files;
  }

  /** Whether a file of the archive is there. */
  hasFile(path: string): boolean {
    const node = this.#nodes.get(folded(path));
    return node?.kind === "file" && node.path === path;
  }

  /**
   * Notes that there is something at `path`.
   *
   * @returns The directories that are missing on the way, outermost first, and whether the node
   * itself is new; only directories may be named twice.
   * @throws {ArtifactRefusedError} When it may not be there.
   */
  add(path: string, kind: NodeKind): { parents: string[]; isNew: boolean } {
    const parents = this.#addParents(path);
    const old = this.#nodes.get(folded(path));
    if (old === undefined) {
      this.#put(path, kind);
      return { parents, isNew: true };
    }
    if (old.path !== path) throw badEntry(path, `differs from ${shown(old.path)} only by case`);
    if (old.kind === "directory" && kind === "directory") return { parents, isNew: false };
    throw badEntry(path, `is there twice: as a ${old.kind}, then as a ${kind}`);
  }

  #addParents(path: string): string[] {
    const missing: string[] = [];
    for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) {
      const parent = path.slice(0, end);
      const node = this.#nodes.get(folded(parent));
      if (node === undefined) {
        this.#put(parent, "directory");
        missing.push(parent);
      } else this.#checkParent(path, parent, node);
    }
    return missing;
  }

  #checkParent(path: string, parent: string, node: TreeNode): void {
    if (node.path !== parent) throw badEntry(path, `lies beside ${shown(node.path)}: case differs`);
    if (node.kind === "directory") return;
    throw badEntry(path, `lies below ${shown(parent)}, which is a ${node.kind}`);
  }

  #put(path: string, kind: NodeKind): void {
    this.#nodes.set(folded(path), { path, kind });
    if (kind === "directory") this.#directories.push(path);
    if (kind === "file") this.#files.push(path);
  }
}

function folded(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
