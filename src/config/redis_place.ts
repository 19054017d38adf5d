import { parseInteger, quote } from "../values/kinds.ts";

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

const REDIS_PORT = 6379;
const DEFAULT_PREFIX = "liveroll/";
const FORM = "redis://[USER:PASSWORD@]HOST[:PORT][/DB]";

/**
 * Reads what follows `redis:` or `rediss:`; what may be secret appears in no complaint.
 *
 * @param take Takes a parameter; null: there is none.
 * @throws {Error} When it makes no sense.
 */
export function redisTarget(
  scheme: string,
  place: string,
  take: (name: string) => string | null,
): RedisTarget {
  const isTls = scheme === "rediss";
  // With a scheme that it knows, `URL` looks closely at hosts and ports.
  const url = URL.parse(`https:${place}`);
  if (!place.startsWith("//") || url === null || url.hash !== "") {
    throw new SyntaxError(`the address of Redis makes no sense, give ${FORM}`);
  }
  const prefix = take("prefix") ?? DEFAULT_PREFIX;
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
