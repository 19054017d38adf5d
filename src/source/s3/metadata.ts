import { ask, type HttpRequest, readMembers, readText } from "../http.ts";
import { RegistryError } from "../registry.ts";
import type { KeysForATime } from "./keys.ts";

/** What is on the machine itself answers at once, or is not there. */
const ANSWER_MS = 1000;

const CONTAINER_HOST = "http://169.254.170.2";
const MACHINE_HOST = "http://169.254.169.254";
const TOKEN_SECONDS = 21_600;

/** Where keys may be sent in plain text: they never leave the machine. */
const LOCAL_HOSTS: readonly string[] = [
  "localhost",
  "127.0.0.1",
  "[::1]",
  "169.254.170.2",
  "169.254.170.23",
  "[fd00:ec2::23]",
];

type Env = Readonly<Record<string, string>>;

/**
 * Keys that a container was given; null: it was given none.
 *
 * @throws {RegistryError}
 */
export async function containerKeys(env: Env, signal: AbortSignal): Promise<KeysForATime | null> {
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
  const url = relative ? CONTAINER_HOST + relative : env.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  if (!url) return null;
  if (!URL.canParse(url) || !isLocal(new URL(url))) {
    const name = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    throw new RegistryError("unauthorized", `Cannot ask for keys: ${name} leads elsewhere`);
  }
  const authorization = await containerToken(env);
  const headers = authorization === null ? {} : { authorization };
  return readKeys(await readMembers(await askNow({ url, headers, signal })));
}

/**
 * Keys of the role of a virtual machine; null: it is none of Amazon's, or has no role.
 *
 * @throws The reason of `signal`, when it aborts.
 */
export async function machineKeys(env: Env, signal: AbortSignal): Promise<KeysForATime | null> {
  if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === "true") return null;
  const host = (env.AWS_EC2_METADATA_SERVICE_ENDPOINT || MACHINE_HOST).replace(/\/+$/, "");
  try {
    const token = await readText(
      await askNow({
        url: `${host}/latest/api/token`,
        method: "PUT",
        headers: { "x-aws-ec2-metadata-token-ttl-seconds": String(TOKEN_SECONDS) },
        signal,
      }),
    );
    const headers = { "x-aws-ec2-metadata-token": token };
    const roles = `${host}/latest/meta-data/iam/security-credentials/`;
    const [role = ""] = (await readText(await askNow({ url: roles, headers, signal }))).split("\n");
    return readKeys(await readMembers(await askNow({ url: roles + role.trim(), headers, signal })));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RegistryError) return null;
    throw error;
  }
}

function askNow(request: HttpRequest): Promise<Response> {
  return ask({ ...request, redirect: "manual", answerMs: ANSWER_MS });
}

async function containerToken(env: Env): Promise<string | null> {
  const path = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  if (!path) return env.AWS_CONTAINER_AUTHORIZATION_TOKEN || null;
  try {
    return (await Deno.readTextFile(path)).trim();
  } catch {
    throw new RegistryError("unauthorized", `Cannot read ${path}`);
  }
}

function isLocal({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && LOCAL_HOSTS.includes(hostname));
}

function readKeys(members: Readonly<Record<string, unknown>>): KeysForATime {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = members;
  const endsAt = typeof Expiration === "string" ? Date.parse(Expiration) : NaN;
  if (typeof AccessKeyId !== "string" || typeof SecretAccessKey !== "string") {
    throw new RegistryError("unauthorized", "Cannot use the keys of this machine: there are none");
  }
  const sessionToken = typeof Token === "string" ? Token : null;
  const keys = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken };
  return { keys, endsAt: Number.isNaN(endsAt) ? Infinity : endsAt };
}
