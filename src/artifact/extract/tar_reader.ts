import { ByteSource } from "./byte_source.ts";
import type { ArchiveEntry, Bytes, EntryContent } from "./entry.ts";
import { parsePax, type PaxAttributes } from "./pax.ts";
import { badArchive, badEntry } from "./refuse.ts";
import { isZero, parseTarHeader, TAR_BLOCK, type TarHeader } from "./tar_header.ts";

/** Long names and attributes are kept in memory; this is far more than any of them needs. */
const MAX_META_BYTES = 1024 * 1024;

const OTHERS: Readonly<Record<string, string>> = {
  "3": "a character device",
  "4": "a block device",
  "6": "a named pipe",
  "S": "a sparse file",
};

/**
 * The entries of a tar archive in their order: ustar, POSIX (pax) and GNU.
 *
 * @throws {ArtifactRefusedError} While iterating: not a tar archive, cut off, or something after its
 * end.
 */
export async function* readTar(chunks: Bytes): AsyncGenerator<ArchiveEntry> {
  await using source = new ByteSource(chunks);
  let extra: PaxAttributes = {};
  for (;;) {
    const header = await nextHeader(source);
    if (header === null) return await expectOnlyZeros(source);
    const attributes = await readMeta(source, header);
    if (attributes !== null) {
      // What POSIX says of the path counts more than what GNU says of it.
      extra = header.type === "x" ? { ...extra, ...attributes } : { ...attributes, ...extra };
      continue;
    }
    const body = new TarBody(source, extra.size ?? header.size, extra.path ?? header.name);
    yield toEntry(header, extra, body);
    await body.skip();
    extra = {};
  }
}

/** Null at the end of the archive, which is two blocks of zeros, or one and nothing more. */
async function nextHeader(source: ByteSource): Promise<TarHeader | null> {
  const block = await source.take(TAR_BLOCK);
  if (block.length < TAR_BLOCK) throw cutOff();
  return isZero(block) ? null : parseTarHeader(block);
}

async function expectOnlyZeros(source: ByteSource): Promise<void> {
  for (;;) {
    const bytes = await source.some(TAR_BLOCK * 128);
    if (bytes === null) return;
    if (!isZero(bytes)) throw badArchive("there is something after its end");
  }
}

/** What a header that belongs to the next entry says; null for an entry. */
async function readMeta(source: ByteSource, header: TarHeader): Promise<PaxAttributes | null> {
  if (!["x", "g", "L", "K"].includes(header.type)) return null;
  if (header.size > MAX_META_BYTES) throw badArchive("a tar header of more than 1 MiB");
  const bytes = await source.take(header.size);
  await skipPadding(source, header.size);
  if (header.type === "L") return { path: untilNul(bytes) };
  if (header.type === "K") return { linkPath: untilNul(bytes) };
  const attributes = parsePax(bytes);
  if (header.type === "x") return attributes;
  if (Object.keys(attributes).length > 0) throw badArchive("a path or size for all entries");
  return {};
}

async function skipPadding(source: ByteSource, size: number): Promise<void> {
  const length = (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
  if ((await source.take(length)).length < length) throw cutOff();
}

function untilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}

function toEntry(header: TarHeader, extra: PaxAttributes, body: TarBody): ArchiveEntry {
  const name = extra.path ?? header.name;
  const content = toContent(header, extra.linkPath ?? header.linkName, name, body);
  if (content.kind !== "file" && content.kind !== "other" && body.size > 0) {
    throw badEntry(name, "is not a file, but has content");
  }
  return { name, content, mode: header.mode };
}

function toContent(
  { type }: TarHeader,
  target: string,
  name: string,
  body: TarBody,
): EntryContent {
  if (type === "5") return { kind: "directory" };
  // Archives from before 1988 tell a directory by its name only.
  if (type === "0" && name.endsWith("/")) return { kind: "directory" };
  if (type === "0" || type === "7") return { kind: "file", size: body.size, body };
  if (type === "1") return { kind: "hardlink", target };
  if (type === "2") return { kind: "symlink", target };
  return { kind: "other", what: OTHERS[type] ?? `of the unknown type ${JSON.stringify(type)}` };
}

/** The bytes of one entry. */
class TarBody implements Bytes {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #name: string;
  #left: number;

  constructor(source: ByteSource, size: number, name: string) {
    this.#source = source;
    this.#name = name;
    this.size = size;
    this.#left = size;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) {
      const bytes = await this.#source.some(this.#left);
      if (bytes === null) throw badEntry(this.#name, "is cut off: the archive ends in it");
      this.#left -= bytes.length;
      yield bytes;
    }
  }

  async skip(): Promise<void> {
    for await (const _ of this);
    await skipPadding(this.#source, this.size);
  }
}

function cutOff(): Error {
  return badArchive("it is cut off: its end is missing");
}
