/** Bytes that a URL parser leaves alone anywhere in a path or query. */
const PLAIN = /^\/[\w\-.~!$&()*+,;=:@/?%]*$/;
/** A path segment that may be removed by a URL parser. */
const DOTS = /\/(\.|%2e)/i;
/** Host and port as RFC 3986 has them, without user information. */
const AUTHORITY = /^[\w\-.~!$&'()*+,;=%:[\]]+$/;
const SCHEME = /^https?:\/\//;
/** Methods that `fetch` writes in capitals, whatever the client wrote. */
const CAPITALISED: ReadonlySet<string> = new Set([
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "POST",
  "PUT",
]);
/** Methods that `fetch` does not send, in whatever case. */
const FORBIDDEN: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Where a request wants to go. */
export type Target =
  | { kind: "target"; authority: string; pathAndQuery: string }
  /** A request that must not be passed on; `detail` is for the client. */
  | { kind: "refused"; status: number; detail: string };

/**
 * Takes the request target as the client sent it out of the URL that Deno made of it, which is
 * neither normalised nor checked.
 *
 * @param url `Request.url` of the server.
 * @param host The `Host` header.
 */
export function readTarget(method: string, url: string, host: string | null): Target {
  const scheme = SCHEME.exec(url)?.[0];
  if (!scheme) return refused(400, "The request target is not an HTTP address.");
  if (!survivesFetch(method)) return refused(501, "This method cannot be passed on.");
  const authority = authorityOf(url.slice(scheme.length), host);
  if (!AUTHORITY.test(authority)) {
    return refused(400, "The Host header or the request target is invalid.");
  }
  const pathAndQuery = url.slice(scheme.length + authority.length) || "/";
  if (method === "OPTIONS" && pathAndQuery === "/*") {
    return refused(501, "OPTIONS * cannot be passed on.");
  }
  if (!survivesParsing(pathAndQuery)) {
    return refused(
      501,
      "The path cannot be passed on unchanged; percent-encode it and remove dot segments.",
    );
  }
  return { kind: "target", authority, pathAndQuery };
}

/** An absolute-form target overrides `Host` (RFC 9112, 3.2.2). */
function authorityOf(rest: string, host: string | null): string {
  if (host && rest.startsWith(host) && /^[/?#]?$/.test(rest.charAt(host.length))) return host;
  return rest.slice(0, rest.search(/[/?#]|$/));
}

/** Methods are case-sensitive (RFC 9110, 9.1): `post` is not `POST`. */
function survivesFetch(method: string): boolean {
  const capitals = method.toUpperCase();
  return !FORBIDDEN.has(capitals) && (method === capitals || !CAPITALISED.has(capitals));
}

/** `fetch` parses the address; what it would rewrite must not be sent. */
function survivesParsing(pathAndQuery: string): boolean {
  if (PLAIN.test(pathAndQuery) && !DOTS.test(pathAndQuery)) return true;
  if (pathAndQuery.includes("#")) return false;
  const url = `http://h${pathAndQuery}`;
  return URL.parse(url)?.href === url;
}

function refused(status: number, detail: string): Target {
  return { kind: "refused", status, detail };
}
