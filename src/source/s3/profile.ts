import { RegistryError } from "../registry.ts";
import type { AwsKeys } from "./keys.ts";

type Env = Readonly<Record<string, string>>;

/**
 * The keys of a profile in the files that AWS's own tools write; null: there are none.
 *
 * @throws {RegistryError} When a profile was asked for by name, and there is none.
 */
export async function profileKeys(env: Env): Promise<AwsKeys | null> {
  const asked = env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE;
  const name = asked || "default";
  const home = env.HOME ? `${env.HOME}/.aws` : null;
  const credentials = env.AWS_SHARED_CREDENTIALS_FILE || (home && `${home}/credentials`);
  const config = env.AWS_CONFIG_FILE || (home && `${home}/config`);
  const section = {
    ...await readSection(config, name === "default" ? name : `profile ${name}`),
    ...await readSection(credentials, name),
  };
  if (asked && Object.keys(section).length === 0) {
    throw new RegistryError("unauthorized", `Cannot find the profile ${JSON.stringify(asked)}`);
  }
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey } = section;
  if (!accessKeyId || !secretAccessKey) return null;
  return { accessKeyId, secretAccessKey, sessionToken: section.aws_session_token || null };
}

async function readSection(
  path: string | null | undefined,
  name: string,
): Promise<Record<string, string>> {
  if (!path) return {};
  try {
    return parseSection(await Deno.readTextFile(path), name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw new RegistryError("unauthorized", `Cannot read ${path}`);
  }
}

function parseSection(text: string, name: string): Record<string, string> {
  const values: Record<string, string> = {};
  let section = "";
  for (const line of text.split(/\r?\n/)) {
    const head = /^\s*\[\s*(.*?)\s*\]/.exec(line)?.[1];
    if (head !== undefined) section = head.replace(/\s+/g, " ");
    // What is indented belongs to the line above, which is none of ours.
    const [, key, value] = /^([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (section === name && key !== undefined && value !== undefined) values[key] = value;
  }
  return values;
}
