import type { WebhookTarget } from "../config/notify_kind.ts";
import type { Channel } from "./channel.ts";
import { type Environment, readCredential, readSecret } from "./credentials.ts";
import { post } from "./http.ts";
import { type Letter, plainText } from "./letter.ts";
import { sign } from "./signature.ts";

const CREDENTIAL = "liveroll-notify-secret";

/** Sends JSON to a URL. */
export class WebhookChannel implements Channel {
  readonly name: string;
  readonly #target: WebhookTarget;
  readonly #env: Environment;

  constructor(target: WebhookTarget, env: Environment) {
    // The path may be a secret.
    this.name = `webhook ${new URL(target.url).host}`;
    this.#target = target;
    this.#env = env;
  }

  async deliver(letter: Letter, signal: AbortSignal): Promise<void> {
    const secret = await this.#secret();
    const { text: _, ...fields } = letter;
    const payload = JSON.stringify({ ...fields, message: plainText(letter) });
    const headers = {
      "content-type": "application/json",
      "user-agent": "liveroll",
      "x-liveroll-event": letter.event,
      "x-liveroll-delivery": letter.id,
      ...(secret === null ? {} : {
        "x-liveroll-signature": await sign(payload, secret, Math.floor(Date.now() / 1_000)),
      }),
    };
    await post(this.#target.url, { headers, body: payload, signal });
  }

  async problems(): Promise<readonly string[]> {
    try {
      await this.#secret();
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  }

  #secret(): Promise<string | null> {
    const { secretFile } = this.#target;
    return secretFile === null
      ? readCredential(this.#env, null, CREDENTIAL)
      : readSecret(secretFile);
  }
}
