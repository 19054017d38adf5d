import {
  connectionNames,
  forwardedHeaders,
  isForwarding,
  isHopByHop,
  type Origin,
} from "../forwarded.ts";

/** Headers that `fetch` makes itself or that have done their work here. */
const HANDLED: ReadonlySet<string> = new Set([
  "accept-encoding",
  "content-length",
  "expect",
  "host",
]);

/**
 * The header lines for the backend.
 *
 * @param headers As the client sent them.
 */
export function backendHeaders(headers: Headers, origin: Origin): [string, string][] {
  const named = connectionNames(headers.get("connection"));
  const lines: [string, string][] = [["host", origin.host]];
  for (const line of headers) {
    const name = line[0];
    if (isHopByHop(name, named) || isForwarding(name) || HANDLED.has(name)) continue;
    lines.push(line);
  }
  lines.push(...forwardedHeaders((name) => headers.get(name), origin));
  lines.push(...contentCodings(headers.get("accept-encoding")));
  lines.push(...silenced(headers));
  return lines;
}

/**
 * Deno decodes compressed answers (and leaves their headers as they were, which corrupts them)
 * unless the first `accept-encoding` line is exactly `identity`. What the client accepts goes into a
 * second line; both together are one list, so the application may still compress.
 */
function contentCodings(accepted: string | null): [string, string][] {
  const lines: [string, string][] = [["accept-encoding", "identity"]];
  if (accepted !== null && !/identity|\*/.test(accepted)) lines.push(["accept-encoding", accepted]);
  return lines;
}

/**
 * `fetch` adds its own values for these when they are absent. An empty one is as near as it gets to
 * none. The wildcard that it adds as `accept` means the same as none.
 */
function silenced(headers: Headers): [string, string][] {
  return ["user-agent", "accept-language"]
    .filter((name) => !headers.has(name))
    .map((name) => [name, ""]);
}
