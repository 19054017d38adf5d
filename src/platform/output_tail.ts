import { stripAnsiCode } from "@std/fmt/colors";
import { RecentLines } from "./recent_lines.ts";

/** Enough to see what went wrong. */
const KEPT_LINES = 50;

/** All that a message may carry of an output. */
const MAX_BYTES = 1_024;

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/** The end of an output, fit to be shown: no colours, no secrets. */
export class OutputTail {
  readonly #lines = new RecentLines(KEPT_LINES);
  readonly #redact: Redact;

  constructor(redact: Redact) {
    this.#redact = redact;
  }

  push(line: string): void {
    // What a progress display has written over is gone on a terminal, too.
    const shown = stripAnsiCode(line).split("\r").findLast((part) => part.trim() !== "") ?? "";
    if (shown !== "") this.#lines.push(shown);
  }

  /** Secrets are taken out of whole lines, before anything is cut: half a secret is not found. */
  lines(): string[] {
    const lines: string[] = [];
    let room = MAX_BYTES;
    for (const line of this.#lines.all().toReversed()) {
      const text = truncateBytes(this.#redact(line), room);
      if (text === "") break;
      lines.unshift(text);
      room -= new TextEncoder().encode(text).length;
    }
    return lines;
  }
}

/** The beginning of a text, in no more than `maxBytes` bytes of UTF-8; no character is cut. */
export function truncateBytes(text: string, maxBytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(Math.max(maxBytes, 0)));
  return text.slice(0, read);
}
