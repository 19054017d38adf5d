import { ask, readMembers } from "../http.ts";
import { signJwt } from "../jwt.ts";
import { RegistryError } from "../registry.ts";
import type { GoogleToken, TokenSource } from "./google_token.ts";

const SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const TOKEN_URL = "https://oauth2.googleapis.com/token";

/** As long as Google lets a claim be good; clocks differ. */
const CLAIM_SECONDS = 3600;
const BACKDATE_SECONDS = 60;

/**
 * Tokens for whoever a file of Google's is about: an account of a service, or a user who has logged
 * in.
 *
 * @param text The file.
 * @param path For messages, which hold nothing of the file.
 * @param date Milliseconds since 1970.
 * @throws {RegistryError} When it is not such a file.
 */
export function fromKeyFile(text: string, path: string, date: () => number): TokenSource {
  const file = parse(text, path);
  switch (file.type) {
    case "service_account":
      return (signal) => serviceToken(file, path, date, signal);
    case "authorized_user":
      return (signal) => userToken(file, path, date, signal);
  }
  const what = `it is about neither an account of a service nor a user`;
  throw new RegistryError("unauthorized", `Cannot use ${path}: ${what}`);
}

type KeyFile = Readonly<Record<string, unknown>>;

function parse(text: string, path: string): KeyFile {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as KeyFile;
  } catch {
    // What the parser says could hold a piece of the key.
  }
  throw new RegistryError("unauthorized", `Cannot use ${path}: it is no JSON`);
}

async function serviceToken(
  file: KeyFile,
  path: string,
  date: () => number,
  signal: AbortSignal,
): Promise<GoogleToken> {
  const url = tokenUrl(file, path);
  const iat = Math.floor(date() / 1000) - BACKDATE_SECONDS;
  const claims = {
    iss: field(file, "client_email", path),
    scope: SCOPE,
    aud: url,
    iat,
    exp: iat + CLAIM_SECONDS,
  };
  const assertion = await signJwt(claims, field(file, "private_key", path), path);
  return await exchange(url, { grant_type: GRANT, assertion }, date, signal);
}

function userToken(
  file: KeyFile,
  path: string,
  date: () => number,
  signal: AbortSignal,
): Promise<GoogleToken> {
  const form = {
    grant_type: "refresh_token",
    client_id: field(file, "client_id", path),
    client_secret: field(file, "client_secret", path),
    refresh_token: field(file, "refresh_token", path),
  };
  return exchange(tokenUrl(file, path), form, date, signal);
}

function tokenUrl(file: KeyFile, path: string): string {
  const url = typeof file.token_uri === "string" ? file.token_uri : TOKEN_URL;
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return url;
  throw new RegistryError("unauthorized", `Cannot use ${path}: its token_uri is no URL`);
}

function field(file: KeyFile, name: string, path: string): string {
  const value = file[name];
  if (typeof value === "string" && value !== "") return value;
  throw new RegistryError("unauthorized", `Cannot use ${path}: it has no ${name}`);
}

async function exchange(
  url: string,
  form: Readonly<Record<string, string>>,
  date: () => number,
  signal: AbortSignal,
): Promise<GoogleToken> {
  const response = await ask({
    url,
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
    redirect: "manual",
    explain: readReason,
    signal,
  });
  return readToken(await readMembers(response), date());
}

/** Google's name for what is wrong, for example `invalid_grant`. */
function readReason(body: string): string | null {
  return /"error"\s*:\s*"([a-z_]{1,64})"/.exec(body)?.[1] ?? null;
}

/**
 * Reads a token as Google hands it out (RFC 6749, 5.1).
 *
 * @param now Milliseconds since 1970.
 * @throws {RegistryError} When there is none.
 */
export function readToken(
  { access_token, expires_in }: Readonly<Record<string, unknown>>,
  now: number,
): GoogleToken {
  if (typeof access_token !== "string" || typeof expires_in !== "number") {
    throw new RegistryError("invalid", "Google handed out no token");
  }
  return { text: access_token, endsAt: now + expires_in * 1000 };
}
