import { type Kind, parseInteger, quote } from "./kinds.ts";
import { parseDuration } from "./duration.ts";
import { didYouMean } from "./suggestion.ts";

/** A Redis server, and where in it. */
export interface RedisTarget {
  readonly kind: "redis";
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly isTls: boolean;
  readonly username: string | null;
  readonly password: string | null;
  /** Every key begins with it. */
  readonly prefix: string;
}

/** Where liverolls keep what they share. */
export type StoreTarget =
  | { readonly kind: "memory" }
  /** `path` is null: a directory of our own. */
  | { readonly kind: "file"; readonly path: string | null }
  | RedisTarget;

/** Where artifacts and answers of the registry are kept. */
export interface CacheTarget {
  /** Null: nowhere. */
  readonly store: StoreTarget | null;
  /** How long an answer is good, if the URL says it; null: it does not. */
  readonly registryTtlMs: number | null;
}

const REDIS_PORT = 6379;
const DEFAULT_PREFIX = "liveroll/";
const SCHEMES = ["file", "memory", "redis", "rediss"];
const KNOWN = "off, memory:, file:///DIR or redis://[USER:PASSWORD@]HOST[:PORT][/DB]";

/** One place to keep things in. What may be secret appears in no complaint. */
export const cacheTarget: Kind<CacheTarget> = {
  placeholder: "URL",
  parse(text) {
    if (text === "off") return { store: null, registryTtlMs: null };
    const [, scheme = ""] = /^([a-z][a-z0-9+]*):/.exec(text) ?? [];
    const [place = "", query = ""] = text.slice(scheme.length + 1).split(/\?(.*)/s);
    const parameters = new URLSearchParams(query);
    const ttl = take(parameters, "registry-ttl");
    const store = parseStore(scheme, place, parameters);
    const registryTtlMs = ttl === null ? null : parseDuration(ttl);
    if (registryTtlMs !== null && registryTtlMs < 0) {
      throw new RangeError(`registry-ttl=${quote(ttl ?? "")} has a sign, remove it`);
    }
    return { store, registryTtlMs };
  },
};

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
      return parseRedis(scheme, place, parameters);
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

function parseRedis(scheme: string, place: string, parameters: URLSearchParams): RedisTarget {
  const isTls = scheme === "rediss";
  // With a scheme that it knows, `URL` looks closely at hosts and ports.
  const url = URL.parse(`https:${place}`);
  if (!place.startsWith("//") || url === null || url.hash !== "") {
    throw new SyntaxError(`the address of Redis makes no sense, give ${KNOWN}`);
  }
  const prefix = take(parameters, "prefix") ?? DEFAULT_PREFIX;
  if (!/^[\w:./-]{1,100}$/.test(prefix)) {
    throw new SyntaxError(`prefix=${quote(prefix)} has other than letters, digits and :_./-`);
  }
  const db = url.pathname.slice(1);
  return {
    kind: "redis",
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: portOf(place, url),
    db: db === "" ? 0 : parseInteger(db, 0, 999),
    isTls,
    username: decoded(url.username),
    password: decoded(url.password),
    prefix,
  };
}

/** `URL` leaves out the port that is usual for HTTPS. */
function portOf(place: string, { port }: URL): number {
  if (port !== "") return Number(port);
  return /:0*443(?:\/|$)/.test(place) ? 443 : REDIS_PORT;
}

function decoded(text: string): string | null {
  try {
    return text === "" ? null : decodeURIComponent(text);
  } catch {
    throw new SyntaxError("a percent sign in the user or the password is written %25");
  }
}

function take(parameters: URLSearchParams, name: string): string | null {
  const value = parameters.get(name);
  parameters.delete(name);
  return value === "" ? null : value;
}
