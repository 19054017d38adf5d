import { auditText } from "../audit_text.ts";
import {
  type Asset,
  type AssetBody,
  type AuditRecord,
  type Registry,
  RegistryError,
  type Release,
} from "../registry.ts";
import type { Bucket, BucketPage } from "./bucket.ts";
import { bucketRelease, isStep } from "./bucket_release.ts";

/** As many parts as one listing may have; each is a thousand objects or so. */
const MAX_PAGES = 20;

/** Folders that are looked into at the same time. */
const AT_ONCE = 4;

/** Into folders that are older than this, files are hardly put any more. */
const YOUNG_MS = 3600_000;

/** Even they are looked into now and then. */
const LOOK_AGAIN_MS = 10 * 60_000;

/** A folder as it was last. */
interface Known {
  readonly release: Release;
  readonly lookedAt: number;
}

/**
 * Releases in a bucket: `PREFIX/VERSION/FILE`. A poll asks for the versions and looks into those
 * that are new; into old ones only now and then.
 */
export class BucketRegistry implements Registry {
  readonly #bucket: Bucket;
  readonly #prefix: string;
  readonly #date: () => number;
  #known: ReadonlyMap<string, Known> = new Map();

  /**
   * @param prefix Empty, or with a slash at its end.
   * @param date Milliseconds since 1970.
   */
  constructor(bucket: Bucket, prefix: string, date: () => number) {
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#date = date;
  }

  async releases(signal: AbortSignal): Promise<readonly Release[]> {
    const { folders } = await this.#listAll(this.#prefix, signal);
    const tags = folders.map((folder) => folder.slice(this.#prefix.length, -1)).filter(isVersion);
    const known = new Map<string, Known>();
    await atOnce(tags, signal, async (tag, signal) => {
      known.set(tag, await this.#lookInto(tag, signal));
    });
    this.#known = known;
    return tags.flatMap((tag) => known.get(tag)?.release ?? []);
  }

  async fetch(
    { ref }: Asset,
    { offset, signal }: { offset: number; signal: AbortSignal },
  ): Promise<AssetBody> {
    try {
      return await this.#bucket.read(ref, { offset, signal });
    } catch (error) {
      // What was known of it is wrong.
      if (error instanceof RegistryError && error.kind === "not_found") this.#known = new Map();
      throw error;
    }
  }

  /** A record is an empty object whose name says everything; only a failure has to be told. */
  async report(tag: string, record: AuditRecord, signal: AbortSignal): Promise<void> {
    const { fileName, text } = auditText(record);
    const key = `${this.#prefix}${tag}/${fileName}`;
    await this.#bucket.write(key, record.error === null ? "" : text, signal);
  }

  async #lookInto(tag: string, signal: AbortSignal): Promise<Known> {
    const known = this.#known.get(tag);
    if (known !== undefined && this.#isGood(known)) return known;
    const lookedAt = this.#date();
    const folder = `${this.#prefix}${tag}/`;
    const { objects } = await this.#listAll(folder, signal);
    return { release: bucketRelease(tag, folder, objects), lookedAt };
  }

  #isGood({ release: { publishedAt }, lookedAt }: Known): boolean {
    if (publishedAt === null || lookedAt - publishedAt < YOUNG_MS) return false;
    return Math.abs(this.#date() - lookedAt) < LOOK_AGAIN_MS;
  }

  /** @throws {RegistryError} Also when there is too much: what is missing could be the newest. */
  async #listAll(prefix: string, signal: AbortSignal): Promise<Omit<BucketPage, "next">> {
    const pages: BucketPage[] = [];
    for (let from: string | null = null; pages.length < MAX_PAGES;) {
      const page: BucketPage = await this.#bucket.list(prefix, from, signal);
      pages.push(page);
      from = page.next;
      if (from !== null) continue;
      return {
        objects: pages.flatMap(({ objects }) => objects),
        folders: pages.flatMap(({ folders }) => folders),
      };
    }
    const where = JSON.stringify(prefix);
    throw new RegistryError(
      "invalid",
      `Cannot list ${this.#bucket.name}: there is too much below ${where}`,
    );
  }
}

/** Works on all of them, on some at the same time; the first failure ends it. */
async function atOnce(
  tags: readonly string[],
  signal: AbortSignal,
  work: (tag: string, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const queue = tags.values();
  const worker = async () => {
    try {
      for (const tag of queue) await work(tag, stop);
    } catch (error) {
      failed.abort(error);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  stop.throwIfAborted();
}

/** Every kind of version has a digit in it. */
function isVersion(name: string): boolean {
  return /\d/.test(name) && !isStep(name);
}
