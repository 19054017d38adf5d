import { ask, readMembers } from "../http.ts";
import { signJwt } from "../jwt.ts";
import { RegistryError } from "../registry.ts";
import { type Ending, Renewed } from "../renewed.ts";

/** GitHub takes tokens of apps that live at most so long; clocks differ. */
const JWT_SECONDS = 600;
const JWT_BACKDATE_SECONDS = 60;

/** Names who asks; null: nobody in particular. */
export interface Credentials {
  /** The value of `Authorization`. @throws {RegistryError} When it cannot be had. */
  authorization(signal: AbortSignal): Promise<string | null>;

  /** What was handed out last was not taken. */
  refused(): void;
}

/** How an app of GitHub proves who it is. */
export interface AppIdentity {
  readonly appId: string;
  readonly installationId: string;
  /** PEM, PKCS#8 or the PKCS#1 that GitHub hands out. */
  readonly privateKey: string;
}

interface InstallationToken extends Ending {
  readonly text: string;
}

/** A personal token, or none. */
export class TokenCredentials implements Credentials {
  readonly #token: string | null;

  constructor(token: string | null) {
    this.#token = token;
  }

  authorization(): Promise<string | null> {
    return Promise.resolve(this.#token === null ? null : `Bearer ${this.#token}`);
  }

  /** There is no other. */
  refused(): void {}
}

/** Tokens of an app's installation, renewed before they end. */
export class AppCredentials implements Credentials {
  readonly #identity: AppIdentity;
  readonly #apiUrl: string;
  readonly #date: () => number;
  readonly #token: Renewed<InstallationToken>;

  constructor(identity: AppIdentity, apiUrl: string, date: () => number) {
    this.#identity = identity;
    this.#apiUrl = apiUrl;
    this.#date = date;
    this.#token = new Renewed((signal) => this.#renew(signal), date);
  }

  async authorization(signal: AbortSignal): Promise<string> {
    return `Bearer ${(await this.#token.get(signal)).text}`;
  }

  refused(): void {
    this.#token.forget();
  }

  async #renew(signal: AbortSignal): Promise<InstallationToken> {
    const { installationId } = this.#identity;
    const response = await ask({
      url: `${this.#apiUrl}/app/installations/${encodeURIComponent(installationId)}/access_tokens`,
      method: "POST",
      headers: {
        authorization: `Bearer ${await this.#jwt()}`,
        accept: "application/vnd.github+json",
        "user-agent": "liveroll",
      },
      signal,
    });
    const { token, expires_at } = await readMembers(response);
    const endsAt = typeof expires_at === "string" ? Date.parse(expires_at) : NaN;
    if (typeof token !== "string" || Number.isNaN(endsAt)) {
      throw new RegistryError("invalid", "GitHub gave the app no token");
    }
    return { text: token, endsAt };
  }

  #jwt(): Promise<string> {
    const { appId, privateKey } = this.#identity;
    const iat = Math.floor(this.#date() / 1000) - JWT_BACKDATE_SECONDS;
    const claims = { iat, exp: iat + JWT_SECONDS, iss: appId };
    return signJwt(claims, privateKey, "the GitHub app");
  }
}
