import { ask, readMembers } from "../http.ts";
import { RegistryError } from "../registry.ts";
import type { Challenge } from "./challenge.ts";
import { basic, type Login } from "./login.ts";

/** What a token server does not say, as the protocol has it. */
const SHORTEST_SECONDS = 60;

/** What is handed out for longer is not kept for longer. */
const LONGEST_SECONDS = 3600;

/** A token, and until when it is good. */
export interface Token {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

/** What a token is wanted for. */
export interface TokenWish {
  /** Where it is handed out. */
  readonly url: URL;
  readonly challenge: Extract<Challenge, { readonly scheme: "bearer" }>;
  readonly login: Login | null;
  /** Taken when the challenge names none. */
  readonly scope: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Gets a token by the rules of image registries.
 *
 * @throws {RegistryError}
 */
export async function getToken(wish: TokenWish, signal: AbortSignal): Promise<Token> {
  const { url, challenge: { service, scope }, login, now } = wish;
  const form = new URLSearchParams({ scope: scope ?? wish.scope });
  if (service !== null) form.set("service", service);
  // Nobody else is told who asks, so it is not followed elsewhere.
  const options = { redirect: "manual", signal } as const;
  const response = login?.kind === "identity"
    ? await ask({ ...options, url: url.href, ...exchange(form, login.token) })
    : await ask({
      ...options,
      url: withParameters(url, form),
      headers: {
        "user-agent": "liveroll",
        ...(login !== null && { authorization: basic(login.user, login.password) }),
      },
    });
  return readToken(await readMembers(response), now);
}

/** How an identity is exchanged (RFC 6749, 6). */
function exchange(form: URLSearchParams, token: string) {
  const body = new URLSearchParams(form);
  body.set("grant_type", "refresh_token");
  body.set("client_id", "liveroll");
  body.set("refresh_token", token);
  const type = "application/x-www-form-urlencoded";
  const headers = { "user-agent": "liveroll", "content-type": type };
  return { method: "POST", headers, body: body.toString() };
}

function withParameters(url: URL, form: URLSearchParams): string {
  const result = new URL(url);
  for (const [name, value] of form) result.searchParams.set(name, value);
  return result.href;
}

function readToken(members: Readonly<Record<string, unknown>>, now: number): Token {
  const { token, access_token, expires_in } = members;
  const text = typeof token === "string" && token !== "" ? token : access_token;
  if (typeof text !== "string" || !/^[\x21-\x7e]+$/.test(text)) {
    throw new RegistryError("invalid", "Cannot use the answer of the token server: no token in it");
  }
  const seconds = typeof expires_in === "number" ? expires_in : SHORTEST_SECONDS;
  return { text, endsAt: now + Math.min(seconds, LONGEST_SECONDS) * 1000 };
}
