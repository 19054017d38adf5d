import { readChunks } from "../../platform/file_chunks.ts";
import { breathe } from "./breathe.ts";
import type { Bytes } from "./entry.ts";
import { badArchive } from "./refuse.ts";

/** What the decoder's numbers mean. */
const ERRORS: Readonly<Record<string, string>> = {
  "2": "its kind of check is not supported; CRC32 and CRC64 are",
  "3": "there is no memory for it",
  "4": "its dictionary is larger than 64 MiB",
  "5": "it is not xz data",
  "6": "it needs filters that are not supported",
  "7": "it does not match its checksum",
  "8": "it is cut off, or something is after its end",
};

/**
 * What was compressed by xz: one stream or several.
 *
 * @throws {ArtifactRefusedError} While iterating, when it is broken or cut off.
 */
export async function* decodeXz(
  file: Deno.FsFile,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { XzReadableStream } = await import("./xz_decompress.ts");
  const input = ReadableStream.from(readChunks(file, signal));
  try {
    for await (const chunk of new XzReadableStream(input) as Bytes) {
      yield chunk;
      await breathe();
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw badArchive(`its xz data is broken (${describe(error)})`, error);
  }
}

function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TypeError) return "it is empty";
  return ERRORS[message.match(/error code (\d+)/)?.[1] ?? ""] ?? message;
}
