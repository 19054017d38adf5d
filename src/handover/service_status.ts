import type { Clock } from "../platform/clock.ts";
import type { RollEvent } from "../roll/events.ts";
import type { Notifier } from "./notify.ts";

/** The service manager waits this much longer for each sign that the start is still going on. */
const EXTENSION_MS = 30_000;
const EXTEND_EVERY_MS = 10_000;
/** A status is one line in a terminal. */
const MAX_STATUS = 240;

type Phase = "starting" | "up" | "stopping";

/**
 * Translates what happens into what the service manager should know.
 *
 * The service is ready as soon as the first attempt to get a version running has ended in any way:
 * requests are held meanwhile, and a registry that is down at boot is no reason to be killed and
 * started again. Until then the start is given more time, again and again. Who is picky is ready
 * only when a version serves. A forced update counts as a reload.
 */
export class ServiceStatus implements Disposable {
  readonly #notifier: Notifier;
  readonly #isPicky: boolean;
  readonly #waiting = new AbortController();
  #phase: Phase = "starting";
  /** The forced update under way: still being checked, or the number of its roll. */
  #reload: "checking" | number | null = null;
  #lastStatus = "";

  /** @param isPicky Whether only a version that serves makes it ready. @default {false} */
  constructor(notifier: Notifier, clock: Pick<Clock, "sleep">, { isPicky = false } = {}) {
    this.#notifier = notifier;
    this.#isPicky = isPicky;
    if (notifier.enabled) this.#keepStarting(clock).catch(() => {});
  }

  /** Takes one event; neither throws nor waits. */
  observe(event: RollEvent): void {
    if (event.type === "state") this.#say(event.detail);
    this.#report(event);
  }

  /** Ends the requests for more time. */
  [Symbol.dispose](): void {
    this.#waiting.abort();
  }

  async #keepStarting(clock: Pick<Clock, "sleep">): Promise<void> {
    while (!this.#waiting.signal.aborted) {
      this.#notifier.extendTimeout(EXTENSION_MS);
      await clock.sleep(EXTEND_EVERY_MS, this.#waiting.signal);
    }
  }

  #report(event: RollEvent): void {
    if (event.type === "state" && event.state === "stopping") return this.#stopping();
    if (this.#phase === "stopping") return;
    if (this.#phase === "starting") this.#starts(event);
    else this.#reloads(event);
  }

  #starts(event: RollEvent): void {
    if (!endsAttempt(event)) return;
    // Who is picky is given no more time after a first attempt that came to nothing.
    if (this.#isPicky && !bringsVersion(event)) return this.#waiting.abort();
    this.#up();
  }

  #up(): void {
    this.#phase = "up";
    this.#waiting.abort();
    this.#notifier.ready();
  }

  #stopping(): void {
    if (this.#phase === "stopping") return;
    this.#phase = "stopping";
    this.#waiting.abort();
    this.#notifier.stopping();
  }

  /** A service that is left in the reloading state blocks the next reload: every end must be seen. */
  #reloads(event: RollEvent): void {
    if (event.type === "check.started" && event.trigger === "forced") {
      if (this.#reload === null) this.#notifier.reloading();
      this.#reload = "checking";
    } else if (isForcedRoll(event) && this.#reload !== null) {
      this.#reload = event.roll;
    } else if (this.#endsReload(event)) {
      this.#reload = null;
      this.#notifier.ready();
    }
  }

  #endsReload(event: RollEvent): boolean {
    if (this.#reload === null || !endsAttempt(event)) return false;
    if (!("roll" in event)) return true;
    return event.roll === this.#reload;
  }

  #say(text: string): void {
    const status = text.length > MAX_STATUS ? `${text.slice(0, MAX_STATUS - 1)}…` : text;
    if (status === this.#lastStatus) return;
    this.#lastStatus = status;
    this.#notifier.status(status);
  }
}

/** Whether a version serves from here on, that did not before. */
export function bringsVersion({ type }: RollEvent): boolean {
  return type === "roll.switched" || type === "instance.adopted";
}

/** A healing or a roll that was found before may begin meanwhile; neither is what was asked for. */
function isForcedRoll(event: RollEvent): event is Extract<RollEvent, { type: "roll.started" }> {
  return event.type === "roll.started" && event.trigger === "forced";
}

function endsAttempt(event: RollEvent): boolean {
  switch (event.type) {
    case "check.unchanged":
    case "check.failed":
    case "check.quarantined":
    case "check.declined":
    case "port.busy":
    case "turn.waiting":
    case "roll.switched":
    case "roll.succeeded":
    case "roll.failed":
    case "roll.interrupted":
    case "roll.skipped":
    case "instance.adopted":
      return true;
    case "update.found":
      return event.waits !== null;
    case "state":
      // Nothing will be tried until somebody says so.
      return event.state === "paused";
    default:
      return false;
  }
}
