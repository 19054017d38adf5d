/** A version that failed on one host, so that no other one tries it. */
export interface FailureMark {
  readonly version: string;
  /** Where it failed. */
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Why, without secrets. */
  readonly detail: string;
}

/** A version that has failed somewhere, and is well. */
export interface Forgiveness {
  readonly version: string;
  /** Who says so. */
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** For so long, a failure is a reason not to try the version elsewhere. */
const LASTS_MS = 7 * 24 * 3600_000;

/**
 * Whether a failure counts.
 *
 * @param now Milliseconds since 1970. Clocks of two machines differ a little: a little from the future
 * counts, too.
 */
export function isInForce({ at }: FailureMark, now: number): boolean {
  return Math.abs(now - at) < LASTS_MS;
}

/** Takes the place of a mark, and is none: {@linkcode readMark} returns null. */
export function writeForgiven(forgiven: Forgiveness): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify({ forgiven }));
}

/** The other way round: {@linkcode readMark}. */
export function writeMark(mark: FailureMark): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(mark));
}

/** Null: it is none. */
export function readMark(bytes: Uint8Array): FailureMark | null {
  try {
    const { version, host, at, detail } = JSON.parse(new TextDecoder().decode(bytes));
    const isGood = [version, host, detail].every((text) => typeof text === "string") &&
      typeof at === "number";
    return isGood ? { version, host, at, detail } : null;
  } catch {
    return null;
  }
}
