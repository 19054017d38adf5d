import type { Clock } from "../platform/clock.ts";
import { type Channel, TryLater, Undeliverable } from "./channel.ts";
import type { Letter } from "./letter.ts";

/** Letters that may wait for one receiver; the oldest is given up first. */
const MAX_WAITING = 100;
const MAX_TRIES = 4;
const TRY_MS = 10_000;

/** Pause before the second try; each further one is four times as long. */
const FIRST_PAUSE_MS = 1_000;

/** What a mailbox works with. */
export interface MailboxTools {
  clock: Clock;
  /** From 0 up to 1. */
  random(): number;
  /** Told of letters that did not arrive; must not throw. */
  onError(message: string): void;
}

/** One receiver, and what waits for it. Letters arrive in their order, or not at all. */
export class Mailbox {
  readonly #channel: Channel;
  readonly #tools: MailboxTools;
  /** No pauses and no further tries from then on. */
  readonly #hurry = new AbortController();
  readonly #end = new AbortController();
  readonly #waiting: Letter[] = [];
  #work: Promise<void> | null = null;
  #lost = 0;
  #overflows = false;

  constructor(channel: Channel, tools: MailboxTools) {
    this.#channel = channel;
    this.#tools = tools;
  }

  /** Takes one letter; neither throws nor waits. */
  put(letter: Letter): void {
    this.#waiting.push(letter);
    if (this.#waiting.length > MAX_WAITING) this.#overflow();
    this.#work ??= this.#deliverAll();
  }

  /** Every letter gets one more try at once. Resolves when none waits. */
  async drain(): Promise<void> {
    this.#hurry.abort();
    await this.#work;
  }

  /** Gives up what waits and what is under way. Resolves when nothing is left of it. */
  async abort(): Promise<void> {
    const lost = this.#waiting.length;
    if (lost > 0) this.#complain(`there is no time left, ${lost} more messages are lost`);
    this.#waiting.length = 0;
    this.#hurry.abort();
    this.#end.abort(new Error("there is no time left"));
    await this.#work;
  }

  #overflow(): void {
    this.#waiting.shift();
    this.#lost++;
    if (this.#overflows) return;
    this.#overflows = true;
    this.#complain(`more than ${MAX_WAITING} messages wait, the oldest ones are lost`);
  }

  async #deliverAll(): Promise<void> {
    for (let letter = this.#waiting.shift(); letter; letter = this.#waiting.shift()) {
      const lost = this.#lost;
      if (await this.#deliver({ ...letter, lost })) this.#lost -= lost;
      else this.#lost++;
    }
    this.#overflows = false;
    // In this very step, or a letter that comes now would wait for the next one.
    this.#work = null;
  }

  /** @returns Whether it has arrived. */
  async #deliver(letter: Letter): Promise<boolean> {
    for (let tries = 1;; tries++) {
      const error = await this.#try(letter);
      if (error === null) return true;
      const isLast = error instanceof Undeliverable || tries >= MAX_TRIES ||
        this.#hurry.signal.aborted;
      if (isLast) {
        const often = tries === 1 ? "" : ` (${tries} tries)`;
        this.#complain(`${error.message}${often}: ${letter.event} is lost`);
        return false;
      }
      await this.#pause(error, tries);
    }
  }

  async #try(letter: Letter): Promise<Error | null> {
    const { clock } = this.#tools;
    const over = new AbortController();
    const late = new AbortController();
    const reason = new Error(`it took longer than ${TRY_MS / 1_000} s`);
    const timer = clock.sleep(TRY_MS, over.signal).then(() => late.abort(reason), () => {});
    try {
      this.#end.signal.throwIfAborted();
      await this.#channel.deliver(letter, AbortSignal.any([late.signal, this.#end.signal]));
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      over.abort();
      await timer;
    }
  }

  /** The jitter keeps many hosts from knocking at the same time. */
  async #pause(error: Error, tries: number): Promise<void> {
    const { clock, random } = this.#tools;
    const backOffMs = FIRST_PAUSE_MS * 4 ** (tries - 1) * (0.5 + random());
    const ms = error instanceof TryLater ? Math.max(error.afterMs, backOffMs) : backOffMs;
    await clock.sleep(ms, this.#hurry.signal).catch(() => {});
  }

  #complain(why: string): void {
    this.#tools.onError(`Cannot notify ${this.#channel.name}: ${why}`);
  }
}
