import { parseIp } from "../platform/cidr.ts";

/** What proxies say about who asked, lines of one name joined by commas; null: no such line. */
export interface ForwardedBy {
  readonly xForwardedFor: string | null;
  /** RFC 7239; counts where there is no `X-Forwarded-For`. */
  readonly forwarded: string | null;
}

/**
 * The client's address: from the connected peer to the left, each trusted proxy is believed about
 * the one before it, and the first that is not trusted is the client. What is no address ends the
 * walk: the last proxy that could be believed is as far as anybody knows.
 *
 * @param peer Address of the connected peer.
 */
export function clientAddress(
  peer: string,
  said: ForwardedBy,
  isTrusted: (ip: string) => boolean,
): string {
  let client = bareAddress(peer) ?? peer;
  if (!isTrusted(peer)) return client;
  const hops = said.xForwardedFor === null
    ? forwardedNodes(said.forwarded ?? "")
    : said.xForwardedFor.split(",");
  for (const hop of hops.toReversed()) {
    const address = bareAddress(hop.trim());
    if (address === null) break;
    client = address;
    if (!isTrusted(address)) break;
  }
  return client;
}

/** An address without port, brackets and zone; IPv4 in IPv6 dress as IPv4; null: it is none. */
function bareAddress(text: string): string | null {
  const [, bracketed, withPort] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/.exec(text) ?? [];
  const address = (bracketed ?? withPort ?? text).replace(/%.*$/s, "");
  const ipv4 = /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address;
  return parseIp(ipv4) === null ? null : ipv4.toLowerCase();
}

/** The value of `for` in every element; empty where there is none. */
function forwardedNodes(value: string): string[] {
  return splitOutsideQuotes(value, ",").map((element) => {
    for (const pair of splitOutsideQuotes(element, ";")) {
      const node = /^\s*for=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))\s*$/i.exec(pair);
      if (node) return (node[1] ?? node[2] ?? "").replace(/\\(.)/g, "$1");
    }
    return "";
  });
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted && character === "\\") i++;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}
