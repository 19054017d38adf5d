/** What is wrong with an artifact that must not be used. */
export type RefusalKind = "too_large" | "checksum" | "signature" | "archive";

/**
 * The bytes of a version are not to be used, however often they are fetched. Trouble of this
 * machine or of the network is never told this way.
 */
export class ArtifactRefusedError extends Error {
  override readonly name = "ArtifactRefusedError";
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
