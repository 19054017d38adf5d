import { equalSecrets } from "./equal.ts";
import { isLoopback } from "../platform/loopback.ts";
import { Problem, shown } from "./problem.ts";

/** Decides who may ask for what only the operator may. */
export interface Door {
  /** @throws {Problem} When `request` may not. */
  admit(request: Request): void;
}

/** For the unix socket: who may open it, may do everything. */
export const openDoor: Door = { admit() {} };

/** The door of a TCP listener on `host`. */
export function doorFor(host: string, token: string | null): Door {
  return token === null ? new LoopbackDoor(host) : new TokenDoor(token);
}

/** Lets in who has the token. */
class TokenDoor implements Door {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  admit({ headers }: Request): void {
    const given = /^bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
    if (given === undefined) throw unauthorized("A bearer token is needed", "");
    if (!equalSecrets(given, this.#token)) {
      throw unauthorized("The token is wrong", ', error="invalid_token"');
    }
  }
}

/**
 * Lets in everybody on this host, but not the pages of others that run in a browser here: they
 * come with a name of their own (which they may have pointed at this host) or from another origin.
 */
class LoopbackDoor implements Door {
  readonly #host: string;

  constructor(host: string) {
    this.#host = host.toLowerCase();
  }

  admit({ method, headers, url }: Request): void {
    // HTTP/1.0 has no Host.
    const asked = hostOf(`http://${headers.get("host") ?? new URL(url).host}`);
    if (!asked || !this.#isOurs(asked.hostname)) {
      const name = shown(headers.get("host") ?? "");
      throw new Problem("forbidden", `Host is ${name}: without a token only loopback names may be`);
    }
    const origin = headers.get("origin");
    if (method === "GET" || method === "HEAD" || origin === null) return;
    if (hostOf(origin)?.host !== asked.host) {
      throw new Problem("forbidden", `Origin is ${shown(origin)}: other pages may change nothing`);
    }
  }

  #isOurs(hostname: string): boolean {
    return isLoopback(hostname) || hostname === this.#host;
  }
}

function hostOf(url: string): URL | null {
  return URL.parse(url);
}

function unauthorized(detail: string, error: string): Problem {
  const headers = { "www-authenticate": `Bearer realm="liveroll"${error}` };
  return new Problem("unauthorized", detail, { headers });
}
