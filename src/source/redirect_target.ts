import { RegistryError } from "./registry.ts";
import { withoutQuery } from "./without_query.ts";

/**
 * Where an answer points to.
 *
 * @param url What was asked.
 * @param location Relative to it.
 * @throws {RegistryError} When that is no place to ask, or one where everybody could listen in.
 */
export function redirectTarget(url: string, location: string): URL {
  const next = URL.canParse(location, url) ? new URL(location, url) : null;
  const isWorse = new URL(url).protocol === "https:" && next?.protocol !== "https:";
  if (next !== null && !isWorse && /^https?:$/.test(next.protocol)) return next;
  throw new RegistryError("invalid", `Cannot GET ${withoutQuery(url)}: it points nowhere to go`);
}
