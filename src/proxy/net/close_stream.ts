import type { ByteStream } from "./stream.ts";

/** Closes `stream`, which may be closed or broken already. */
export function closeStream(stream: Pick<ByteStream, "close">): void {
  try {
    stream.close();
  } catch {
    // It ended before.
  }
}
