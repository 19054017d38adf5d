import { Locked, Lost, Refused } from "./api.js";
import { messages } from "./messages.js";
/** @import { Api } from "./api.js" */
/** @import { ConnectionState, Message, StreamListener } from "./types.ts" */

const EVENTS = "v1/events?output=true";

/** Pauses between attempts: doubled each time, and some luck, so that many pages spread out. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** The server says something every 15 seconds. */
const SILENCE_MS = 50_000;

/** Follows what happens, for ever: comes back after a loss, waits for a token where one is needed. */
export class Connection {
  #api;
  #listener;
  #failures = 0;
  #wake = () => {};
  /** @type {AbortController | null} */
  #open = null;

  /**
   * @param {Api} api
   * @param {StreamListener} listener
   */
  constructor(api, listener) {
    this.#api = api;
    this.#listener = listener;
  }

  /** Never ends. */
  async run() {
    for (;;) {
      this.#listener.changed({ name: "connecting" });
      const reason = await this.#follow().catch((error) => error);
      if (reason instanceof Locked) {
        await this.#waitForToken(reason);
        continue;
      }
      // Anything else is a mistake in these scripts: not to be taken for a bad connection.
      if (!(reason instanceof Lost || reason instanceof Refused)) reportError(reason);
      await this.#pause(reason);
    }
  }

  /** Ends a pause. */
  tryNow() {
    this.#wake();
  }

  /**
   * Gives up what is open, for example since the server wants another token.
   *
   * @param {unknown} reason
   */
  drop(reason) {
    this.#open?.abort(reason);
  }

  /** Resolves or throws when the connection is lost. */
  async #follow() {
    const watch = new Watchdog();
    this.#open = watch.controller;
    try {
      const stream = await this.#api.stream(EVENTS, watch.controller.signal);
      const reading = this.#read(stream, watch);
      // Both may fail; the first reason counts, and ends the other.
      await Promise.race([reading, this.#load(watch.controller.signal).then(() => reading)]);
      return new Lost("The server ended the connection.");
    } finally {
      watch.end();
    }
  }

  /** @param {AbortSignal} signal */
  async #load(signal) {
    await this.#listener.opened(signal);
    this.#failures = 0;
    this.#listener.changed({ name: "live" });
  }

  /**
   * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
   * @param {Watchdog} watch
   */
  async #read(stream, watch) {
    for await (const message of messages(stream)) {
      watch.feed();
      if (message !== null) this.#tell(message);
    }
  }

  /** @param {Message} message */
  #tell({ event, data }) {
    if (event === "status") this.#listener.status(JSON.parse(data));
    if (event === "event") this.#listener.event(JSON.parse(data));
    if (event === "output") this.#listener.output(JSON.parse(data));
  }

  /** @param {Locked} reason */
  async #waitForToken({ refused }) {
    this.#failures = 0;
    this.#listener.changed({ name: "locked", refused });
    await new Promise((resolve) => this.#wake = () => resolve(null));
  }

  /** @param {unknown} reason */
  async #pause(reason) {
    const most = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures++);
    const pauseMs = most * (0.75 + Math.random() / 4);
    const detail = reason instanceof Error ? reason.message : String(reason);
    this.#listener.changed({
      name: "lost",
      detail,
      retryAt: Date.now() + pauseMs,
    });
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(null);
      };
    });
  }
}

/** Aborts when it is not fed: a cable that is cut says nothing. */
class Watchdog {
  controller = new AbortController();
  #timer = 0;

  constructor() {
    this.feed();
  }

  feed() {
    clearTimeout(this.#timer);
    const bite = () => this.controller.abort(new Lost("The server has gone silent."));
    this.#timer = setTimeout(bite, SILENCE_MS);
  }

  end() {
    clearTimeout(this.#timer);
    this.controller.abort(new Lost("The connection is over."));
  }
}
