import { join } from "node:path";
import { isLoopback } from "../platform/loopback.ts";

/** The name under which systemd hands us the token (`LoadCredential=liveroll-token:…`). */
const CREDENTIAL = "liveroll-token";

/** Shorter ones can be guessed. */
const MIN_SAFE_LENGTH = 16;

const MAX_LENGTH = 4096;

const OTHERS_MAY_READ = 0o004;

/** A secret and what is to be said about it. */
export interface Secret {
  readonly value: string;
  /** Where it came from. */
  readonly path: string;
  /** For people; empty when all is well. */
  readonly warnings: readonly string[];
}

/**
 * The token of the control API: from `file`, else from the service manager's credentials; null:
 * there is none.
 *
 * A file that everybody on this host may read is used, with a warning: secrets that containers get
 * mounted look like that. A group may read it without a word.
 *
 * @throws {Error} When the file cannot be read, or what is in it cannot be a token.
 */
export async function readToken(
  file: string | null,
  credentialsDirectory: string | undefined,
): Promise<Secret | null> {
  if (file !== null) return await readSecretFile(file, "control token");
  if (!credentialsDirectory) return null;
  const path = join(credentialsDirectory, CREDENTIAL);
  const text = await readIfThere(path);
  // systemd closes the directory; the mode of the file says nothing.
  return text === null ? null : secretOf(text, path, "control token", []);
}

/**
 * A secret on one line of a file; `what` names it in messages.
 *
 * @throws {Error} When the file cannot be read, or what is in it cannot be a secret.
 */
export async function readSecretFile(path: string, what: string): Promise<Secret> {
  const text = await readIfThere(path);
  if (text === null) throw new Error(`Cannot read the ${what} ${path}: there is no such file`);
  const mode = (await Deno.stat(path)).mode ?? 0;
  const open = (mode & OTHERS_MAY_READ) === 0 ? [] : [
    `everybody on this host can read the ${what} ${path} (mode 0${(mode & 0o777).toString(8)})`,
  ];
  return secretOf(text, path, what, open);
}

/**
 * Why the control API may not listen at `listen`, for people; null: it may. Without a token only
 * this host may reach it.
 */
export function requireToken(
  listen: { host: string; port: number } | null,
  token: string | null,
): string | null {
  if (!listen || token !== null || isLoopback(listen.host)) return null;
  const host = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
  return `Cannot let the control API listen on ${host}:${listen.port} without a token: ` +
    "it is not a loopback address";
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read ${path}: ${why}`, { cause: error });
  }
}

/** No message may show the secret. */
function secretOf(text: string, path: string, what: string, warnings: readonly string[]): Secret {
  const value = text.trim();
  if (value === "") throw new Error(`Cannot use the ${what} ${path}: it is empty`);
  if (value.length > MAX_LENGTH) {
    throw new Error(`Cannot use the ${what} ${path}: it is longer than ${MAX_LENGTH} characters`);
  }
  if (!/^[\x21-\x7e]+$/.test(value)) {
    const need = "it must be one word of visible ASCII characters";
    throw new Error(`Cannot use the ${what} ${path}: ${need}`);
  }
  if (value.length >= MIN_SAFE_LENGTH) return { value, path, warnings };
  const short = `the ${what} ${path} has only ${value.length} characters: it can be guessed`;
  return { value, path, warnings: [...warnings, short] };
}
