import { auditText } from "./audit_text.ts";
import {
  type Asset,
  type AssetBody,
  type AuditRecord,
  type Registry,
  RegistryError,
  type Release,
} from "./registry.ts";

/** Names that are no releases: what is hidden, and what somebody is still writing. */
const HIDDEN = /^\./;

/**
 * Releases in a directory: `DIR/VERSION/FILE`, as they lie in a bucket. For trying out, for tests,
 * and for whoever copies releases to a host by other means.
 */
export class DirectoryRegistry implements Registry {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async releases(signal: AbortSignal): Promise<readonly Release[]> {
    const tags = await this.#list(this.#path, ({ isDirectory }) => isDirectory);
    const releases: Release[] = [];
    for (const tag of tags) {
      signal.throwIfAborted();
      releases.push(await this.#release(tag));
    }
    return releases;
  }

  async fetch(
    { ref, name }: Asset,
    { offset }: { offset: number; signal: AbortSignal },
  ): Promise<AssetBody> {
    const file = await this.#try(`open ${name}`, () => Deno.open(ref));
    try {
      const { size, mtime } = await file.stat();
      const begin = offset <= size ? offset : 0;
      await file.seek(begin, Deno.SeekMode.Start);
      const etag = `${size}-${mtime?.getTime() ?? 0}`;
      return { body: file.readable, offset: begin, totalBytes: size, etag };
    } catch (error) {
      file.close();
      throw error;
    }
  }

  async report(tag: string, record: AuditRecord): Promise<void> {
    const { fileName, text } = auditText(record);
    const path = `${this.#path}/${tag}/${fileName}`;
    await this.#try(`write ${path}`, () => Deno.writeTextFile(path, text));
  }

  async #release(tag: string): Promise<Release> {
    const path = `${this.#path}/${tag}`;
    const names = await this.#list(path, ({ isFile }) => isFile);
    let publishedAt: number | null = null;
    const assets: Asset[] = [];
    for (const name of names) {
      const ref = `${path}/${name}`;
      const { size, mtime } = await this.#try(`look at ${ref}`, () => Deno.stat(ref));
      // As old as its oldest file: what is added later makes no release younger.
      if (mtime !== null) publishedAt = Math.min(publishedAt ?? Infinity, mtime.getTime());
      assets.push({ name, size, ref, sha256: null });
    }
    return { tag, publishedAt, assets };
  }

  /** Sorted: the order decides between versions of equal rank. */
  async #list(path: string, isWanted: (entry: Deno.DirEntry) => boolean): Promise<string[]> {
    const entries = await this.#try(
      `read ${path}`,
      () => Array.fromAsync(Deno.readDir(path)),
    );
    return entries.filter((entry) => isWanted(entry) && !HIDDEN.test(entry.name))
      .map(({ name }) => name).sort();
  }

  async #try<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const kind = error instanceof Deno.errors.NotFound ? "not_found" : "unreachable";
      const why = error instanceof Error ? error.message : String(error);
      throw new RegistryError(kind, `Cannot ${what}: ${why}`, { cause: error });
    }
  }
}
