import type { AssetBody } from "../registry.ts";

/** One object. */
export interface BucketObject {
  readonly key: string;
  /** In bytes; null: unknown. */
  readonly size: number | null;
  /** Milliseconds since 1970; null: unknown. */
  readonly modifiedAt: number | null;
}

/** A part of what lies directly below a prefix. */
export interface BucketPage {
  readonly objects: readonly BucketObject[];
  /** Prefixes of objects that lie deeper, each with a slash at its end. */
  readonly folders: readonly string[];
  /** Where the next part begins; null: there is none. */
  readonly next: string | null;
}

/** Objects with keys, as S3 and its likes keep them. */
export interface Bucket {
  /** For messages, without secrets. */
  readonly name: string;

  /**
   * @param from {@linkcode BucketPage.next} of the page before; null: the first page.
   * @throws {RegistryError}
   */
  list(prefix: string, from: string | null, signal: AbortSignal): Promise<BucketPage>;

  /** @throws {RegistryError} */
  read(key: string, options: { offset: number; signal: AbortSignal }): Promise<AssetBody>;

  /** Puts plain text. @throws {RegistryError} */
  write(key: string, text: string, signal: AbortSignal): Promise<void>;
}

/** What an object is made of, and which one it is. */
export interface ObjectVersion {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Another one after every change; opaque. */
  readonly version: string;
}

/** A bucket to keep things in, whose writes can depend on what is there. */
export interface VersionedBucket extends Bucket {
  /** A version that no object has. */
  readonly noVersion: string;

  /** A whole object; null: there is no such. @throws {RegistryError} */
  look(key: string, signal: AbortSignal): Promise<ObjectVersion | null>;

  /** Puts bytes, whatever is there. @throws {RegistryError} */
  put(key: string, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void>;

  /**
   * Puts bytes if what is there still has `version`.
   *
   * @param version Null: if there is nothing.
   * @returns False: it has not, and nothing was put.
   * @throws {RegistryError}
   */
  putIf(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    version: string | null,
    signal: AbortSignal,
  ): Promise<boolean>;
}
