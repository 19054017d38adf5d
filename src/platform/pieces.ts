/**
 * The pieces of a body, as they come. Leaving early cancels it.
 *
 * `fetch` forgets its signal once it has answered and the garbage was collected; so the body is
 * cancelled here.
 *
 * @throws The reason of `signal`, when it aborts, and what reading throws.
 */
export async function* pieces(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}
