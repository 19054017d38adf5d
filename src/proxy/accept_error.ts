/**
 * Nobody can be accepted for now. Not a fault in the program: whoever shows it shows the message.
 *
 * Its stack must not be read while there are no file descriptors: under `deno run` that makes Deno
 * 2.9.6 compile the source again for its source map, which panics then.
 */
export class AcceptError extends Error {
  override readonly name = "AcceptError";

  /** @param cause What the system said. */
  constructor(cause: unknown) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot accept connections: ${detail}`, { cause });
  }
}
