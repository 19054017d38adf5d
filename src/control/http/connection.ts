import { ByteDuplex } from "../../proxy/net/byte_duplex.ts";
import type { ByteStream } from "../../proxy/net/stream.ts";
import type { Clock } from "../../platform/clock.ts";
import type { ServerResponse } from "node:http";

/** How long a client may take to close after it got its answer, in milliseconds. */
const LINGER_MS = 5000;

/** What a client owes us, or we owe it. */
export type Phase = "head" | "answer" | "end";

/** A client's connection, good for one request: nobody waits on it without a deadline. */
export class Connection extends ByteDuplex {
  phase: Phase = "head";
  /** The only one it gets; null: it has not asked yet. */
  answer: ServerResponse | null = null;
  readonly #clock: Clock;
  #timer = new AbortController();

  constructor(stream: ByteStream, clock: Clock) {
    super(stream);
    this.#clock = clock;
    // Whatever breaks it ends it; there is nobody to tell.
    this.on("error", () => {});
    this.on("close", () => this.relax());
  }

  /** Ends it unless something else is expected, or nothing, within `ms` milliseconds. */
  expect(ms: number): void {
    this.relax();
    if (this.destroyed) return;
    this.#timer = new AbortController();
    this.#clock.sleep(ms, this.#timer.signal).then(() => this.destroy(), () => {});
  }

  /** Nothing is expected of the client for now. */
  relax(): void {
    this.#timer.abort();
  }

  /** What still comes need not be understood. */
  ignore(): void {
    this.removeAllListeners("data");
    this.resume();
  }

  /** Closes so that the client can read what it was sent, whatever it is still sending. */
  destroySoon(): void {
    if (this.phase === "end") return;
    this.phase = "end";
    this.once("end", () => this.destroy());
    this.once("finish", () => this.expect(LINGER_MS));
    this.end();
    this.ignore();
  }
}
