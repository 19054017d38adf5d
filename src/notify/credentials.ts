import { join } from "node:path";

/** Where secrets come from. */
export type Environment = Readonly<Record<string, string>>;

/**
 * A secret: from the variable, else from the file of the same purpose that the service manager has
 * handed over (`LoadCredential=`). It is read anew every time, so it can be replaced.
 *
 * @throws {Error} When there is a file that cannot be read; the message names it.
 */
export async function readCredential(
  env: Environment,
  variable: string | null,
  credential: string,
): Promise<string | null> {
  const value = variable === null ? undefined : env[variable];
  if (value) return value;
  if (!env.CREDENTIALS_DIRECTORY) return null;
  const path = join(env.CREDENTIALS_DIRECTORY, credential);
  try {
    return await readSecret(path);
  } catch (error) {
    if (error instanceof Error && error.cause instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/**
 * What stands in a file, without the end of the line.
 *
 * @throws {Error} When it cannot be read, or is empty; the message names it.
 */
export async function readSecret(path: string): Promise<string> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot read the secret: ${why}`, { cause: error });
  }
  const secret = text.replace(/\r?\n$/, "");
  if (secret === "") throw new Error(`cannot use the secret in ${path}: it is empty`);
  return secret;
}
