/**
 * Fields that must be known before the content comes, so that a trailer must not bring them
 * (RFC 9110, 6.5.1), and those that only we may set. A recipient that merges trailers into the
 * head would otherwise be led by whatever stands behind the body.
 */
const FORBIDDEN: ReadonlySet<string> = new Set([
  // Framing, and what concerns one connection only.
  "connection",
  "http2-settings",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  // Routing, and who the client is.
  "forwarded",
  "host",
  "via",
  "x-real-ip",
  // Conditions and controls of a request.
  "cache-control",
  "expect",
  "max-forwards",
  "pragma",
  "range",
  // Authentication.
  "authorization",
  "cookie",
  "set-cookie",
  "www-authenticate",
  // How to treat an answer.
  "age",
  "date",
  "expires",
  "location",
  "retry-after",
  "vary",
  "warning",
]);
const FORBIDDEN_BEGINNINGS = ["content-", "if-", "proxy-", "x-forwarded-"] as const;
/** A digest of the content can only be sent behind it (RFC 9530, 3). */
const ALLOWED = "content-digest";

/**
 * Whether a trailer field of this name may be passed on. `_` counts as `-`: gateways of the CGI
 * kind do not tell them apart.
 */
export function isTrailerAllowed(name: string): boolean {
  const plain = name.toLowerCase().replaceAll("_", "-");
  if (plain === ALLOWED) return true;
  return !FORBIDDEN.has(plain) &&
    !FORBIDDEN_BEGINNINGS.some((beginning) => plain.startsWith(beginning));
}
