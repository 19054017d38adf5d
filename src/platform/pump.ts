import { delay } from "@std/async/delay";
import { LineSplitter } from "./lines.ts";

/** Lines handled before other work gets its turn. */
const LINES_PER_TURN = 256;

/** How long to wait for the rest of an output whose writer may never close it. */
export interface SettleOptions {
  /** Silence that counts as the end, in milliseconds. */
  idleMs: number;
  /** The longest wait, in milliseconds. */
  maxMs: number;
}

/**
 * Reads an output of a child until its end, whatever becomes of what was read.
 *
 * A pipe stays open as long as any descendant holds it, long after the child itself: wait for
 * {@linkcode Pump.settled}, not for the end, and {@linkcode Pump.close} it.
 */
export class Pump {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #done: Promise<void>;
  #chunks = 0;
  #isReading = false;

  /** @param onChunk Must not throw; reading goes on when it is done. */
  constructor(
    stream: ReadableStream<Uint8Array>,
    onChunk: (chunk: Uint8Array) => void | Promise<void>,
    onEnd: () => void = () => {},
  ) {
    this.#reader = stream.getReader();
    this.#done = this.#run(onChunk).then(onEnd);
  }

  /** Resolves at the end of the output, or when the writer seems to have nothing more to say. */
  async settled({ idleMs, maxMs }: SettleOptions): Promise<void> {
    const enough = new AbortController();
    const ended = this.#done.then(() => true);
    const deadline = performance.now() + maxMs;
    for (let seen = -1; performance.now() < deadline;) {
      if (seen === this.#chunks && this.#isReading) break;
      seen = this.#chunks;
      const silence = delay(idleMs, { signal: enough.signal }).then(() => false, () => true);
      if (await Promise.race([ended, silence])) break;
    }
    enough.abort();
  }

  /** Stops reading and lets go of the pipe. */
  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
    await this.#done;
  }

  async #run(onChunk: (chunk: Uint8Array) => void | Promise<void>): Promise<void> {
    try {
      for (;;) {
        this.#isReading = true;
        const { value, done } = await this.#reader.read();
        this.#isReading = false;
        if (done) return;
        this.#chunks++;
        await onChunk(value);
      }
    } catch {
      // A pipe that cannot be read any more has ended.
    }
  }
}

/** A {@linkcode Pump} that hands out lines. */
export function pumpLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Pump {
  const splitter = new LineSplitter();
  const onChunk = async (chunk: Uint8Array) => {
    let handled = 0;
    for (const line of splitter.push(chunk)) {
      onLine(line);
      // A child that prints as fast as it can must not take the event loop for itself.
      if (++handled % LINES_PER_TURN === 0) await delay(0);
    }
  };
  const onEnd = () => {
    for (const line of splitter.end()) onLine(line);
  };
  return new Pump(stream, onChunk, onEnd);
}
