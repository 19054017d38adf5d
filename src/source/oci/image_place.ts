import type { ImageRepository } from "../../image/image_reference.ts";

/** Where an image repository is asked for. */
export interface ImagePlace {
  /** Without a slash at its end. */
  readonly url: string;
  readonly repository: string;
  /** What logins for it are filed under. */
  readonly login: string;
}

const DOCKER_HUB = "docker.io";
const DOCKER_HUB_NAMES: readonly string[] = [DOCKER_HUB, "index.docker.io", "registry-1.docker.io"];

/**
 * Where a repository is, by the rules of image names: `docker.io` is a name for another server, and
 * what has no owner there is in `library/`. Only this machine itself is asked without TLS.
 */
export function imagePlace({ host, repository }: ImageRepository): ImagePlace {
  const login = loginHost(host);
  if (login === DOCKER_HUB) {
    const inLibrary = repository.includes("/") ? repository : `library/${repository}`;
    return { url: "https://registry-1.docker.io", repository: inLibrary, login };
  }
  const scheme = isThisMachine(host) ? "http" : "https";
  return { url: `${scheme}://${host}`, repository, login };
}

/** What logins for a server are filed under; `server` may be a URL. */
export function loginHost(server: string): string {
  const host = server.replace(/^https?:\/\//, "").replace(/\/.*$/s, "").toLowerCase();
  return DOCKER_HUB_NAMES.includes(host) ? DOCKER_HUB : host;
}

function isThisMachine(host: string): boolean {
  return /^(?:localhost|127\.0\.0\.1)(?::\d+)?$/.test(host);
}
