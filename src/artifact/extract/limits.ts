import { ArtifactRefusedError } from "../refused.ts";
import type { Bytes } from "./entry.ts";

const MIB = 1024 * 1024;
/** Small archives may be packed as tightly as they like. */
const RATIO_FROM_BYTES = 64 * MIB;

/** How large the content of an archive may be. */
export interface ExtractLimits {
  /** All that comes out, counted as it comes, whatever the archive says. */
  readonly maxBytes: number;
  readonly maxEntries: number;
  /** How many times larger than the archive its content may be, from 64 MiB on. */
  readonly maxRatio: number;
}

/** Room for what is real: the largest trees of npm modules have about 100,000 entries. */
export const DEFAULT_LIMITS: ExtractLimits = {
  maxBytes: 4096 * MIB,
  maxEntries: 200_000,
  maxRatio: 250,
};

/** Counts what comes out of one archive. */
export class ExtractMeter {
  readonly #limits: ExtractLimits;
  readonly #archiveBytes: number;
  #bytes = 0;
  #entries = 0;

  constructor(archiveBytes: number, limits: ExtractLimits) {
    this.#archiveBytes = archiveBytes;
    this.#limits = limits;
  }

  /** @throws {ArtifactRefusedError} When it is one too many. */
  countEntry(): void {
    const { maxEntries } = this.#limits;
    if (++this.#entries > maxEntries) throw tooLarge(`it has more than ${maxEntries} entries`);
  }

  /**
   * Passes bytes on and counts them.
   *
   * @throws {ArtifactRefusedError} While iterating, when they are too many.
   */
  async *count(bytes: Bytes): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      this.#bytes += chunk.length;
      this.#check();
      yield chunk;
    }
  }

  #check(): void {
    const { maxBytes, maxRatio } = this.#limits;
    if (this.#bytes > maxBytes) throw tooLarge(`its content has more than ${maxBytes} bytes`);
    if (this.#bytes <= RATIO_FROM_BYTES) return;
    if (this.#bytes <= maxRatio * this.#archiveBytes) return;
    throw tooLarge(`its content is more than ${maxRatio} times as large as itself`);
  }
}

function tooLarge(detail: string): ArtifactRefusedError {
  return new ArtifactRefusedError("too_large", `Cannot extract the archive: ${detail}`);
}
