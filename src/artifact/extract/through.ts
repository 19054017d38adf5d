import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { breathe } from "./breathe.ts";
import type { Bytes } from "./entry.ts";
import { badArchive } from "./refuse.ts";

/**
 * Bytes through one of zlib's transforms.
 *
 * @throws {ArtifactRefusedError} While iterating, when the data is broken or cut off; what `chunks`
 * throws comes through as it is.
 */
export async function* through(
  transform: Transform,
  chunks: Bytes,
  what: string,
): AsyncGenerator<Uint8Array> {
  const input = new Failing(chunks);
  const done = pipeline(Readable.from(input), transform).catch(() => {});
  try {
    for await (const chunk of transform as AsyncIterable<Uint8Array>) {
      yield chunk;
      await breathe();
    }
  } catch (error) {
    if (input.failure !== null) throw input.failure.reason;
    throw badArchive(`its ${what} data is broken (${describe(error)})`, error);
  } finally {
    transform.destroy();
    await done;
  }
}

/**
 * Remembers whether it was the input that failed. No generator, since streams would throw their own
 * errors into one.
 */
class Failing implements Bytes {
  failure: { readonly reason: unknown } | null = null;
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(chunks: Bytes) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next(), return: () => this.#end() };
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#chunks.next();
    } catch (reason) {
      this.failure = { reason };
      throw reason;
    }
  }

  async #end(): Promise<IteratorResult<Uint8Array>> {
    await this.#chunks.return?.();
    return { done: true, value: undefined };
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
