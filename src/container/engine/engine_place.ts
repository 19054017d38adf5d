import { quote } from "../../values/kinds.ts";

const DOCKER = "/var/run/docker.sock";
const PODMAN = "/run/podman/podman.sock";

/** Where to look for an engine. */
export interface EnginePlaceOptions {
  /** As in `DOCKER_HOST`, or a path; null: not given. */
  readonly host: string | null;
  readonly env: Readonly<Record<string, string>>;
  /** Whether there is something at a path. */
  readonly exists: (path: string) => boolean;
}

/**
 * The path of the engine's socket: what is given, else `DOCKER_HOST`, else the first that exists of
 * Docker's, Podman's, and those of a user's own Docker and Podman; else Docker's, which then is
 * missed by its name.
 *
 * @throws {SyntaxError} When it is not a socket of this host.
 */
export function enginePlace({ host, env, exists }: EnginePlaceOptions): string {
  const given = host ?? (env.DOCKER_HOST || null);
  if (given !== null) return socketPath(given);
  const own = env.XDG_RUNTIME_DIR;
  const users = own ? [`${own}/docker.sock`, `${own}/podman/podman.sock`] : [];
  return [DOCKER, PODMAN, ...users].find(exists) ?? DOCKER;
}

/** Another host's ports are not on our loopback, so only sockets will do. */
function socketPath(host: string): string {
  const path = host.replace(/^unix:\/\//, "");
  if (path.startsWith("/") && !path.includes("\0")) return path;
  throw new SyntaxError(
    `${quote(host)} is no socket of an engine on this host, give unix:///PATH`,
  );
}
