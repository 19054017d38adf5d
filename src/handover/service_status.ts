import { format } from "@std/fmt/duration";
import type { Clock } from "../platform/clock.ts";
import type { InstanceRef, RollEvent } from "../roll/events.ts";
import type { Notifier } from "./notify.ts";

/** The service manager waits this much longer for each sign that the start is still going on. */
const EXTENSION_MS = 30_000;
const EXTEND_EVERY_MS = 10_000;
/** A status is one line in a terminal. */
const MAX_STATUS = 240;
/** Digests are told apart by far fewer digits than they have. */
const MAX_ID = 24;

type Phase = "starting" | "up" | "stopping";

/**
 * Translates what happens into what the service manager should know.
 *
 * The service is ready as soon as the first attempt to get a version running has ended in any way:
 * requests are held meanwhile, and a registry that is down at boot is no reason to be killed and
 * started again. Until then the start is given more time, again and again. A forced update counts
 * as a reload.
 */
export class ServiceStatus implements Disposable {
  readonly #notifier: Notifier;
  readonly #waiting = new AbortController();
  #phase: Phase = "starting";
  #serving: InstanceRef | null = null;
  /** The forced update under way: still being checked, or the number of its roll. */
  #reload: "checking" | number | null = null;
  #lastStatus = "";

  constructor(notifier: Notifier, clock: Pick<Clock, "sleep">) {
    this.#notifier = notifier;
    if (notifier.enabled) this.#keepStarting(clock).catch(() => {});
  }

  /** Takes one event; neither throws nor waits. */
  observe(event: RollEvent): void {
    this.#follow(event);
    const text = this.#describe(event);
    if (text !== null) this.#say(text);
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

  #follow(event: RollEvent): void {
    switch (event.type) {
      case "roll.switched":
        this.#serving = event.instance;
        break;
      case "instance.exited":
      case "instance.stopped":
        if (event.instance.key === this.#serving?.key) this.#serving = null;
    }
  }

  #report(event: RollEvent): void {
    if (event.type === "state" && event.state === "stopping") return this.#stopping();
    if (this.#phase === "stopping") return;
    if (this.#phase === "starting") {
      if (endsAttempt(event)) this.#up();
    } else this.#reloads(event);
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
    } else if (event.type === "roll.started" && this.#reload !== null) {
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

  #describe(event: RollEvent): string | null {
    switch (event.type) {
      case "state":
        return event.state === "stopping" ? "stopping" : null;
      case "check.started":
        return event.trigger === "interval" ? null : this.#and("looking for a version");
      case "check.unchanged":
      case "roll.switched":
      case "roll.succeeded":
        return this.#now();
      case "check.failed":
        return this.#and(`${event.step} failed: ${event.detail}`);
      case "check.quarantined":
        return this.#and(
          `${shortId(event.id)} was refused ${times(event.failures)}, next try in ${
            span(event.retryInMs)
          }`,
        );
      case "port.busy":
        return this.#and(`port ${event.port} is held by ${event.holder}`);
      case "roll.started":
        return event.from === null
          ? `starting ${shortId(event.to)}; requests wait`
          : `rolling from ${shortId(event.from)} to ${shortId(event.to)}`;
      case "roll.failed":
        return this.#and(`${shortId(event.id)} refused: ${event.detail}`);
      case "restart.scheduled":
        return restarting(event);
      default:
        return null;
    }
  }

  #now(): string {
    if (this.#serving === null) return "nothing serves, requests wait";
    return `serving ${shortId(this.#serving.id)} on ${this.#serving.port}`;
  }

  #and(what: string): string {
    const serving = this.#serving;
    return `${what}; ${serving ? `${shortId(serving.id)} keeps serving` : "requests wait"}`;
  }

  #say(text: string): void {
    const status = text.length > MAX_STATUS ? `${text.slice(0, MAX_STATUS - 1)}…` : text;
    if (status === this.#lastStatus) return;
    this.#lastStatus = status;
    this.#notifier.status(status);
  }
}

function endsAttempt({ type }: RollEvent): boolean {
  switch (type) {
    case "check.unchanged":
    case "check.failed":
    case "check.quarantined":
    case "port.busy":
    case "roll.succeeded":
    case "roll.failed":
    case "roll.interrupted":
      return true;
    default:
      return false;
  }
}

function restarting(event: Extract<RollEvent, { type: "restart.scheduled" }>): string {
  const id = shortId(event.id);
  if (!event.crashLoop) return `${id} exited, starting it again in ${span(event.inMs)}`;
  return `crash loop: ${id} exited ${times(event.crashes)}, next start in ${span(event.inMs)}`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function span(ms: number): string {
  if (ms > 0 && ms < 1_000) return "less than 1s";
  const seconds = Math.ceil(Math.max(0, ms) / 1_000);
  return seconds === 0 ? "0s" : format(seconds * 1_000, { ignoreZero: true });
}

function shortId(id: string): string {
  return id.length > MAX_ID ? `${id.slice(0, MAX_ID - 1)}…` : id;
}
