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
  #phase: { name: string; roll: number; since: number } | null = null;
  #text = "waiting";

  constructor(io: Io) {
    this.#io = io;
    this.#paint = paintFor(io, io.stderr);
  }

  event(event: LoggedEvent): void {
    if (event.event.type === "roll.phase") this.#enter(event.event.roll, event.event.name);
    const text = event.level === "warn" || event.level === "error" ? textOf(event) : null;
    if (text !== null) this.note(levelColor(event.level, this.#paint)(text));
    else this.#draw();
  }

  status({ roll, state }: Status): void {
    if (roll === null) this.#text = state;
    else {
      if (roll.phase !== null) this.#enter(roll.id, roll.phase);
      const now = this.#io.date();
      const phase = roll.phase === null
        ? ""
        : `${roll.phase} ${wholeSeconds(now - (this.#phase?.since ?? now))}  `;
      this.#text = `roll ${roll.id} to ${roll.to}  ${phase}(${since(roll.since, now)})`;
    }
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
    const text = shorten(printable(this.#text), this.#io.stderr.columns() - 1);
    this.#io.stderr.write(`\r\x1b[K${this.#paint.cyan(text)}`);
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
