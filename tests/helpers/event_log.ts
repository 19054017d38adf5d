import type { RollEvent } from "../../src/roll/events.ts";

/** How long a test waits for something by default; generous, since only failures use it up. */
export const PATIENCE_MS = 30_000;

/** How much of a log is shown: so many lines from both of its ends. */
const EXCERPT = { lines: 60, columns: 400 };

/** How much of it stands in an error. */
const LAST = { lines: 32, columns: 200 };

/** One line that liveroll wrote; JSON lines are parsed, others have only `text`. */
export type LogLine = { event?: string; text: string } & Record<string, unknown>;

/** The names of events. */
export type EventType = RollEvent["type"];

/** The event of one type. */
export type EventOf<T extends EventType> = Extract<RollEvent, { type: T }>;

/** Says whether an event is the expected one: some of its fields, or a function. */
export type Match<T extends EventType> = Partial<EventOf<T>> | ((event: EventOf<T>) => boolean);

interface Waiter {
  matches(line: LogLine): boolean;
  resolve(line: LogLine): void;
  reject(error: Error): void;
  what: string;
}

/** Everything that one liveroll has written so far, and a way to wait for what it will. */
export class EventLog {
  readonly lines: LogLine[] = [];
  /** Called for every line as it comes. */
  onLine: (line: LogLine) => void = () => {};
  readonly #waiters = new Set<Waiter>();
  #following = 0;
  #ended = false;

  /** Reads `stream` until its end or until `signal` aborts. */
  async follow(stream: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
    this.#following++;
    const decoder = new TextDecoder();
    const reader = stream.getReader();
    signal.addEventListener("abort", () => reader.cancel(), { once: true });
    let rest = "";
    for (let piece; !(piece = await reader.read()).done;) {
      const lines = (rest + decoder.decode(piece.value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#add(line);
    }
    if (rest !== "") this.#add(rest);
    if (--this.#following === 0) this.#end();
  }

  /** A point in the log, to wait only for what comes after it. */
  mark(): number {
    return this.lines.length;
  }

  /**
   * Resolves with the first line after `since` that `matches`.
   *
   * @throws {Error} With the end of the log, when none comes in time or the program ends before.
   */
  waitForLine(
    what: string,
    matches: (line: LogLine) => boolean,
    { since = 0, timeoutMs = PATIENCE_MS }: { since?: number; timeoutMs?: number } = {},
  ): Promise<LogLine> {
    const known = this.lines.slice(since).find(matches);
    if (known !== undefined) return Promise.resolve(known);
    if (this.#ended) return Promise.reject(this.#failure(what, "it has ended"));
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
    const waiter = { matches, resolve, reject, what };
    const timer = setTimeout(
      () => reject(this.#failure(what, `${timeoutMs} ms were not enough`)),
      timeoutMs,
    );
    this.#waiters.add(waiter);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    });
  }

  /** All events of a type after `since` that match. */
  events<T extends EventType>(type: T, match: Match<T> = {}, since = 0): EventOf<T>[] {
    return this.lines.slice(since).map((line) => asEvent(line, type, match))
      .filter((event) => event !== null);
  }

  /** The whole log as text. */
  dump(): string {
    return this.lines.map((line) => line.text).join("\n");
  }

  /** The log as text, short enough to be read when a test fails. */
  excerpt(): string {
    const texts = this.lines.map((line) => line.text.slice(0, EXCERPT.columns));
    if (texts.length <= 2 * EXCERPT.lines) return texts.join("\n");
    const left = `… ${texts.length - 2 * EXCERPT.lines} lines …`;
    return [...texts.slice(0, EXCERPT.lines), left, ...texts.slice(-EXCERPT.lines)].join("\n");
  }

  /** The last lines, as a person would read them. */
  last(count = LAST.lines): string {
    const lines = this.lines.slice(-count).map((line) => readable(line).slice(0, LAST.columns));
    const left = this.lines.length - lines.length;
    return [...left > 0 ? [`… ${left} lines …`] : [], ...lines].join("\n");
  }

  #end(): void {
    this.#ended = true;
    for (const waiter of this.#waiters) waiter.reject(this.#failure(waiter.what, "it has ended"));
  }

  #add(text: string): void {
    const line = parse(text);
    this.lines.push(line);
    this.onLine(line);
    for (const waiter of this.#waiters) if (waiter.matches(line)) waiter.resolve(line);
  }

  #failure(what: string, why: string): Error {
    return new Error(`Cannot see ${what}: ${why}; the log was:\n${this.last()}`);
  }
}

/** `line` as an event of `type` that matches, or null. */
export function asEvent<T extends EventType>(
  line: LogLine,
  type: T,
  match: Match<T>,
): EventOf<T> | null {
  if (line.event !== type) return null;
  const event = { ...line, type } as unknown as EventOf<T>;
  const matches = typeof match === "function" ? match(event) : includes(event, match);
  return matches ? event : null;
}

/** What was written and when, without the fields that say it once more. */
function readable({ text, time, level, message, event }: LogLine): string {
  if (typeof time !== "string" || typeof message !== "string") return text;
  return `${time.slice(11)} ${level} ${message}${event === undefined ? "" : ` (${event})`}`;
}

function includes(event: object, part: object): boolean {
  return Object.entries(part).every(([key, value]) => Reflect.get(event, key) === value);
}

function parse(text: string): LogLine {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value, text } : { text };
  } catch {
    return { text };
  }
}
