const encoder = new TextEncoder();

const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";

// The terminal shows nothing between these two, so that no half-drawn picture is seen.
const BEGIN_FRAME = "\x1b[?2026h\x1b[H";
const END_FRAME = "\x1b[J\x1b[H\x1b[?2026l";
const REST_OF_LINE = "\x1b[K";

/** Size in characters. */
export interface Size {
  columns: number;
  rows: number;
}

/** A terminal that shows one picture after the other, and is as before when it is disposed of. */
export class Terminal implements Disposable {
  #writing = false;

  constructor() {
    writeAllSync(ENTER);
  }

  /** Whether standard output can show pictures. */
  static isUsable(): boolean {
    return Deno.stdout.isTerminal() && Deno.env.get("TERM") !== "dumb";
  }

  /** The size now; it may change at any time. */
  get size(): Size {
    try {
      return Deno.consoleSize();
    } catch {
      return { columns: 80, rows: 24 };
    }
  }

  /** Shows a picture; while a stalled terminal still takes the one before, it is left out. */
  show(lines: readonly string[]): void {
    if (this.#writing) return;
    this.#writing = true;
    const text = lines.map((line) => line + REST_OF_LINE).join("\r\n");
    this.#write(encoder.encode(BEGIN_FRAME + text + END_FRAME)).finally(() => {
      this.#writing = false;
    });
  }

  [Symbol.dispose](): void {
    writeAllSync(LEAVE);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
    } catch {
      // The terminal is gone; a signal will tell.
    }
  }
}

/** Writes lines to standard output; @returns Whether somebody still reads them. */
export function writeLine(line: string): boolean {
  return writeAllSync(`${line}\n`);
}

function writeAllSync(text: string): boolean {
  const bytes = encoder.encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
    return true;
  } catch {
    return false;
  }
}
