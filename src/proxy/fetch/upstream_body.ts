/**
 * A backend's body that ends when `signal` aborts.
 *
 * That cannot be left to `fetch`: Deno hands its own, derived signal to the body by a weak
 * reference, and once it is collected an abort is not heard any more (pinned by
 * tests/platform/fetch_abort_test.ts). Nor may the body be given to Deno's server as it is: the
 * server then takes it over, out of our reach.
 */
export class UpstreamBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #signal: AbortSignal;

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>, signal: AbortSignal) {
    this.#reader = body.getReader();
    this.#signal = signal;
    const cancel = () => this.#cancel(signal.reason);
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
  }

  /**
   * All of it.
   *
   * @throws The signal's reason, or what reading throws.
   */
  async whole(): Promise<Uint8Array<ArrayBuffer>> {
    let whole: Uint8Array<ArrayBuffer> | null = null;
    for (;;) {
      const { done, value } = await this.#read();
      if (done) return whole ?? new Uint8Array(0);
      whole = whole === null ? value : joined(whole, value);
    }
  }

  /** As a stream, one read at a time. `onBroken` is awaited before an error is passed on. */
  stream(onBroken: () => Promise<void>): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      pull: async (controller) => {
        const { done, value } = await this.#read().catch(async (error) => {
          await onBroken();
          throw error;
        });
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => this.#cancel(reason),
    }, { highWaterMark: 0 });
  }

  /** A read that was cancelled looks like the end; a body that was cut must not. */
  async #read(): Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>> {
    const result = await this.#reader.read();
    this.#signal.throwIfAborted();
    return result;
  }

  async #cancel(reason: unknown): Promise<void> {
    await this.#reader.cancel(reason).catch(() => {});
  }
}

function joined(
  first: Uint8Array<ArrayBuffer>,
  second: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
