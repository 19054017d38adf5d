import type { NotifyTarget } from "../config/notify_kind.ts";
import type { Clock } from "../platform/clock.ts";
import type { RollEvent } from "../roll/events.ts";
import type { Channel } from "./channel.ts";
import { channelTo } from "./channels.ts";
import type { Environment } from "./credentials.ts";
import { type Sender, write } from "./letter.ts";
import { Limiter } from "./limiter.ts";
import { Mailbox } from "./mailbox.ts";
import { Narrator } from "./narrator.ts";
import type { Notification } from "./notification.ts";

/** What notifications are made with. */
export interface NotificationsOptions {
  sender: Sender;
  /** Holds the credentials, and is that of commands. */
  env: Environment;
  clock: Clock;
  /** Milliseconds since 1970. */
  date(): number;
  /** From 0 up to 1. */
  random(): number;
  /** Told of what is not as it should be; must not throw. */
  onError(message: string): void;
}

/** One who is told. */
interface Receiver {
  readonly channel: Channel;
  readonly mailbox: Mailbox;
  readonly quiet: boolean;
}

/** Tells people what happens, without ever making anything wait for it. */
export class Notifications {
  readonly #options: NotificationsOptions;
  readonly #receivers: readonly Receiver[];
  readonly #narrator = new Narrator();
  readonly #limiter: Limiter;

  constructor(targets: readonly NotifyTarget[], options: NotificationsOptions) {
    this.#options = options;
    this.#limiter = new Limiter(options.clock, (notification) => this.#send(notification));
    this.#receivers = targets.map((target) => {
      const channel = channelTo(target, options.env);
      return { channel, mailbox: new Mailbox(channel, options), quiet: target.quiet };
    });
  }

  /** Says what will not work; never rejects. */
  async check(): Promise<void> {
    for (const { channel } of this.#receivers) {
      for (const problem of await channel.problems()) {
        this.#options.onError(`Notifications to ${channel.name}: ${problem}`);
      }
    }
  }

  /** Takes one event, without secrets; neither throws nor waits. */
  observe(event: RollEvent): void {
    if (this.#receivers.length === 0) return;
    for (const notification of this.#narrator.tell(event)) {
      if (notification.event === "stopped") this.#limiter.flush();
      this.#limiter.take(notification);
    }
  }

  /** Delivers what waits, for at most `timeoutMs`, and gives up the rest. Never rejects. */
  async close(timeoutMs: number): Promise<void> {
    this.#limiter.flush();
    const over = new AbortController();
    const timeUp = this.#options.clock.sleep(timeoutMs, over.signal).catch(() => {});
    const delivered = Promise.all(this.#receivers.map(({ mailbox }) => mailbox.drain()));
    await Promise.race([delivered, timeUp]);
    over.abort();
    await Promise.all(this.#receivers.map(({ mailbox }) => mailbox.abort()));
  }

  #send(notification: Notification): void {
    const { sender, date } = this.#options;
    const letter = write(notification, sender, date());
    for (const { mailbox, quiet } of this.#receivers) {
      if (!quiet || letter.importance !== "normal") mailbox.put(letter);
    }
  }
}
