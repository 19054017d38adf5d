const CHUNK_BYTES = 64 * 1024;

/**
 * The bytes of an open file from where it stands. Each chunk is its own: it stays as it is.
 *
 * @throws The reason of `signal`, as soon as it aborts.
 */
export async function* readChunks(
  file: Deno.FsFile,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (;;) {
    signal?.throwIfAborted();
    const chunk = new Uint8Array(CHUNK_BYTES);
    const count = await file.read(chunk);
    if (count === null) return;
    yield chunk.subarray(0, count);
  }
}
