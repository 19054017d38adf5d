type Bytes = Uint8Array<ArrayBuffer>;

/** What a body on its way tells. */
export interface CuttableEvents {
  /** Awaited before an error is passed on; must not reject. */
  onBroken(): Promise<void>;
  /** So many more bytes are handed on. */
  onBytes(count: number): void;
}

/**
 * A backend's body that ends with an error when `signal` aborts.
 *
 * That cannot be left to `fetch`: Deno hands its own, derived signal to the body by a weak
 * reference, and once it is collected an abort is not heard any more (pinned by
 * tests/platform/fetch_abort_test.ts). Nor may the body be given to Deno's server as it is: the
 * server then takes it over, out of our reach.
 */
export function cuttable(
  body: ReadableStream<Bytes>,
  signal: AbortSignal,
  { onBroken, onBytes }: CuttableEvents,
): ReadableStream<Bytes> {
  const reader = body.getReader();
  const cancel = async (reason: unknown) => await reader.cancel(reason).catch(() => {});
  const onAbort = () => cancel(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        // A read that was cancelled looks like the end; a body that was cut must not.
        signal.throwIfAborted();
        if (done) controller.close();
        else {
          onBytes(value.length);
          controller.enqueue(value);
        }
      } catch (error) {
        await onBroken();
        throw error;
      }
    },
    cancel,
  }, { highWaterMark: 0 });
}
