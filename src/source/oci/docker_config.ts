import { RegistryError } from "../registry.ts";
import { askCredentialHelper } from "./credential_helper.ts";
import { loginHost } from "./image_place.ts";
import type { Login } from "./login.ts";

/** What Docker Hub is called where logins are kept. */
const DOCKER_HUB_KEY = "https://index.docker.io/v1/";

type Env = Readonly<Record<string, string>>;
type Members = Readonly<Record<string, unknown>>;

/**
 * What `docker login` has left for `host`, in its file or with the helper that its file names; null:
 * nothing.
 *
 * @throws {RegistryError} When the file or the helper cannot be used.
 */
export async function fromDockerConfig(
  host: string,
  env: Env,
  signal: AbortSignal,
): Promise<Login | null> {
  const path = configPath(env);
  const config = path === null ? null : await read(path);
  if (config === null || path === null) return null;
  const helper = helperFor(host, config);
  if (helper !== null) {
    const server = host === "docker.io" ? DOCKER_HUB_KEY : host;
    const login = await askCredentialHelper(helper, server, env, signal);
    if (login !== null) return login;
  }
  return inFile(host, members(config.auths), path);
}

function configPath({ DOCKER_CONFIG, HOME }: Env): string | null {
  const directory = DOCKER_CONFIG || (HOME && `${HOME}/.docker`);
  return directory ? `${directory}/config.json` : null;
}

async function read(path: string): Promise<Members | null> {
  try {
    return members(JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    // What the parser says of it would quote it.
    const why = error instanceof SyntaxError ? "it is no JSON" : "it cannot be read";
    throw new RegistryError("unauthorized", `Cannot use ${path}: ${why}`);
  }
}

function helperFor(host: string, { credHelpers, credsStore }: Members): string | null {
  const name = entryFor(host, members(credHelpers)) ?? credsStore;
  return typeof name === "string" && name !== "" ? name : null;
}

function inFile(host: string, auths: Members, path: string): Login | null {
  const { auth, identitytoken, username, password } = members(entryFor(host, auths));
  if (typeof identitytoken === "string" && identitytoken !== "") {
    return { kind: "identity", token: identitytoken };
  }
  if (typeof username === "string" && typeof password === "string") {
    return { kind: "password", user: username, password };
  }
  if (typeof auth !== "string" || auth === "") return null;
  const [, user, secret] = /^([^:]+):(.*?)\0*$/s.exec(decode(auth) ?? "") ?? [];
  if (user !== undefined && secret !== undefined) {
    return { kind: "password", user, password: secret };
  }
  throw new RegistryError(
    "unauthorized",
    `Cannot use ${path}: what it has for ${host} is no login`,
  );
}

/** The entry whose key means `host`, however it was spelled. */
function entryFor(host: string, entries: Members): unknown {
  const key = Object.keys(entries).find((key) => loginHost(key) === host);
  return key === undefined ? undefined : entries[key];
}

function decode(base64: string): string | null {
  try {
    return new TextDecoder().decode(Uint8Array.fromBase64(base64));
  } catch {
    return null;
  }
}

function members(value: unknown): Members {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}
