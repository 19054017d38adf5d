import type { Refusal } from "../refusal.ts";
import { isAuthority } from "./authority.ts";
import {
  COLON,
  CR,
  hasText,
  isDigit,
  isToken,
  LF,
  SLASH,
  SPACE,
  TARGET,
  TOKEN,
} from "./characters.ts";
import { methodOf } from "./methods.ts";

const ASTERISK = 0x2a;
const QUESTION = 0x3f;
const HASH = 0x23;
const VERSION_BYTES = 8;

/** The first line of a request; {@linkcode read} leaves what it found in the fields. */
export class RequestLine {
  method = "";
  minor: 0 | 1 = 1;
  /** The target for the backend: origin-form without a missing leading slash, or `*`. */
  target = 0;
  targetEnd = 0;
  /** An absolute-form target has a query only, so that a slash must be put in front. */
  lacksSlash = false;
  /** An absolute-form `OPTIONS` target has neither path nor query: `*` is what it means. */
  isServerWide = false;
  /** The authority of an absolute-form target; -1: another form. */
  authority = -1;
  authorityEnd = -1;
  /** The line is what the backend gets, byte for byte. */
  isVerbatim = true;
  /** The index after the line. */
  next = 0;

  /** Reads the line at `from`; `bytes` must end with a line feed. */
  read(bytes: Uint8Array, from: number, maxTargetBytes: number): Refusal | null {
    let at = from;
    while (TOKEN[bytes[at] as number] !== 0) at++;
    if (at === from || bytes[at] !== SPACE) return refused("The method is not a token.");
    this.method = methodOf(bytes, from, at);
    this.target = ++at;
    while (TARGET[bytes[at] as number] === 1) at++;
    this.targetEnd = at;
    if (at === this.target || bytes[at] !== SPACE) {
      return refused("The request line does not have a target and a version.");
    }
    if (at - this.target > maxTargetBytes) return TARGET_TOO_LONG;
    return this.#version(bytes, at + 1) ?? this.#form(bytes);
  }

  #version(bytes: Uint8Array, at: number): Refusal | null {
    const major = bytes[at + 5] as number;
    const minor = bytes[at + 7] as number;
    const isVersion = hasText(bytes, at, "HTTP/") && isDigit(major) &&
      hasText(bytes, at + 6, ".") &&
      isDigit(minor);
    const end = at + VERSION_BYTES;
    if (!isVersion || bytes[end] !== CR || bytes[end + 1] !== LF) {
      return refused("The request line does not end in an HTTP version.");
    }
    if (major === 0x30) return refused("HTTP/0.9 is not supported.");
    if (major !== 0x31) return UNSUPPORTED_VERSION;
    this.minor = minor === 0x30 ? 0 : 1;
    this.isVerbatim = minor === 0x31;
    this.next = end + 2;
    return null;
  }

  #form(bytes: Uint8Array): Refusal | null {
    this.authority = this.authorityEnd = -1;
    this.lacksSlash = this.isServerWide = false;
    if (this.method === "CONNECT") return NO_FORWARD_PROXY;
    if (bytes[this.target] === SLASH) return null;
    if (bytes[this.target] === ASTERISK && this.targetEnd - this.target === 1) {
      return this.method === "OPTIONS" ? null : refused("Only OPTIONS may have the target `*`.");
    }
    return this.#absolute(bytes);
  }

  #absolute(bytes: Uint8Array): Refusal | null {
    const end = this.targetEnd;
    let at = this.target;
    while (at < end && bytes[at] !== COLON) at++;
    const isWeb = isToken(bytes, this.target, at, "http") ||
      isToken(bytes, this.target, at, "https");
    if (!isWeb || end - at < 3 || !hasText(bytes, at, "://")) {
      return refused("The target is neither a path nor an http(s) URI.");
    }
    this.authority = at += 3;
    while (at < end && !endsAuthority(bytes[at] as number)) at++;
    this.authorityEnd = at;
    if (isHostless(bytes, this.authority, at) || !isAuthority(bytes, this.authority, at)) {
      return refused("The target's authority is invalid.");
    }
    this.#shorten(bytes, at);
    return null;
  }

  /** To origin-form, or `*` where that is meant (RFC 9112, 3.2.4). */
  #shorten(bytes: Uint8Array, path: number): void {
    this.isVerbatim = false;
    this.target = path;
    this.lacksSlash = bytes[path] !== SLASH;
    this.isServerWide = path === this.targetEnd && this.method === "OPTIONS";
  }
}

/** The answer to a target beyond its limit. */
export const TARGET_TOO_LONG: Refusal = Object.freeze({
  kind: "refused",
  status: 414,
  detail: "The request's target is too long.",
});

const UNSUPPORTED_VERSION: Refusal = Object.freeze({
  kind: "refused",
  status: 505,
  detail: "Only HTTP/1.0 and HTTP/1.1 are spoken here.",
});

const NO_FORWARD_PROXY: Refusal = Object.freeze({
  kind: "refused",
  status: 405,
  detail: "CONNECT is not possible: this is no forward proxy.",
});

function refused(detail: string): Refusal {
  return { kind: "refused", status: 400, detail };
}

function endsAuthority(code: number): boolean {
  return code === SLASH || code === QUESTION || code === HASH;
}

function isHostless(bytes: Uint8Array, from: number, to: number): boolean {
  return from === to || bytes[from] === COLON;
}
