import type { RollEvent } from "../../roll/events.ts";
import type { LoggedEvent } from "../../roll/logged_event.ts";
import type { EventLog } from "./event_log.ts";

/** Keeps events; must neither throw nor wait. */
export interface EventKeeper {
  add(event: LoggedEvent, roll: number | null): void;
}

/** Where events go. */
export interface EventHubOptions {
  log: EventLog;
  /** Milliseconds since 1970. */
  date(): number;
  keeper: EventKeeper;
  /** Takes secrets out. */
  redact(event: RollEvent): RollEvent;
  /** Told of an observer that threw. */
  onError(error: unknown): void;
}

/** Of no interest to anybody who asks afterwards. */
const CHATTER: readonly RollEvent["type"][] = [
  "check.started",
  "probe.failed",
  // The record of the roll has them.
  "roll.phase",
  "roll.phase_ended",
];

/** Hands everything that happens to everybody who wants to know. Nobody can break it for others. */
export class EventHub {
  readonly #options: EventHubOptions;
  readonly #observers = new Set<(event: RollEvent) => void>();
  readonly #listeners = new Set<(event: LoggedEvent) => void>();

  constructor(options: EventHubOptions) {
    this.#options = options;
  }

  /** Takes one event; neither throws nor waits. */
  readonly observe = (raw: RollEvent): void => {
    let event: RollEvent | null = null;
    this.#guard(() => event = this.#options.redact(raw));
    for (const observer of this.#observers) this.#guard(() => observer(event ?? raw));
    if (event !== null) this.#guard(() => this.#tell(event!));
  };

  /** From now on told of every event, before all others. */
  addObserver(observer: (event: RollEvent) => void): void {
    this.#observers.add(observer);
  }

  /** From now on told of every event as it is told to others, until disposed. */
  onEvent(listener: (event: LoggedEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #tell(event: RollEvent): void {
    const { log, date, keeper } = this.#options;
    const { level, message, isRepeated } = log.observe(event);
    const logged: LoggedEvent = { at: new Date(date()).toISOString(), level, message, event };
    for (const listener of this.#listeners) this.#guard(() => listener(logged));
    if (!isRepeated && !CHATTER.includes(event.type)) {
      keeper.add(logged, "roll" in event ? event.roll : null);
    }
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
