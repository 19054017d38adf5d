import { fromDockerConfig } from "./docker_config.ts";
import type { Login } from "./login.ts";

type Env = Readonly<Record<string, string>>;

/** Variables that hold the password of some servers, and the name that goes with it. */
const OF_SERVERS: readonly {
  host: RegExp;
  user: string;
  password(env: Env): string | undefined;
}[] = [
  // GitHub looks at the token only.
  {
    host: /^ghcr\.io$/,
    user: "liveroll",
    password: (env) => env.GITHUB_TOKEN || env.GH_TOKEN,
  },
  {
    host: /^[^.]+\.dkr\.ecr\.[^.]+\.amazonaws\.com(\.cn)?$/,
    user: "AWS",
    password: (env) => env.AWS_ECR_PASSWORD,
  },
  {
    host: /^([^.]+\.)?gcr\.io$|^[^.]+-docker\.pkg\.dev$/,
    user: "_json_key",
    password: (env) => env.GCR_TOKEN,
  },
];

/**
 * Who asks the server `host`: `DOCKER_USERNAME` with `DOCKER_PASSWORD`, else a variable for servers
 * of its kind, else whoever has logged in with `docker login`; null: nobody in particular.
 *
 * @param host What logins are filed under.
 * @throws {RegistryError} When there is a login that cannot be read.
 */
export async function findLogin(
  host: string,
  env: Env,
  signal: AbortSignal,
): Promise<Login | null> {
  const { DOCKER_USERNAME: user, DOCKER_PASSWORD: password } = env;
  if (user && password) return { kind: "password", user, password };
  const own = OF_SERVERS.find((server) => server.host.test(host));
  const token = own?.password(env);
  if (own && token) return { kind: "password", user: own.user, password: token.trim() };
  return await fromDockerConfig(host, env, signal);
}
