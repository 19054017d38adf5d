import { type Clock, withDeadline } from "../../platform/clock.ts";
import type { LoggedEvent } from "../../roll/logged_event.ts";
import { Bell } from "./bell.ts";
import type { ControlClient } from "./control_client.ts";

/** How long a last event may take to arrive, for the looks. */
const LAST_EVENT_MS = 250;
/** How long to wait for the beginning of a stream that is nice to have. */
const OPEN_MS = 2_000;

/** Events, as far as they can be had. */
export class EventFeed implements AsyncDisposable {
  readonly #bell = new Bell();
  readonly #abandon = new AbortController();
  readonly #ended = new Set<number>();
  #done: Promise<void> = Promise.resolve();
  #isOpen = false;

  /** Rings when something has happened. */
  get bell(): Bell {
    return this.#bell;
  }

  /** Listens until it is disposed or liveroll goes away; returns when it hears, or cannot. */
  async listen(
    client: ControlClient,
    clock: Clock,
    onEvent: (event: LoggedEvent) => void,
  ): Promise<void> {
    const started = Promise.withResolvers<void>();
    this.#done = this.#run(client, onEvent, started.resolve).finally(started.resolve);
    await withDeadline(clock, OPEN_MS, this.#abandon.signal, () => started.promise);
  }

  /** Whether it hears. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Waits for the end of `request` as an event, so that its events come before its end. */
  async settle(request: number, clock: Clock, signal: AbortSignal): Promise<void> {
    await withDeadline(clock, LAST_EVENT_MS, signal, async (signal) => {
      while (this.#isOpen && !this.#ended.has(request) && !signal.aborted) {
        await this.#bell.rung(signal);
      }
    });
  }

  async #run(
    client: ControlClient,
    onEvent: (event: LoggedEvent) => void,
    onStarted: () => void,
  ): Promise<void> {
    try {
      for await (const told of client.events(this.#abandon.signal)) {
        this.#isOpen = true;
        onStarted();
        if (told.kind !== "event") continue;
        const { event } = told.event;
        if (event.type === "request.ended") this.#ended.add(event.request);
        onEvent(told.event);
        this.#bell.ring();
      }
    } catch {
      // Who polls will notice, and say so.
    } finally {
      this.#isOpen = false;
      this.#bell.ring();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abandon.abort();
    await this.#done;
  }
}
