/**
 * What an engine's no means.
 *
 * - `not_found`: there is no such container, image, network or volume.
 * - `conflict`: a name that is taken, or something that cannot be done in this state.
 * - `unauthorized`: an image registry wants a login, or another one.
 * - `invalid`: what was asked for makes no sense to the engine.
 * - `failed`: it tried, and something went wrong.
 */
export type EngineRefusal = "not_found" | "conflict" | "unauthorized" | "invalid" | "failed";

/**
 * Why an engine gives no answer.
 *
 * - `absent`: there is no socket.
 * - `refused`: there is one, but nobody listens to it.
 * - `forbidden`: we may not use it.
 * - `too_old`: it does not speak what we need.
 * - `silent`: no answer came in time; what was asked may have been done.
 * - `broken`: the connection ended in the middle; what was asked may have been done.
 */
export type EngineOutage = "absent" | "refused" | "forbidden" | "too_old" | "silent" | "broken";

/** The engine has answered, and it is a no. */
export class EngineError extends Error {
  override readonly name = "EngineError";

  /**
   * @param what What we wanted, after "Cannot".
   * @param reason What the engine said, in its words.
   * @param status Of HTTP; a pull fails with 200, as the engine notices only later.
   */
  constructor(
    what: string,
    readonly kind: EngineRefusal,
    readonly reason: string,
    readonly status: number,
  ) {
    super(`Cannot ${what}: ${reason}`);
  }
}

/** The engine has not answered: it is not there, it went away, or we cannot talk with it. */
export class EngineUnreachableError extends Error {
  override readonly name = "EngineUnreachableError";

  constructor(message: string, readonly outage: EngineOutage, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Whether `error` says that what was asked for does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof EngineError && error.kind === "not_found";
}
