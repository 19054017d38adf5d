import { ask, type HttpRequest } from "../http.ts";
import { RegistryError } from "../registry.ts";
import { type Challenge, readChallenge } from "./challenge.ts";
import type { ImagePlace } from "./image_place.ts";
import { basic, type Login } from "./login.ts";
import { guardRealm } from "./realm_guard.ts";
import { getToken, type Token } from "./token.ts";

/** A token is not used any more so long before it ends. */
const MARGIN_MS = 10_000;

/** Who asks, and where. */
export interface AccessOptions {
  readonly place: ImagePlace;
  /** Null: nobody in particular. */
  login(signal: AbortSignal): Promise<Login | null>;
  /** Milliseconds since 1970. */
  date(): number;
}

/** Asks an image registry, and tells it who asks in the way that it wants. */
export class Access {
  readonly #options: AccessOptions;
  /** What was taken last; null: nothing was asked for yet. */
  #pass: Token | null = null;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** @throws {RegistryError} */
  async ask(request: HttpRequest): Promise<Response> {
    const first = await this.#send(request, [401]);
    if (first.status !== 401) return first;
    await first.body?.cancel();
    this.#pass = null;
    this.#pass = await this.#answer(first.headers.get("www-authenticate"), request.signal);
    try {
      return await this.#send(request, []);
    } catch (error) {
      // It may be good for others, but the next who asks looks anew.
      if (error instanceof RegistryError && error.kind === "unauthorized") this.#pass = null;
      throw error;
    }
  }

  #send(request: HttpRequest, allow: readonly number[]): Promise<Response> {
    const pass = this.#pass;
    const isGood = pass !== null && this.#options.date() < pass.endsAt - MARGIN_MS;
    return ask({
      ...request,
      headers: {
        "user-agent": "liveroll",
        ...(isGood && { authorization: pass.text }),
        ...request.headers,
      },
      allow: [...request.allow ?? [], ...allow],
    });
  }

  async #answer(header: string | null, signal: AbortSignal): Promise<Token> {
    const challenge = readChallenge(header);
    if (challenge === null) throw this.#refused("it does not say how");
    const login = await this.#options.login(signal);
    if (challenge.scheme === "bearer") return await this.#getToken(challenge, login, signal);
    if (login?.kind === "password") {
      return { text: basic(login.user, login.password), endsAt: Infinity };
    }
    throw this.#refused("set DOCKER_USERNAME and DOCKER_PASSWORD, or log in with docker login");
  }

  async #getToken(
    challenge: Extract<Challenge, { readonly scheme: "bearer" }>,
    login: Login | null,
    signal: AbortSignal,
  ): Promise<Token> {
    const { place: { url: registry, repository }, date } = this.#options;
    const url = await guardRealm(challenge.realm, registry);
    const scope = `repository:${repository}:pull`;
    const now = date();
    const { text, endsAt } = await getToken({ url, challenge, login, scope, now }, signal);
    // However short its life: it is for the request that is waiting for it.
    return { text: `Bearer ${text}`, endsAt: Math.max(endsAt, now + 2 * MARGIN_MS) };
  }

  #refused(what: string): RegistryError {
    const { place: { url, repository } } = this.#options;
    const message = `Cannot ask ${url} for ${repository}: it wants to know who asks; ${what}`;
    return new RegistryError("unauthorized", message);
  }
}
