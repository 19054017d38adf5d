import { badArchive } from "./refuse.ts";

const HEADER_MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const FOOTER_MAGIC = [0x59, 0x5a];
const HEADER_BYTES = 12;
const FOOTER_BYTES = 12;
/** Enough for a million blocks. */
const MAX_INDEX_BYTES = 16 * 1024 * 1024;

/**
 * Checks that a file is exactly one stream of xz, by its index, which lists the lengths of all
 * blocks: the decoder itself would not miss what is cut off in the wrong place, nor see what
 * follows. Leaves the file at its beginning.
 *
 * @throws {ArtifactRefusedError} If it is not.
 */
export async function checkXzLayout(file: Deno.FsFile): Promise<void> {
  const { size } = await file.stat();
  const header = await readAt(file, 0, HEADER_BYTES);
  if (!HEADER_MAGIC.every((byte, index) => header[index] === byte)) {
    throw badArchive("it is not xz data");
  }
  const footer = await readAt(file, size - FOOTER_BYTES, FOOTER_BYTES);
  const indexBytes = (new DataView(footer.buffer).getUint32(4, true) + 1) * 4;
  const isFooter = FOOTER_MAGIC.every((byte, index) => footer[10 + index] === byte);
  const indexAt = size - FOOTER_BYTES - indexBytes;
  if (!isFooter || indexBytes > MAX_INDEX_BYTES || indexAt < HEADER_BYTES) throw notOne();
  const blocks = blockBytes(await readAt(file, indexAt, indexBytes));
  if (HEADER_BYTES + blocks !== indexAt) throw notOne();
  await file.seek(0, Deno.SeekMode.Start);
}

/** The length of all blocks of an index together. */
function blockBytes(index: Uint8Array): number {
  if (index[0] !== 0) throw notOne();
  const numbers = varints(index.subarray(1, -4));
  const count = numbers.next().value ?? 0;
  let total = 0;
  for (let block = 0; block < count; block++) {
    const unpadded = numbers.next().value;
    if (unpadded === undefined || numbers.next().done) throw notOne();
    total += Math.ceil(unpadded / 4) * 4;
  }
  return total;
}

/** Numbers in groups of seven bits, lowest first. */
function* varints(bytes: Uint8Array): Generator<number, undefined> {
  let value = 0;
  let factor = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte >= 0x80) continue;
    yield value;
    [value, factor] = [0, 1];
  }
}

async function readAt(
  file: Deno.FsFile,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  if (offset < 0) return bytes;
  await file.seek(offset, Deno.SeekMode.Start);
  for (let filled = 0; filled < length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes;
}

function notOne(): Error {
  return badArchive("it is not one whole xz stream: cut off, or something is after its end");
}
