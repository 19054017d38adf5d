import { Limiter } from "../../../src/notify/limiter.ts";
import { Narrator } from "../../../src/notify/narrator.ts";
import type { Notification } from "../../../src/notify/notification.ts";
import type { InstanceRef, RollEvent, Trigger } from "../../../src/roll/events.ts";
import { ManualClock } from "../proxy/manual_clock.ts";

/** What people read of a life that goes as the events say. */
export class Life {
  readonly notifications: Notification[] = [];
  readonly #narrator = new Narrator();
  readonly #limiter = new Limiter(new ManualClock(), (told) => this.notifications.push(told));

  /** @returns What is told of these events: `event: headline`. */
  goesOn(...events: RollEvent[]): string[] {
    const before = this.notifications.length;
    for (const event of events) {
      for (const told of this.#narrator.tell(event)) this.#limiter.take(told);
    }
    return this.notifications.slice(before).map(({ event, headline }) => `${event}: ${headline}`);
  }

  get last(): Notification {
    return this.notifications.at(-1)!;
  }
}

/** An instance of a roll. */
export function instance(roll: number, id: string): InstanceRef {
  return { key: `i${roll}`, id, port: 9101, pid: 42 };
}

/** A roll begins. */
export function begins(roll: number, from: string | null, to: string, trigger: Trigger): RollEvent {
  return { type: "roll.started", roll, trigger, from, to };
}

/** Requests go to the instance of a roll. */
export function switches(roll: number, from: string | null, id: string): RollEvent {
  return { type: "roll.switched", roll, instance: instance(roll, id), from };
}

/** A roll is over, and well. */
export function succeeds(roll: number, id: string): RollEvent {
  return { type: "roll.succeeded", roll, id, durationMs: 3_200 };
}

/** A whole roll without trouble. */
export function good(roll: number, from: string | null, id: string, trigger: Trigger): RollEvent[] {
  return [begins(roll, from, id, trigger), switches(roll, from, id), succeeds(roll, id)];
}

/** A version is locked away. */
export function quarantines(id: string): RollEvent {
  return { type: "quarantine.added", id, failures: 1, retryInMs: 30_000, detail: "d" };
}

/** A candidate is refused. */
export function fails(roll: number, id: string, retryInMs: number | null = 30_000): RollEvent {
  const lastLines = ["Error: no module", "\x1b[31mbye\x1b[0m\0"];
  const detail = "exited with code 1";
  return { type: "roll.failed", roll, id, reason: "exited", detail, lastLines, retryInMs };
}

/** What serves ends by itself. */
export function exits(roll: number, id: string): RollEvent {
  const exit = { code: 137, signal: null } as const;
  return { type: "instance.exited", instance: instance(roll, id), exit, lastLines: ["last words"] };
}

/** The source names a version. */
export function finds(id: string, from: string | null): RollEvent {
  return { type: "update.found", id, from, waits: null };
}

/** A crashed version is to be started again. */
export function restarts(crashes: number, crashLoop: boolean): RollEvent {
  return { type: "restart.scheduled", id: "v1", crashes, inMs: 4_000, crashLoop };
}

/** The source cannot be asked. */
export const CHECK_FAILS = {
  type: "check.failed",
  step: "pull",
  detail: "no route to host",
} as const;
/** The end. */
export const STOPPED = { type: "state", state: "stopped", was: "stopping", detail: "" } as const;

/** A life in which v1 serves. */
export function serving(): Life {
  const life = new Life();
  life.goesOn(finds("v1", null), ...good(1, null, "v1", "start"));
  return life;
}
