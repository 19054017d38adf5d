import { equalSecrets } from "../equal.ts";
import { Problem } from "../problem.ts";
import { generic } from "./generic.ts";
import { github } from "./github.ts";
import { Replays } from "./replays.ts";

/** A delivery whose sender has proven to know the secret. */
export type Delivery =
  /** `keys`: whatever has one of them was delivered before. */
  | { kind: "trigger"; keys: readonly string[] }
  /** Somebody tries whether we are there. */
  | { kind: "ping" }
  /** About something else. */
  | { kind: "ignored" };

/** What a sender sent. */
export interface Sent {
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly secret: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * One way to sign; null: not signed in this way.
 *
 * @throws {Problem} When the signature is wrong.
 */
export type Scheme = (sent: Sent) => Delivery | null;

/** Every way to sign that is understood. */
const SCHEMES: readonly Scheme[] = [github, generic];

/** Decides whether a delivery is genuine and new. */
export class Webhook {
  readonly #secret: string;
  readonly #date: () => number;
  readonly #replays: Replays;

  /** `date` is milliseconds since 1970. */
  constructor(secret: string, date: () => number) {
    this.#secret = secret;
    this.#date = date;
    this.#replays = new Replays(date);
  }

  /** @throws {Problem} When nobody has signed it, or not well. */
  verify(headers: Headers, body: Uint8Array<ArrayBuffer>): Delivery {
    const sent = { headers, body, secret: this.#secret, now: this.#date() };
    for (const scheme of SCHEMES) {
      const delivery = scheme(sent);
      if (delivery) return delivery;
    }
    const detail = "No signature: X-Hub-Signature-256 or X-Liveroll-Signature is needed";
    throw new Problem("unauthorized", detail);
  }

  /** @throws {Problem} When `given` is not the secret. */
  verifySecret(given: string): void {
    if (equalSecrets(given, this.#secret)) return;
    throw new Problem("unauthorized", "The secret in the address is wrong");
  }

  /** Remembers a delivery; false: it came before. */
  take(keys: readonly string[]): boolean {
    return this.#replays.take(keys);
  }

  /** Nothing came of it: it may come again. */
  giveBack(keys: readonly string[]): void {
    this.#replays.forget(keys);
  }
}
