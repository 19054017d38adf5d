import { type Cidr, parseCidr, parseIp } from "../platform/cidr.ts";
import { type Kind, parseInteger, quote } from "../values/kinds.ts";
import type { StatusRange } from "./config.ts";

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?$/i;

/** An address to listen on: an IP address or a host name. */
export const listenHost: Kind<string> = {
  placeholder: "HOST",
  parse(text) {
    const host = unbracketed(text);
    if (parseIp(host) !== null || isHostName(host)) return host;
    throw new SyntaxError(
      `${quote(text)} is not an address, give an IP address or a host name without port`,
    );
  },
};

/** An IP address to connect to; names are refused because they may stand for several. */
export const connectAddress: Kind<string> = {
  placeholder: "IP",
  parse(text) {
    const host = unbracketed(text);
    const bytes = parseIp(host);
    if (bytes === null) {
      throw new SyntaxError(
        `${quote(text)} is not an IP address, give for example 127.0.0.1 or ::1`,
      );
    }
    if (bytes.every((byte) => byte === 0)) {
      throw new RangeError(
        `${quote(text)} is no address to connect to, give for example 127.0.0.1`,
      );
    }
    return host;
  },
};

/** An address and a port to listen on: `127.0.0.1:9000`, `[::1]:9000`, `localhost:9000`. */
export const listenAddress: Kind<{ readonly host: string; readonly port: number }> = {
  placeholder: "HOST:PORT",
  parse(text) {
    const [, host = "", port = ""] = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(text) ?? [];
    if (host === "") {
      throw new SyntaxError(`${quote(text)} is not HOST:PORT, give for example 127.0.0.1:9000`);
    }
    return { host: listenHost.parse(host), port: parseInteger(port, 1, 65_535) };
  },
};

/** What may stand in a `Host` header. */
export const hostHeader: Kind<string> = {
  placeholder: "HOST",
  parse(text) {
    const [, host = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
    const named = host.startsWith("[") ? parseIp(unbracketed(host))?.length === 16 : isHost(host);
    if (named && Number(port ?? 1) <= 65_535) return text;
    throw new SyntaxError(`${quote(text)} is not a host, give for example www.example.com`);
  },
};

/** Status codes and ranges, for example `200-299,404`. */
export const statusRanges: Kind<readonly StatusRange[]> = {
  placeholder: "CODES",
  isList: true,
  parse(text) {
    const ranges = items(text).map(parseRange);
    if (ranges.length === 0) throw new SyntaxError("the list is empty, give for example 200-299");
    return ranges;
  },
};

/** Status codes, for example `502,503`; may be empty. */
export const errorCodes: Kind<readonly number[]> = {
  placeholder: "CODES",
  isList: true,
  parse: (text) => [...new Set(items(text).map((item) => parseCode(item, 400)))],
};

/** Blocks of IP addresses; may be empty. */
export const cidrs: Kind<readonly Cidr[]> = {
  placeholder: "CIDRS",
  isList: true,
  parse: (text) => items(text).map(parseBlock),
};

function parseBlock(text: string): Cidr {
  try {
    return parseCidr(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`${error.message}, give for example 10.0.0.0/8 or fd00::/8`, {
      cause: error,
    });
  }
}

function parseRange(text: string): StatusRange {
  const [first = "", last = first, ...rest] = text.split("-");
  if (rest.length > 0) {
    throw new SyntaxError(`${quote(text)} is not a range, give for example 200-299`);
  }
  const range = { from: parseCode(first, 200), to: parseCode(last, 200) };
  if (range.from > range.to) {
    throw new RangeError(`the range ${text} is backwards, give ${last}-${first}`);
  }
  return range;
}

function parseCode(text: string, least: number): number {
  if (/^\d{3}$/.test(text) && Number(text) >= least && Number(text) <= 599) return Number(text);
  throw new RangeError(`${quote(text)} is not a status code from ${least} to 599`);
}

/** The items of a comma-separated list; none of them is empty. */
export function items(text: string): string[] {
  if (text.trim() === "") return [];
  const list = text.split(",").map((item) => item.trim());
  if (list.includes("")) throw new SyntaxError(`${quote(text)} has an empty item, remove a comma`);
  return list;
}

function unbracketed(text: string): string {
  return /^\[.*:.*\]$/.test(text) ? text.slice(1, -1) : text;
}

function isHost(text: string): boolean {
  return parseIp(text)?.length === 4 || isHostName(text);
}

/** A name that ends in a number is an IP address gone wrong (`127.0.0.256`, `10.1`). */
function isHostName(text: string): boolean {
  return HOST_NAME.test(text) && !/(^|\.)\d+\.?$/.test(text);
}
