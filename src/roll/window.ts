import type { Windows } from "./effects.ts";

/** A span of time on some days of the week, in one time zone. */
export interface WindowSpan {
  /** Days of the week on which it begins; 0 is Sunday. */
  readonly days: readonly number[];
  /** Minutes after midnight. */
  readonly from: number;
  /** Minutes after midnight; not after `from`: it ends on the next day. */
  readonly to: number;
  /** IANA name; null: the zone of the machine. */
  readonly zone: string | null;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** A week, and a day for what the clocks are changed by. */
const SEARCH_MS = 8 * DAY_MINUTES * MINUTE_MS;

/** Clocks are changed by less than this; so close to an opening every minute is looked at. */
const NEAR_MINUTES = 120;

/**
 * When updates are allowed: while any of the windows is open, always if there is none.
 *
 * A window is open while the clocks of its zone show a time within it: one that lies in the hour
 * that a change of clocks leaves out does not open that day, one in the hour that comes twice is
 * open twice.
 */
export class UpdateWindows implements Windows {
  readonly #windows: readonly { span: WindowSpan; clock: Intl.DateTimeFormat }[];

  constructor(spans: readonly WindowSpan[]) {
    this.#windows = spans.map((span) => ({ span, clock: wallClock(span.zone) }));
  }

  openAt(at: number): number {
    if (this.#windows.length === 0 || this.#isOpen(at)) return at;
    const end = at + SEARCH_MS;
    let time = nextMinute(at);
    while (time < end && !this.#isOpen(time)) time += this.#leap(time) * MINUTE_MS;
    return time;
  }

  /** Minutes that may be left out: nothing opens in them, even if the clocks are changed. */
  #leap(at: number): number {
    const waits = this.#windows.map(({ span, clock }) => minutesUntil(span, localTime(clock, at)));
    return Math.max(1, Math.min(...waits) - NEAR_MINUTES);
  }

  #isOpen(at: number): boolean {
    return this.#windows.some(({ span, clock }) => contains(span, localTime(clock, at)));
  }
}

function contains({ days, from, to }: WindowSpan, { day, minute }: LocalTime): boolean {
  if (from < to) return days.includes(day) && minute >= from && minute < to;
  if (minute >= from) return days.includes(day);
  return minute < to && days.includes((day + 6) % 7);
}

/** Minutes until the clock on the wall shows the next beginning of a window. */
function minutesUntil({ days, from }: WindowSpan, { day, minute }: LocalTime): number {
  const waits = days.map((start) => (start - day) * DAY_MINUTES + from - minute);
  // What has begun a moment ago may begin once more, when the clocks are put back.
  return Math.min(...waits.map((wait) => wait > -NEAR_MINUTES ? wait : wait + 7 * DAY_MINUTES));
}

/** What a clock on the wall shows. */
interface LocalTime {
  day: number;
  /** Minutes after midnight. */
  minute: number;
}

function wallClock(zone: string | null): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-US", {
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...(zone === null ? {} : { timeZone: zone }),
  });
}

function localTime(clock: Intl.DateTimeFormat, at: number): LocalTime {
  const parts = new Map(clock.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    day: WEEKDAYS.indexOf(parts.get("weekday") ?? ""),
    minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")),
  };
}

function nextMinute(at: number): number {
  return Math.floor(at / MINUTE_MS + 1) * MINUTE_MS;
}
