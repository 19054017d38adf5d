import type { Log } from "../../platform/log.ts";
import { describe, type Line } from "../../roll/describe.ts";
import type { RollEvent } from "../../roll/events.ts";
import { Repeats } from "../../roll/repeats.ts";

/** What was told, and whether it was news. */
export interface Told extends Line {
  isRepeated: boolean;
}

/** Writes events to a log; machines read the `event` property and the event's own fields. */
export class EventLog {
  readonly #log: Log;
  readonly #repeats = new Repeats();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Takes one event; neither throws nor waits. What is said again and again is said aloud once. */
  observe(event: RollEvent): Told {
    const { level, message } = describe(event);
    const { type, ...facts } = event;
    const isRepeated = this.#repeats.isRepeated(event);
    this.#log[isRepeated ? "debug" : level](message, { event: type, ...facts });
    return { level, message, isRepeated };
  }
}
