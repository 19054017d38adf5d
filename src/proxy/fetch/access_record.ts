import type { AccessEntry } from "../access_log.ts";
import { clientAddress } from "../client_address.ts";
import type { Exchange } from "./exchange.ts";

/**
 * What the access log tells of a request, from its arrival to its end. Everything is read at once:
 * Deno gives nothing away when the request is over.
 */
export class AccessRecord {
  #time = Date.now();
  #began = performance.now();
  #request: Pick<
    AccessEntry,
    "client" | "method" | "target" | "protocol" | "host" | "userAgent" | "referer"
  >;

  constructor(
    { method, url, headers }: Request,
    peer: string,
    isTrusted: (ip: string) => boolean,
  ) {
    const said = {
      xForwardedFor: headers.get("x-forwarded-for"),
      forwarded: headers.get("forwarded"),
    };
    const host = headers.get("host");
    // The scheme is what the client says in HTTP/2, whatever the listener is.
    const path = url.indexOf("/", url.indexOf("://") + "://".length);
    this.#request = {
      client: clientAddress(peer, said, isTrusted),
      method,
      target: path < 0 ? "/" : url.slice(path),
      // A guess, as Deno does not say what was spoken: HTTP/1.0 may come without, too.
      protocol: host === null ? "HTTP/2.0" : "HTTP/1.1",
      host: host ?? new URL(url).host,
      userAgent: headers.get("user-agent") ?? "",
      referer: headers.get("referer") ?? "",
    };
  }

  /** The entry of the request, which is over. */
  entry({ asked, status, requestBytes, responseBytes, tries, reasons }: Exchange): AccessEntry {
    const target = asked?.target;
    return {
      time: this.#time,
      ...this.#request,
      status: reasons.at(-1) === "client_gone" ? 499 : status,
      requestBytes,
      responseBytes,
      durationMs: performance.now() - this.#began,
      backend: target?.key ?? null,
      version: target?.version ?? null,
      tries,
      reasons,
    };
  }
}
