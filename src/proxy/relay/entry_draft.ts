import { Buffer } from "node:buffer";
import type { AccessEntry } from "../access_log.ts";
import { clientAddress } from "../client_address.ts";
import type { Exchange } from "./exchange.ts";
import type { RequestHead } from "./head/heads.ts";
import { requestTarget } from "./head/lookup.ts";

const LOGGED: ReadonlySet<string> = new Set([
  "host",
  "user-agent",
  "referer",
  "x-forwarded-for",
  "forwarded",
]);

/** An access log entry, from the moment a request was understood until it is over. */
export class EntryDraft {
  #head: Uint8Array;
  #method: string;
  #ip: string;
  #isTrusted: (ip: string) => boolean;
  #time = Date.now();
  #began = performance.now();

  /** @param head The request's head as the client sent it; must stay as it is. */
  constructor(
    head: Uint8Array,
    { method }: RequestHead,
    ip: string,
    isTrusted: (ip: string) => boolean,
  ) {
    this.#head = head;
    this.#method = method;
    this.#ip = ip;
    this.#isTrusted = isTrusted;
  }

  /** The entry of something that was no request. */
  static refused(
    ip: string,
    status: number,
    responseBytes: number,
    reason: string,
  ): AccessEntry {
    return {
      time: Date.now(),
      client: ip,
      method: "-",
      target: "-",
      protocol: "-",
      host: "",
      userAgent: "",
      referer: "",
      status,
      requestBytes: 0,
      responseBytes,
      durationMs: 0,
      backend: null,
      version: null,
      tries: 0,
      reasons: [reason],
    };
  }

  finish(exchange: Exchange): AccessEntry {
    const fields = this.#fields();
    const said = {
      xForwardedFor: fields.get("x-forwarded-for") ?? null,
      forwarded: fields.get("forwarded") ?? null,
    };
    const target = exchange.asked?.target ?? null;
    return {
      time: this.#time,
      client: clientAddress(this.#ip, said, this.#isTrusted),
      method: this.#method,
      target: requestTarget(this.#head, 0, this.#head.length),
      protocol: `HTTP/1.${exchange.minor}`,
      host: fields.get("host") ?? "",
      userAgent: fields.get("user-agent") ?? "",
      referer: fields.get("referer") ?? "",
      status: exchange.status,
      requestBytes: exchange.requestBytes,
      responseBytes: exchange.responseBytes,
      durationMs: performance.now() - this.#began,
      backend: target?.key ?? null,
      version: target?.version ?? null,
      tries: exchange.tries,
      reasons: exchange.reasons,
    };
  }

  /** The fields that matter here; repeated ones joined by commas. */
  #fields(): Map<string, string> {
    const fields = new Map<string, string>();
    for (const line of Buffer.from(this.#head).toString("latin1").split("\r\n")) {
      const colon = line.indexOf(":");
      const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
      if (!LOGGED.has(name)) continue;
      const value = line.slice(colon + 1).trim();
      const before = fields.get(name);
      fields.set(name, before === undefined ? value : `${before}, ${value}`);
    }
    return fields;
  }
}
