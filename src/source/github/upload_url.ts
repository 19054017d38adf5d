import { RegistryError } from "../registry.ts";

/**
 * Where files are added to a release, if that is a place our token may be sent to: the host of the
 * API, or the one beside it that is there for uploads.
 *
 * @throws {RegistryError}
 */
export function uploadUrlFor(text: string, apiUrl: string): URL {
  const api = new URL(apiUrl);
  const url = URL.canParse(text) ? new URL(text) : null;
  const hosts = [api.hostname, `uploads.${api.hostname.replace(/^api\./, "")}`];
  if (url !== null && url.protocol === api.protocol && hosts.includes(url.hostname)) return url;
  const where = url === null ? "nowhere" : url.origin;
  throw new RegistryError("invalid", `Cannot report: uploads lead to ${where}, not to ${hosts[1]}`);
}
