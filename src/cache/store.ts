/** Bytes under a key, and which ones. */
export interface Versioned {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Changes with the bytes, in some stores with every write; opaque. */
  readonly version: string;
}

/** The right to do something alone for a while. It ends by itself unless it is renewed. */
export interface Lease {
  /** Grows from holder to holder of one key: what an earlier holder still does can be told apart. */
  readonly fence: number;
  /**
   * Begins its time anew.
   *
   * @returns False: it is lost, somebody else may hold it.
   * @throws {StoreError}
   */
  renew(signal: AbortSignal): Promise<boolean>;
  /** Gives it back; does nothing when it is lost. @throws {StoreError} */
  release(signal: AbortSignal): Promise<void>;
}

/** Who wants a lease, and for how long. */
export interface LeaseOptions {
  /** For people. */
  readonly holder: string;
  /** It ends so many milliseconds after it was taken or last renewed. */
  readonly ttlMs: number;
  readonly signal: AbortSignal;
}

/** A store whose writes can depend on what is there. */
export interface VersionedStore {
  /** Null: there is nothing. @throws {StoreError} */
  look(key: string, signal: AbortSignal): Promise<Versioned | null>;

  /**
   * Writes if what is there still has `version`.
   *
   * @param version Null: if there is nothing.
   * @returns False: it has not, and nothing was written.
   * @throws {StoreError}
   */
  putIf(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    version: string | null,
    signal: AbortSignal,
  ): Promise<boolean>;
}

/**
 * Values under keys that several liverolls share. Keys are made of letters, digits and `.`, `_`, `-`,
 * `%`, `+`, in parts with slashes between them.
 */
export interface Store extends VersionedStore {
  /** For messages, without secrets. */
  readonly name: string;
  /** Longer values are kept in pieces of so many bytes; null: they are not kept at all. */
  readonly pieceBytes: number | null;

  /** Null: there is nothing. @throws {StoreError} */
  get(key: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | null>;

  /** It may be gone a week later, or when there is no room for it. @throws {StoreError} */
  put(key: string, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void>;

  /**
   * Whether it has room for an artifact of so many bytes that is being fetched to this machine.
   * Without it: always.
   *
   * @throws {StoreError}
   */
  hasRoom?(bytes: number, signal: AbortSignal): Promise<boolean>;

  /** Null: somebody else has it. @throws {StoreError} */
  lease(key: string, options: LeaseOptions): Promise<Lease | null>;

  /** Never rejects. */
  close(): Promise<void>;
}

/** A store did not do what was asked. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}
