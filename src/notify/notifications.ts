import type { NotifyTarget } from "../config/notify_kind.ts";
import { pause } from "../platform/poll.ts";
import type { RollEvent } from "../roll/events.ts";
import { Limiter } from "./limiter.ts";
import { notificationOf } from "./notification.ts";
import { type Letter, send, type Sender, targetName } from "./send.ts";

/** Letters that may wait for one target; the oldest is given up first. */
const MAX_WAITING = 100;
const TRIES = 3;
const RETRY_MS = 1_000;

/** Tells people what happens, without ever making anything wait for it. */
export class Notifications {
  readonly #boxes: readonly Mailbox[];
  readonly #limiter = new Limiter();

  /** @param onError Told of a letter that did not arrive; must not throw. */
  constructor(
    targets: readonly NotifyTarget[],
    sender: Sender,
    onError: (message: string) => void,
  ) {
    this.#boxes = targets.map((target) => new Mailbox(target, sender, onError));
  }

  /** Takes one event; neither throws nor waits. */
  observe(event: RollEvent): void {
    if (this.#boxes.length === 0) return;
    const found = notificationOf(event);
    const notification = found && this.#limiter.pass(found);
    if (notification === null) return;
    const letter = { ...notification, at: new Date().toISOString() };
    for (const box of this.#boxes) box.take(letter);
  }

  /** Delivers what waits, for at most `timeoutMs`. Never rejects. */
  async close(timeoutMs: number): Promise<void> {
    const over = new AbortController();
    const all = Promise.all(this.#boxes.map((box) => box.idle()));
    await Promise.race([all, pause(timeoutMs, over.signal)]);
    over.abort();
  }
}

/** One target and what waits for it. */
class Mailbox {
  readonly #target: NotifyTarget;
  readonly #sender: Sender;
  readonly #onError: (message: string) => void;
  #waiting: Letter[] = [];
  #work: Promise<void> | null = null;

  constructor(target: NotifyTarget, sender: Sender, onError: (message: string) => void) {
    this.#target = target;
    this.#sender = sender;
    this.#onError = onError;
  }

  take(letter: Letter): void {
    if (this.#target.quiet && letter.importance === "normal") return;
    this.#waiting.push(letter);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.#work ??= this.#deliver().finally(() => this.#work = null);
  }

  async idle(): Promise<void> {
    await this.#work;
  }

  async #deliver(): Promise<void> {
    for (let letter = this.#waiting.shift(); letter; letter = this.#waiting.shift()) {
      await this.#try(letter);
    }
  }

  async #try(letter: Letter): Promise<void> {
    for (let tries = 1;; tries++) {
      try {
        return await send(this.#target, letter, this.#sender);
      } catch (error) {
        if (tries < TRIES) {
          await pause(RETRY_MS * tries);
          continue;
        }
        const why = error instanceof Error ? error.message : String(error);
        return this.#onError(`Cannot notify ${targetName(this.#target)}: ${why}`);
      }
    }
  }
}
