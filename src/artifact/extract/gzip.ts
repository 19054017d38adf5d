import { createGunzip } from "node:zlib";
import { readChunks } from "../../platform/file_chunks.ts";
import { badArchive } from "./refuse.ts";
import { isZero } from "./tar_header.ts";
import { through } from "./through.ts";

/**
 * What was compressed by gzip: one member or several.
 *
 * @throws {ArtifactRefusedError} While iterating, when it is broken or cut off.
 */
export async function* decodeGzip(
  file: Deno.FsFile,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  yield* through(gunzip, readChunks(file, signal), "gzip");
  // It stops at the first zero after a member, and says nothing of what comes then.
  await file.seek(gunzip.bytesWritten, Deno.SeekMode.Start);
  for await (const rest of readChunks(file, signal)) {
    if (!isZero(rest)) throw badArchive("there is something after its end");
  }
}
