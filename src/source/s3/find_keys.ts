import type { KeysForATime } from "./keys.ts";
import { containerKeys, machineKeys } from "./metadata.ts";
import { profileKeys } from "./profile.ts";

/** Keys from files are read again by then, and it is looked again whether there are any. */
const LOOK_AGAIN_MS = 10 * 60_000;

/**
 * Who asks, as AWS's own tools find out: variables, a profile, the container, the machine. If none
 * of them knows, nobody in particular does.
 *
 * @param date Milliseconds since 1970.
 * @throws {RegistryError} When what was asked for by name cannot be had.
 */
export async function findKeys(
  env: Readonly<Record<string, string>>,
  date: () => number,
  signal: AbortSignal,
): Promise<KeysForATime> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (accessKeyId && secretAccessKey) {
    const sessionToken = env.AWS_SESSION_TOKEN || null;
    return { keys: { accessKeyId, secretAccessKey, sessionToken }, endsAt: Infinity };
  }
  const endsAt = date() + LOOK_AGAIN_MS;
  const keys = await profileKeys(env);
  if (keys !== null) return { keys, endsAt };
  return await containerKeys(env, signal) ?? await machineKeys(env, signal) ??
    { keys: null, endsAt };
}
