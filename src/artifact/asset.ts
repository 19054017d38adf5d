/** A file of a release, as its registry lists it. */
export interface Asset {
  /** The version that it belongs to: what was fetched for another one is never gone on with. */
  readonly version: string;
  readonly name: string;
  /** In bytes; null when the registry does not say. */
  readonly size: number | null;
  /** What the registry vouches for, in hexadecimal digits; null when it does not. */
  readonly sha256: string | null;
}

/** The bytes of an asset from some place on. */
export interface AssetBody {
  readonly body: ReadableStream<Uint8Array>;
  /** Where they begin: the place that was asked for, or 0. */
  readonly offset: number;
  /** Of the whole asset. */
  readonly totalBytes: number | null;
  /** Changes when the bytes do. */
  readonly etag: string | null;
}

/** Where the bytes of one asset come from. */
export interface Download {
  /**
   * @throws {TransferError} With `canRetry: false`, if asking again at once is of no use; anything
   * else that is thrown is tried again.
   */
  open(offset: number, signal: AbortSignal): Promise<AssetBody>;
}

/** Bytes could not be had; the version itself is not to blame. */
export class TransferError extends Error {
  override readonly name = "TransferError";
  readonly canRetry: boolean;
  /** What has come already is of use to the next who asks. */
  readonly isPartGood: boolean;

  constructor(
    message: string,
    { canRetry, isPartGood = canRetry, cause }: {
      canRetry: boolean;
      /** @default {canRetry} */
      isPartGood?: boolean;
      cause?: unknown;
    },
  ) {
    super(message, { cause });
    this.canRetry = canRetry;
    this.isPartGood = isPartGood;
  }
}
