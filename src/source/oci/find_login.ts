import { fromDockerConfig } from "./docker_config.ts";
import type { Login } from "./login.ts";

/** GitHub looks at the token only. */
const ANY_USER = "liveroll";

/**
 * Who asks the server `host`: `DOCKER_USERNAME` with `DOCKER_PASSWORD`, for `ghcr.io` `GITHUB_TOKEN`,
 * else whoever has logged in with `docker login`; null: nobody in particular.
 *
 * @param host What logins are filed under.
 * @throws {RegistryError} When there is a login that cannot be read.
 */
export async function findLogin(
  host: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Login | null> {
  const { DOCKER_USERNAME: user, DOCKER_PASSWORD: password } = env;
  if (user && password) return { kind: "password", user, password };
  const token = env.GITHUB_TOKEN || env.GH_TOKEN;
  if (host === "ghcr.io" && token) {
    return { kind: "password", user: ANY_USER, password: token.trim() };
  }
  return await fromDockerConfig(host, env, signal);
}
