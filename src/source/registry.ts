/** One file of a release. */
export interface Asset {
  readonly name: string;
  /** In bytes; null: the registry does not say. */
  readonly size: number | null;
  /** What the registry needs to fetch it; opaque to everybody else. */
  readonly ref: string;
  /** SHA-256 in hex that the registry itself vouches for; null: none. */
  readonly sha256: string | null;
  /** The registry itself says that it is the one for us, whatever it is called. @default {false} */
  readonly isChosen?: boolean;
}

/** One release as a registry lists it. */
export interface Release {
  readonly tag: string;
  /** Milliseconds since 1970; null: unknown. */
  readonly publishedAt: number | null;
  readonly assets: readonly Asset[];
}

/** Bytes of an asset on their way. */
export interface AssetBody {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Where in the asset the bytes begin; 0 when the registry could not resume. */
  readonly offset: number;
  /** Size of the whole asset, not of what is left of it; null: unknown. */
  readonly totalBytes: number | null;
  /** Changes when the bytes do; null: the registry has none. */
  readonly etag: string | null;
}

/** What is written beside a release once it was deployed, or once that failed. */
export interface AuditRecord {
  readonly tag: string;
  /** Name of the machine. */
  readonly host: string;
  /** Which command deployed it: `server`, `assets` and so on. */
  readonly command: string;
  /** Milliseconds since 1970; a fraction is kept. */
  readonly at: number;
  /** Why it failed, without secrets; null: it was deployed. */
  readonly error: string | null;
}

/** Where releases are published. */
export interface Registry {
  /** False: releases are images, which others bring here; no asset can be fetched. @default {true} */
  readonly hasFiles?: boolean;

  /**
   * All releases that are public (no drafts). Any order will do, as long as it does not change from
   * call to call: it decides between versions of equal rank.
   *
   * @throws {RegistryError}
   */
  releases(signal: AbortSignal): Promise<readonly Release[]>;

  /**
   * Bytes of an asset from `offset` on. The answer says from where they really begin.
   *
   * @throws {RegistryError}
   */
  fetch(asset: Asset, options: { offset: number; signal: AbortSignal }): Promise<AssetBody>;

  /**
   * Waits while another host brings an asset to where this one can have it, too. Whoever asked gives
   * back what this returns when the asset was fetched, or cannot be. Null: there is nothing to give
   * back. Without it, nobody waits for anybody.
   *
   * @throws The reason of `signal`, when it aborts.
   */
  reserve?(asset: Asset, signal: AbortSignal): Promise<AsyncDisposable | null>;

  /**
   * Puts an audit record beside the release.
   *
   * @throws {RegistryError}
   */
  report(tag: string, record: AuditRecord, signal: AbortSignal): Promise<void>;
}

/** Why a registry did not do what was asked. */
export type RegistryErrorKind =
  | "unreachable"
  | "unauthorized"
  | "not_found"
  | "rate_limited"
  | "invalid";

/** A registry did not do what was asked. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly kind: RegistryErrorKind;
  /** How long the registry asks to be left alone; null: it does not say. */
  readonly retryAfterMs: number | null;

  constructor(
    kind: RegistryErrorKind,
    message: string,
    options: ErrorOptions & { retryAfterMs?: number | null } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
