import { PATIENCE_MS } from "./event_log.ts";

/**
 * What `promise` comes to.
 *
 * @param what Stands in the error.
 * @param soFar What there is instead of it, for the error.
 * @throws {Error} When it takes too long: a test that waits for ever ends the run without a word.
 */
export async function inTime<T>(
  what: string,
  promise: Promise<T>,
  { timeoutMs = PATIENCE_MS, soFar = () => "" }: {
    timeoutMs?: number;
    soFar?: () => string;
  } = {},
): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const instead = soFar();
    const rest = instead === "" ? "" : `; so far:\n${instead}`;
    reject(new Error(`Cannot see ${what}: ${timeoutMs} ms were not enough${rest}`));
  }, timeoutMs);
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
