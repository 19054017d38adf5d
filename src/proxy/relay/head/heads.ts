import type { Framing } from "../body/filter.ts";
import type { Limits } from "../../limits.ts";

/** What a connection knows about its requests before they come. */
export interface RequestContext {
  /** IP address of the peer, or what a trusted PROXY protocol header said. */
  readonly ip: string;
  /** Whether the peer may set forwarding headers. */
  readonly trusted: boolean;
  readonly proto: "http" | "https";
  readonly limits: Limits;
  /** Send `Forwarded` (RFC 7239), too. */
  readonly forwarded: boolean;
  /** Pseudonym for `Via`; null: none. */
  readonly via: string | null;
}

/** What the relay needs to know of a request; its bytes for the backend are written already. */
export interface RequestHead {
  readonly kind: "request";
  /** As sent, case-sensitive. */
  readonly method: string;
  /** Minor version of HTTP/1. */
  readonly minor: 0 | 1;
  /** A length of 0 is `none`. */
  readonly framing: Framing;
  /** The client may send another request on this connection. */
  readonly keepAlive: boolean;
  /** `Expect: 100-continue`. */
  readonly expectsContinue: boolean;
  /** The value of `Upgrade` in lower case when `Connection: upgrade` came with it, else null. */
  readonly upgrade: string | null;
  readonly idempotencyKey: boolean;
  /** For TRACE and OPTIONS with `Max-Forwards: 0`: we are the one to answer. */
  readonly isForUs: boolean;
}

/** How the answer must be shaped for the client that asked. */
export interface ResponseContext {
  readonly method: string;
  /** Minor version of the client's HTTP/1. */
  readonly minor: 0 | 1;
  /** The request allows another one on the client's connection, and so do we. */
  readonly keepAlive: boolean;
  /** What the request wanted to upgrade to, or null. */
  readonly upgrade: string | null;
  readonly limits: Limits;
}

/** What the relay needs to know of an answer; its bytes for the client are written already. */
export interface ResponseHead {
  readonly kind: "response";
  readonly status: number;
  /** How the body comes from the backend; a length of 0 is `none`. */
  readonly framing: Framing;
  /** How the body goes to the client; `chunked` from `chunked` passes as it is. */
  readonly clientFraming: Framing;
  /** The client's connection can take another request after this answer. */
  readonly keepAlive: boolean;
  /** The backend's connection can be used again after this answer. */
  readonly reusable: boolean;
  /** The backend's `Keep-Alive: timeout=N` in milliseconds; null when it said nothing. */
  readonly idleTimeoutMs: number | null;
}

/** The backend sent something that is no HTTP answer; the client gets 502. */
export interface BadResponse {
  readonly kind: "bad";
  /** For logs. */
  readonly detail: string;
}
