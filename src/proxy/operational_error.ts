/**
 * Trouble that comes from outside, not a fault in the program: whoever shows it shows the message.
 *
 * The stack of such an error must not be read while there are no file descriptors: under `deno run`
 * that makes Deno 2.9.6 compile the source again for its source map, which panics then.
 */
export class OperationalError extends Error {
  override readonly name: string = "OperationalError";
}

/** Nobody can be accepted for now. */
export class AcceptError extends OperationalError {
  override readonly name = "AcceptError";

  /** @param cause What the system said. */
  constructor(cause: unknown) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot accept connections: ${detail}`, { cause });
  }
}

/** A trusted peer did not say for whom it comes. */
export class PreludeError extends OperationalError {
  override readonly name = "PreludeError";

  /** @param ip Address of the peer. */
  constructor(ip: string) {
    super(`Cannot serve the trusted peer ${ip}: it sent no valid PROXY protocol header`);
  }
}
