import type { Buffers } from "./buffers.ts";
import type { ByteWriter } from "./byte_writer.ts";
import type { Upload } from "./upload.ts";
import type { Upstream } from "./upstream.ts";

const NOTHING_YET = Promise.resolve(false);

/** A request on its way out: its head, and its body if it has one, to one backend or to several. */
export class Outgoing {
  #record: ByteWriter;
  #upload: Upload | null;
  /** Writes of the record under way; those to a backend that failed may end late. */
  #writes = 0;
  #sent: Promise<boolean> = NOTHING_YET;
  #deliveredTo: Upstream | null = null;

  /** @param record Holds the head; the body's first bytes are behind it. */
  constructor(record: ByteWriter, upload: Upload | null) {
    this.#record = record;
    this.#upload = upload;
  }

  /** Everything came from the client. */
  get taken(): boolean {
    return this.#upload?.taken ?? true;
  }

  /** Everything came from the client, and the backend's side took it: no write is under way. */
  get complete(): boolean {
    return this.taken && this.#writes === 0 && !this.#upload?.sending;
  }

  /** It can be sent again from its first byte. */
  get replayable(): boolean {
    return this.#upload?.replayable ?? true;
  }

  /** Bytes of content so far. */
  get bytes(): number {
    return this.#upload?.bytes ?? 0;
  }

  /** The head, and what is recorded of the body. */
  get record(): ByteWriter {
    return this.#record;
  }

  /** Whether the last backend's side took any of it; settled once its connection is closed. */
  get sent(): Promise<boolean> {
    return this.#sent;
  }

  /** Whether `upstream` has taken all of it: until then its bytes are still being written there. */
  isDeliveredTo(upstream: Upstream): boolean {
    return this.#deliveredTo === upstream;
  }

  /** Takes what is here of the body already, so that it travels together with the head. */
  takeBuffered(): void {
    this.#upload?.takeBuffered();
  }

  /** Begins to send everything to `upstream`; what comes of it, its answer tells. */
  sendTo(upstream: Upstream): void {
    const isWhole = this.complete;
    this.#sent = this.#sendRecord(upstream, isWhole);
    if (!isWhole) this.#sent.then(() => this.#sendRest(upstream));
  }

  /** Takes no more from the client for now. */
  pause(): void {
    this.#upload?.pause();
  }

  /** Ends it for good. */
  end(buffers: Buffers): void {
    this.#upload?.stop();
    if (this.#writes === 0) buffers.giveWriter(this.#record);
  }

  async #sendRecord(upstream: Upstream, isWhole: boolean): Promise<boolean> {
    const { stream } = upstream;
    const record = this.#record.view();
    let written = 0;
    this.#writes++;
    try {
      while (written < record.length) {
        written += await stream.write(written === 0 ? record : record.subarray(written));
      }
    } catch {
      // What comes from the backend tells more: an early answer, or its end.
    }
    this.#writes--;
    if (isWhole && written === record.length) this.#deliveredTo = upstream;
    return written > 0;
  }

  async #sendRest(upstream: Upstream): Promise<void> {
    if (upstream.closed) return;
    if (await this.#upload?.run(upstream.stream)) this.#deliveredTo = upstream;
  }
}
