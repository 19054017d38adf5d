import { ask, readMembers } from "../http.ts";
import { RegistryError } from "../registry.ts";
import type { GoogleToken } from "./google_token.ts";
import { fromKeyFile, readToken } from "./key_file.ts";

/** What is on the machine itself answers at once, or is not there. */
const ANSWER_MS = 1000;

const METADATA_HOST = "metadata.google.internal";
const TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token";

/** It is looked again by then whether there is anybody to ask as. */
const LOOK_AGAIN_MS = 10 * 60_000;

type Env = Readonly<Record<string, string>>;

/**
 * Who asks, as Google's own tools find out: the file that `GOOGLE_APPLICATION_CREDENTIALS` names, the
 * user who has logged in, the machine. If none of them knows, nobody in particular does.
 *
 * @param date Milliseconds since 1970.
 * @throws {RegistryError} When what was asked for by name cannot be had.
 */
export async function findToken(
  env: Env,
  date: () => number,
  signal: AbortSignal,
): Promise<GoogleToken> {
  const given = env.GOOGLE_APPLICATION_CREDENTIALS;
  if (given) return await fromKeyFile(await read(given), given, date)(signal);
  const nobody = { text: null, endsAt: date() + LOOK_AGAIN_MS };
  // What is meant for Google is nothing for a server in its place.
  if (env.STORAGE_EMULATOR_HOST) return nobody;
  const login = loginPath(env);
  const text = login === null ? null : await readIfThere(login);
  if (login !== null && text !== null) return await fromKeyFile(text, login, date)(signal);
  return await machineToken(env, date, signal) ?? nobody;
}

/** Where a user who has logged in leaves a file. */
function loginPath({ CLOUDSDK_CONFIG, HOME }: Env): string | null {
  const directory = CLOUDSDK_CONFIG || (HOME && `${HOME}/.config/gcloud`);
  return directory ? `${directory}/application_default_credentials.json` : null;
}

async function machineToken(
  env: Env,
  date: () => number,
  signal: AbortSignal,
): Promise<GoogleToken | null> {
  if (env.NO_GCE_CHECK?.toLowerCase() === "true") return null;
  const host = env.GCE_METADATA_HOST || METADATA_HOST;
  try {
    const response = await ask({
      url: `http://${host}${TOKEN_PATH}`,
      headers: { "metadata-flavor": "Google" },
      redirect: "manual",
      answerMs: ANSWER_MS,
      signal,
    });
    return readToken(await readMembers(response), date());
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RegistryError) return null;
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new RegistryError("unauthorized", `Cannot read ${path}`);
  }
}

async function read(path: string): Promise<string> {
  const text = await readIfThere(path);
  if (text !== null) return text;
  throw new RegistryError("unauthorized", `Cannot read ${path}: there is no such file`);
}
