import type { Status } from "../control/operator.ts";
import type { LoggedEvent } from "../roll/logged_event.ts";
import type { Io } from "./command.ts";
import { printable, shorten } from "./print/cell.ts";
import { headOf, levelColor } from "./print/event_line.ts";
import { type Paint, paintFor } from "./print/paint.ts";
import { since, span, wholeSeconds } from "./print/time.ts";

/** What one sees while one waits. It goes to standard error: standard output is for the result. */
export interface Progress {
  event(event: LoggedEvent): void;
  status(status: Status): void;
  note(text: string): void;
  /** Removes what is not to stay. */
  end(): void;
}

/** Shows nothing. */
export const NO_PROGRESS: Progress = { event() {}, status() {}, note() {}, end() {} };

/** A live line for a terminal, plain lines for everything else. */
export function progressFor(io: Io): Progress {
  return io.stderr.isTerminal ? new LiveLine(io) : new PlainLines(io);
}

/** One line for every phase that ended and everything else worth telling. */
export class PlainLines implements Progress {
  readonly #io: Io;
  #hears = false;
  #phase: string | null = null;

  constructor(io: Io) {
    this.#io = io;
  }

  event(event: LoggedEvent): void {
    this.#hears = true;
    const text = textOf(event);
    if (text !== null) this.#io.err(text);
  }

  /** Only if events cannot be heard. */
  status({ roll }: Status): void {
    if (this.#hears || roll === null || roll.phase === this.#phase) return;
    this.#phase = roll.phase;
    if (roll.phase !== null) {
      this.#io.err(printable(`roll ${roll.id} to ${roll.to}: ${roll.phase}`));
    }
  }

  note(text: string): void {
    this.#io.err(printable(text));
  }

  end(): void {}
}

/** One line that is drawn over itself; trouble stays above it. */
export class LiveLine implements Progress {
  readonly #io: Io;
  readonly #paint: Paint;
  #state = "waiting";
  #roll: { id: number; to: string; since: string } | null = null;
  #phase: { name: string; roll: number; since: number } | null = null;

  constructor(io: Io) {
    this.#io = io;
    this.#paint = paintFor(io, io.stderr);
  }

  event(logged: LoggedEvent): void {
    const { event, level } = logged;
    if (event.type === "roll.started") {
      this.#roll = { id: event.roll, to: event.to, since: logged.at };
    }
    if (event.type === "roll.phase") this.#enter(event.roll, event.name);
    const text = level === "warn" || level === "error" ? textOf(logged) : null;
    if (text !== null) this.note(levelColor(level, this.#paint)(text));
    else this.#draw();
  }

  status({ roll, state }: Status): void {
    this.#state = state;
    this.#roll = roll;
    if (roll !== null && roll.phase !== null) this.#enter(roll.id, roll.phase);
    else this.#phase = null;
    this.#draw();
  }

  /** The text is printable already. */
  note(text: string): void {
    this.#io.stderr.write(`\r\x1b[K${text}\n`);
    this.#draw();
  }

  end(): void {
    this.#io.stderr.write("\r\x1b[K");
  }

  #enter(roll: number, name: string): void {
    if (this.#phase?.name === name && this.#phase.roll === roll) return;
    this.#phase = { name, roll, since: this.#io.date() };
  }

  /** A line that wraps could not be drawn over. */
  #draw(): void {
    const text = shorten(printable(this.#text()), this.#io.stderr.columns() - 1);
    this.#io.stderr.write(`\r\x1b[K${this.#paint.cyan(text)}`);
  }

  #text(): string {
    if (this.#roll === null) return this.#state;
    const now = this.#io.date();
    const { id, to, since: began } = this.#roll;
    const phase = this.#phase?.roll === id
      ? `${this.#phase.name} ${wholeSeconds(now - this.#phase.since)}  `
      : "";
    return `roll ${id} to ${to}  ${phase}(${since(began, now)})`;
  }
}

/** Null: it is not worth a line. */
function textOf({ level, message, event }: LoggedEvent): string | null {
  if (event.type === "roll.phase_ended") {
    const { name, durationMs, outcome } = event.phase;
    const end = outcome === "succeeded" ? "" : ` ${outcome}`;
    return printable(`${name}${end} ${span(durationMs)}`);
  }
  const isSaidLater = event.type === "request.ended" || event.type === "state";
  return isSaidLater || level === "debug" ? null : headOf(message);
}
