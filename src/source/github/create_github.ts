import { AppCredentials, type Credentials, TokenCredentials } from "./credentials.ts";
import { GitHubRegistry } from "./github_registry.ts";

const PUBLIC_API = "https://api.github.com";

/**
 * A registry for `owner/repo`, with what the environment says: `GITHUB_APP_ID`,
 * `GITHUB_APP_INSTALLATION_ID` and `GITHUB_APP_PRIVATE_KEY` (or `_PATH`) before `GH_TOKEN` before
 * `GITHUB_TOKEN`; `GITHUB_API_URL` or `GITHUB_ENDPOINT` for GitHub Enterprise.
 *
 * @throws {Error} When it makes no sense; the message names the variable.
 */
export function createGitHub(
  { owner, repo }: { readonly owner: string; readonly repo: string },
  env: Readonly<Record<string, string>>,
  date: () => number,
): GitHubRegistry {
  const given = env.GITHUB_API_URL || env.GITHUB_ENDPOINT || PUBLIC_API;
  if (!/^https?:\/\//.test(given) || !URL.canParse(given)) {
    const name = env.GITHUB_API_URL ? "GITHUB_API_URL" : "GITHUB_ENDPOINT";
    throw new Error(`Cannot ask GitHub: ${name}=${JSON.stringify(given)} is no URL`);
  }
  const apiUrl = given.replace(/\/+$/, "");
  return new GitHubRegistry({
    owner,
    repo,
    apiUrl,
    credentials: credentials(env, apiUrl, date),
    date,
  });
}

function credentials(
  env: Readonly<Record<string, string>>,
  apiUrl: string,
  date: () => number,
): Credentials {
  const appId = env.GITHUB_APP_ID;
  if (!appId) return new TokenCredentials((env.GH_TOKEN || env.GITHUB_TOKEN)?.trim() || null);
  const installationId = env.GITHUB_APP_INSTALLATION_ID;
  if (!installationId) {
    throw new Error("Cannot ask GitHub as an app: GITHUB_APP_INSTALLATION_ID is not set");
  }
  return new AppCredentials({ appId, installationId, privateKey: privateKey(env) }, apiUrl, date);
}

function privateKey(env: Readonly<Record<string, string>>): string {
  // Files of variables often have no other way to write a line break.
  if (env.GITHUB_APP_PRIVATE_KEY) return env.GITHUB_APP_PRIVATE_KEY.replaceAll("\\n", "\n");
  const path = env.GITHUB_APP_PRIVATE_KEY_PATH;
  if (!path) throw new Error("Cannot ask GitHub as an app: GITHUB_APP_PRIVATE_KEY is not set");
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    throw new Error(`Cannot read GITHUB_APP_PRIVATE_KEY_PATH=${path}`, { cause });
  }
}
