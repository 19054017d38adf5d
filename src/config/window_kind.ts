import { type Kind, quote } from "../values/kinds.ts";

/** A span of time on some days of the week, in one time zone. */
export interface Window {
  /** Days of the week on which it begins; 0 is Sunday. */
  readonly days: readonly number[];
  /** Minutes after midnight. */
  readonly from: number;
  /** Minutes after midnight; not after `from`: it ends on the next day. */
  readonly to: number;
  /** IANA name; null: the zone of the machine. */
  readonly zone: string | null;
}

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const EXAMPLE = `give for example "Mon-Fri 09:00-17:00 Europe/Berlin"`;

/** A window for updates: days (every day if left out), times, zone (the machine's if left out). */
export const window: Kind<Window> = {
  placeholder: "WINDOW",
  parse(text) {
    const words = text.trim().split(/\s+/);
    const at = words.findIndex((word) => /^\d/.test(word));
    if (at < 0 || at > 1 || words.length > at + 2) {
      throw new SyntaxError(`${quote(text)} is not a window, ${EXAMPLE}`);
    }
    const [from, to] = parseTimes(words[at] ?? "");
    const days = at === 0 ? parseDays("daily") : parseDays(words[0] ?? "");
    return { days, from, to, zone: parseZone(words[at + 1] ?? null) };
  },
};

function parseDays(text: string): number[] {
  if (text.toLowerCase() === "daily") return DAYS.map((_, day) => day);
  const days = text.split(",").flatMap((range) => {
    const [first = "", last = first, ...rest] = range.split("-");
    if (rest.length > 0) {
      throw new SyntaxError(`${quote(range)} is not a range of days, ${EXAMPLE}`);
    }
    const [from, to] = [parseDay(first), parseDay(last)];
    const count = (to - from + DAYS.length) % DAYS.length;
    return Array.from({ length: count + 1 }, (_, i) => (from + i) % DAYS.length);
  });
  return [...new Set(days)].sort();
}

function parseDay(text: string): number {
  const day = DAYS.indexOf(text.toLowerCase());
  if (day >= 0) return day;
  throw new SyntaxError(`${quote(text)} is not a day, give Mon, Tue, Wed, Thu, Fri, Sat or Sun`);
}

function parseTimes(text: string): [number, number] {
  const [, from, to] = /^(\d{1,2}:\d{2})-(\d{1,2}:\d{2})$/.exec(text) ?? [];
  if (from === undefined || to === undefined) {
    throw new SyntaxError(`${quote(text)} is not a span of time, give for example 09:00-17:00`);
  }
  const times: [number, number] = [parseTime(from), parseTime(to)];
  if (times[0] === times[1]) {
    throw new RangeError(`${text} is never, give 00:00-24:00 for the whole day`);
  }
  if (times[0] === 24 * 60) throw new RangeError(`${text} begins at 24:00, give 00:00`);
  return times;
}

function parseTime(text: string): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  const time = hours * 60 + minutes;
  if (minutes < 60 && time <= 24 * 60) return time;
  throw new RangeError(`${quote(text)} is not a time of day, give 00:00 to 24:00`);
}

function parseZone(zone: string | null): string | null {
  if (zone === null) return null;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch (error) {
    throw new SyntaxError(`${quote(zone)} is not a time zone, give for example Europe/Berlin`, {
      cause: error,
    });
  }
}
