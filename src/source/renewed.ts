import { RegistryError } from "./registry.ts";

/** Something is renewed so long before it ends. */
const RENEW_MS = 5 * 60_000;

/** What is good for a time only. */
export interface Ending {
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

/** The latest of something that ends, renewed five minutes before it does. */
export class Renewed<T extends Ending> {
  readonly #renew: (signal: AbortSignal) => Promise<T>;
  readonly #date: () => number;
  #latest: T | null = null;

  /** @param date Milliseconds since 1970. */
  constructor(renew: (signal: AbortSignal) => Promise<T>, date: () => number) {
    this.#renew = renew;
    this.#date = date;
  }

  /** @throws What renewing throws, unless what there is will do for now. */
  async get(signal: AbortSignal): Promise<T> {
    const latest = this.#latest;
    if (latest !== null && this.#date() < latest.endsAt - RENEW_MS) return latest;
    try {
      return this.#latest = await this.#renew(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (latest !== null && this.#date() < latest.endsAt) return latest;
      throw error;
    }
  }

  /** The latest is of no use any more. */
  forget(): void {
    this.#latest = null;
  }
}

/**
 * Finds out who asks, again and again. Whoever was somebody once does not become nobody because the
 * one who knows does not answer: that is a failure then.
 */
export function neverLost<T>(
  find: (signal: AbortSignal) => Promise<T>,
  isSomebody: (found: T) => boolean,
): (signal: AbortSignal) => Promise<T> {
  let wasFound = false;
  return async (signal) => {
    const found = await find(signal);
    if (isSomebody(found)) wasFound = true;
    else if (wasFound) throw new RegistryError("unreachable", "Cannot find out any more who asks");
    return found;
  };
}
