import {
  type GcsTarget,
  gcsTarget,
  type S3Target,
  s3Target,
} from "../source/bucket/bucket_places.ts";
import { parseDuration } from "../values/duration.ts";
import { type Kind, quote } from "../values/kinds.ts";
import { didYouMean } from "../values/suggestion.ts";
import { type ConsulTarget, consulTarget } from "./consul_place.ts";
import { type RedisTarget, redisTarget } from "./redis_place.ts";

/** Where liverolls keep what they share. */
export type StoreTarget =
  | { readonly kind: "memory" }
  /** `path` is null: a directory of our own. */
  | { readonly kind: "file"; readonly path: string | null }
  | RedisTarget
  | ConsulTarget
  | S3Target
  | GcsTarget;

/** Where artifacts and answers of the registry are kept. */
export interface CacheTarget {
  /** Null: nowhere. */
  readonly store: StoreTarget | null;
  /** How long an answer is good, if the URL says it; null: it does not. */
  readonly registryTtlMs: number | null;
}

const SCHEMES = ["file", "memory", "redis", "rediss", "consul", "consul+https", "s3", "gs"];
const KNOWN = "off, memory:, file:///DIR, redis://[USER:PASSWORD@]HOST[:PORT][/DB], " +
  "consul://HOST[:PORT][/PREFIX], " +
  "s3://REGION/BUCKET/PREFIX or gs://BUCKET/PREFIX";

/** One place to keep things in. What may be secret appears in no complaint. */
export const cacheTarget: Kind<CacheTarget> = {
  placeholder: "URL",
  parse(text) {
    if (text === "off") return { store: null, registryTtlMs: null };
    const { store, "registry-ttl": ttl } = parseStoreUrl(text, ["registry-ttl"]);
    const registryTtlMs = ttl === undefined ? null : parseDuration(ttl);
    if (registryTtlMs !== null && registryTtlMs < 0) {
      throw new RangeError(`registry-ttl=${quote(ttl ?? "")} has a sign, remove it`);
    }
    return { store, registryTtlMs };
  },
};

/**
 * Reads where a store is. What may be secret appears in no complaint.
 *
 * @param names Parameters that mean something to the caller; those that are there are returned, too.
 * @throws {SyntaxError} @throws {RangeError}
 */
export function parseStoreUrl<const N extends string>(
  text: string,
  names: readonly N[],
): { readonly store: StoreTarget } & Readonly<Partial<Record<N, string>>> {
  const [, scheme = ""] = /^([a-z][a-z0-9+]*):/.exec(text) ?? [];
  const [place = "", query = ""] = text.slice(scheme.length + 1).split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  const taken: Partial<Record<N, string>> = {};
  for (const name of names) {
    const value = take(parameters, name);
    if (value !== null) taken[name] = value;
  }
  return { ...taken, store: parseStore(scheme, place, parameters) };
}

function parseStore(scheme: string, place: string, parameters: URLSearchParams): StoreTarget {
  const store = parseAs(scheme, place, parameters);
  const [name] = parameters.keys();
  if (name === undefined) return store;
  throw new SyntaxError(`the parameter ${quote(name)} is not known in ${quote(`${scheme}:`)}`);
}

function parseAs(scheme: string, place: string, parameters: URLSearchParams): StoreTarget {
  switch (scheme) {
    case "memory":
      if (place === "" || place === "//") return { kind: "memory" };
      throw new SyntaxError("memory: is all there is to say, remove the rest");
    case "file":
      return parseFile(place);
    case "redis":
    case "rediss":
      return redisTarget(scheme, place, (name) => take(parameters, name));
    case "consul":
    case "consul+https":
      return consulTarget(scheme, place, (name) => take(parameters, name));
    case "s3":
      return s3Target(...written(scheme, place), take(parameters, "endpoint"));
    case "gs":
      return gcsTarget(...written(scheme, place));
    case "":
      throw new SyntaxError(`the value is no URL, give ${KNOWN}`);
  }
  const hint = didYouMean(scheme, SCHEMES);
  throw new SyntaxError(`${quote(`${scheme}:`)} is no kind of cache${hint}, give ${KNOWN}`);
}

function parseFile(place: string): StoreTarget {
  if (place === "" || place === "//") return { kind: "file", path: null };
  const path = /^\/\/(\/.+)$/s.exec(place)?.[1];
  if (path !== undefined && !path.includes("\0")) return { kind: "file", path };
  throw new SyntaxError(
    `${quote(`file:${place}`)} is not file:///DIR: the path has to be absolute`,
  );
}

/** A URL whose path is text, not percent-encoded: the whole of it, and its parts. */
function written(scheme: string, place: string): [text: string, parts: readonly string[]] {
  const text = `${scheme}:${place}`;
  if (/\s/.test(place)) throw new SyntaxError(`${quote(text)} has white space in it`);
  // Without slashes, nothing of it is what it should be.
  return [text, place.startsWith("//") ? place.slice(2).split("/") : []];
}

function take(parameters: URLSearchParams, name: string): string | null {
  const value = parameters.get(name);
  parameters.delete(name);
  return value === "" ? null : value;
}
