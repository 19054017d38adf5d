const MAX_LENGTH = 4096;
const PRIVATE_DIRECTORY = 0o700;
const PRIVATE_FILE = 0o600;

/** Where the token is kept. */
export function tokenPath(stateDir: string): string {
  return `${stateDir.replace(/\/+$/, "")}/control-token`;
}

/** @throws {Error} When `token` is none; the message does not show it. */
export function requireToken(token: string): void {
  if (token === "") throw new Error("it is required: give the token of ProcessGit");
  if (/^[\x21-\x7e]+$/.test(token) && token.length <= MAX_LENGTH) return;
  const need = `one word of at most ${MAX_LENGTH} visible ASCII characters`;
  throw new Error(`it has to be ${need}, make one by openssl rand -hex 32`);
}

/**
 * Writes a token for nobody else to read.
 *
 * @throws What the file system says.
 */
export async function writeToken(path: string, token: string): Promise<void> {
  const directory = path.slice(0, path.lastIndexOf("/")) || "/";
  await Deno.mkdir(directory, { recursive: true, mode: PRIVATE_DIRECTORY });
  const fresh = `${path}.new`;
  // Nobody may have it open from when it was open to all.
  await Deno.remove(fresh).catch(() => {});
  await Deno.writeTextFile(fresh, `${token}\n`, { createNew: true, mode: PRIVATE_FILE });
  await Deno.rename(fresh, path);
}
