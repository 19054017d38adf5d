import { prefixOf } from "../source/bucket/bucket_places.ts";
import { quote } from "../values/kinds.ts";

/** A server or an agent of Consul, and where in its key/value store. */
export interface ConsulTarget {
  readonly kind: "consul";
  /** Without a slash at its end. */
  readonly url: string;
  /** Every key begins with it; has a slash at its end. */
  readonly prefix: string;
  /** Null: the one of the server that is asked. */
  readonly datacenter: string | null;
}

const FORM = "consul://HOST[:PORT][/PREFIX]";
const DEFAULT_PREFIX = "liveroll/";

/** Consul's own; the second one is for HTTPS. */
const PORT = 8500;
const TLS_PORT = 8501;

/**
 * Reads what follows `consul:` or `consul+https:`; what may be secret appears in no complaint.
 *
 * @param take Takes a parameter; null: there is none.
 * @throws {SyntaxError} When it makes no sense.
 */
export function consulTarget(
  scheme: string,
  place: string,
  take: (name: string) => string | null,
): ConsulTarget {
  const protocol = scheme === "consul" ? "http" : "https";
  const [, host = "", port, path = ""] =
    /^\/\/([^/:@\s]+|\[[0-9A-Fa-f:.]+\])(?::(\d+))?(?:\/(\S*))?$/.exec(place) ?? [];
  const url = `${protocol}://${host}:${port ?? (protocol === "http" ? PORT : TLS_PORT)}`;
  if (/^\/\/[^/]*@/.test(place)) {
    throw new SyntaxError("a token in the URL could be read by others, give CONSUL_HTTP_TOKEN");
  }
  if (host === "" || !URL.canParse(url)) {
    throw new SyntaxError(`the address of Consul makes no sense, give ${FORM}`);
  }
  const parts = path.split("/");
  const odd = parts.find((part) => /^\.\.?$|%/.test(part));
  if (odd !== undefined) {
    throw new SyntaxError(`${quote(odd)} in the prefix is nothing that Consul takes, leave it out`);
  }
  const prefix = prefixOf(parts) || DEFAULT_PREFIX;
  return { kind: "consul", url, prefix, datacenter: take("dc") };
}
