/** Header names that end at the next hop (RFC 9110, 7.6.1), both ways. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);

/** Names that `Connection` must not be able to remove: message framing and routing. */
const ESSENTIAL: ReadonlySet<string> = new Set(["host", "content-length", "date"]);

const FORWARDING: ReadonlySet<string> = new Set([
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-forwarded-server",
  "x-real-ip",
]);

const NONE: ReadonlySet<string> = new Set();

/** What the proxy itself knows about a request's origin. */
export interface Origin {
  /** Address of the connected peer. */
  peer: string;
  /** Whether `peer` may speak for others. */
  trusted: boolean;
  proto: "http" | "https";
  /** Authority the client asked for, as in `Host`. */
  host: string;
}

/** Reads one header, lower-case name; null when absent. */
export type HeaderReader = (name: string) => string | null;

/** Whether a header, lower-case, must not pass from one side to the other. */
export function isHopByHop(name: string, named: ReadonlySet<string>): boolean {
  return HOP_BY_HOP.has(name) || named.has(name);
}

/**
 * Whether {@linkcode forwardedHeaders} decides about this header, lower-case. With underscores it
 * would be the same to CGI and WSGI applications.
 */
export function isForwarding(name: string): boolean {
  return FORWARDING.has(name.replaceAll("_", "-"));
}

/** The header names that a `Connection` value declares to be hop-by-hop. */
export function connectionNames(connection: string | null): ReadonlySet<string> {
  if (connection === null) return NONE;
  const names = connection.toLowerCase().split(",").map((name) => name.trim());
  return new Set(names.filter((name) => name !== "" && !ESSENTIAL.has(name)));
}

/**
 * The forwarding headers for the backend: real values, or what a trusted peer said with the peer
 * appended to `X-Forwarded-For`.
 */
export function forwardedHeaders(read: HeaderReader, origin: Origin): [string, string][] {
  const peer = withoutZone(origin.peer);
  const said: HeaderReader = origin.trusted ? read : () => null;
  const list = said("x-forwarded-for");
  const headers: [string, string][] = [
    ["x-forwarded-for", list ? `${list}, ${peer}` : peer],
    ["x-forwarded-host", said("x-forwarded-host") ?? origin.host],
    ["x-forwarded-proto", said("x-forwarded-proto") ?? origin.proto],
    ["x-forwarded-port", said("x-forwarded-port") ?? portOf(origin)],
    ["x-real-ip", said("x-real-ip") ?? peer],
  ];
  const standard = said("forwarded");
  if (standard) headers.push(["forwarded", standard]);
  return headers;
}

function withoutZone(ip: string): string {
  const zone = ip.indexOf("%");
  return zone < 0 ? ip : ip.slice(0, zone);
}

function portOf({ host, proto }: Origin): string {
  return /:(\d+)$/.exec(host)?.[1] ?? (proto === "https" ? "443" : "80");
}
