import { readChunks } from "../../platform/file_chunks.ts";
import { decodeBzip2 } from "./bzip2/decode.ts";
import type { Bytes } from "./entry.ts";
import type { Compression } from "./format.ts";
import { decodeGzip } from "./gzip.ts";
import { decodeXz } from "./xz.ts";
import { decodeZstd } from "./zstd.ts";

/**
 * The content of a compressed file, from its beginning.
 *
 * @throws {ArtifactRefusedError} While iterating: it is broken, cut off, or has something after its
 * end.
 */
export function decompress(
  compression: Compression,
  file: Deno.FsFile,
  signal?: AbortSignal,
): Bytes {
  const chunks = readChunks(file, signal);
  switch (compression) {
    case "none":
      return chunks;
    case "gzip":
      return decodeGzip(file, signal);
    case "bzip2":
      return decodeBzip2(chunks);
    case "xz":
      return decodeXz(file, signal);
    case "zstd":
      return decodeZstd(chunks);
  }
}
