import type { ImageRepository } from "../../image/image_reference.ts";
import { Access } from "./access.ts";
import { findLogin } from "./find_login.ts";
import { imagePlace } from "./image_place.ts";
import { OciRegistry } from "./oci_registry.ts";

/**
 * A registry of the images of one repository, with what the environment says: `DOCKER_USERNAME` and
 * `DOCKER_PASSWORD`, `GITHUB_TOKEN` for `ghcr.io`, else what `docker login` has left.
 *
 * @param date Milliseconds since 1970.
 */
export function createOci(
  name: ImageRepository,
  env: Readonly<Record<string, string>>,
  date: () => number,
): OciRegistry {
  const place = imagePlace(name);
  const login = (signal: AbortSignal) => findLogin(place.login, env, signal);
  return new OciRegistry(name, place, new Access({ place, login, date }));
}
