import { isUtf8 } from "node:buffer";
import { open as openFile } from "node:fs/promises";
import { crc32, createInflateRaw } from "node:zlib";
import type { ArchiveEntry, Bytes, EntryContent } from "./entry.ts";
import type { ExtractMeter } from "./limits.ts";
import { badArchive, badEntry } from "./refuse.ts";
import { through } from "./through.ts";
import type { Entry, ZipFile } from "./yauzl.ts";

const STORED = 0;
const DEFLATED = 8;
const UTF8_FLAG = 0x800;
const MAX_LINK_BYTES = 4096;
/** Systems whose archives have permissions: Unix and macOS. */
const UNIX_HOSTS: readonly number[] = [3, 19];

const TYPE_BITS = 0o170000;
const KINDS: Readonly<Record<number, "file" | "directory" | "symlink">> = {
  0: "file",
  0o100000: "file",
  0o040000: "directory",
  0o120000: "symlink",
};

/** @throws {ArtifactRefusedError} While iterating, when it is broken, encrypted or too large. */
export async function* readZip(path: string, meter: ExtractMeter): AsyncGenerator<ArchiveEntry> {
  const { yauzl } = await import("./yauzl.ts");
  await using file = await openFile(path);
  // Names are decoded here: what yauzl finds wrong with one it would tell in its own words.
  const options = { autoClose: false, decodeStrings: false };
  const zip = await explained(yauzl.fromFdPromise(file.fd, options));
  const entries = zip.eachEntry();
  for (;;) {
    const next = await explained(entries.next());
    if (next.done) return;
    const entry = next.value;
    const { fileNameRaw, extraFields } = entry;
    const name = yauzl.getFileNameLowLevel(nameFlags(entry), fileNameRaw, extraFields, true);
    yield await new ZipEntry(zip, entry, name, meter).read();
  }
}

/** Names that are UTF-8 are taken for it: `zip` does not say so where no locale is set. */
function nameFlags({ generalPurposeBitFlag: flags, fileNameRaw }: Entry): number {
  return isUtf8(fileNameRaw) ? flags | UTF8_FLAG : flags;
}

/** One entry on its way to being an {@linkcode ArchiveEntry}. */
class ZipEntry {
  readonly #zip: ZipFile;
  readonly #entry: Entry;
  readonly #name: string;
  readonly #meter: ExtractMeter;

  constructor(zip: ZipFile, entry: Entry, name: string, meter: ExtractMeter) {
    this.#zip = zip;
    this.#entry = entry;
    this.#name = name;
    this.#meter = meter;
  }

  async read(): Promise<ArchiveEntry> {
    const attributes = this.#entry.externalFileAttributes >>> 16;
    const isUnix = UNIX_HOSTS.includes(this.#entry.versionMadeBy >> 8) && attributes !== 0;
    if (this.#name.includes("\\")) throw badEntry(this.#name, "has a backslash in its name");
    if (this.#entry.isEncrypted()) throw badEntry(this.#name, "is encrypted");
    const content = await this.#content(isUnix ? attributes & TYPE_BITS : 0);
    return { name: this.#name, content, mode: isUnix ? attributes & 0o7777 : null };
  }

  async #content(type: number): Promise<EntryContent> {
    const size = this.#entry.uncompressedSize;
    const kind = this.#name.endsWith("/") && type === 0 ? "directory" : KINDS[type];
    if (kind === undefined) return { kind: "other", what: "a device, pipe or socket" };
    if (kind === "file" && this.#name.endsWith("/")) return this.#misnamed();
    if (kind === "file") return { kind, size, body: this.#body() };
    if (kind === "symlink") return { kind, target: await this.#linkTarget() };
    if (size > 0) throw badEntry(this.#name, "is not a file, but has content");
    return { kind };
  }

  #misnamed(): never {
    throw badEntry(this.#name, "is a file with the name of a directory");
  }

  async #linkTarget(): Promise<string> {
    const tooLong = badEntry(this.#name, "is a link whose target is too long");
    if (this.#entry.uncompressedSize > MAX_LINK_BYTES) throw tooLong;
    const bytes = await new Response(ReadableStream.from(this.#body())).bytes();
    return new TextDecoder().decode(bytes);
  }

  /** What is in it, counted and compared with its checksum. */
  async *#body(): AsyncGenerator<Uint8Array> {
    let crc = 0;
    let size = 0;
    for await (const chunk of this.#meter.count(this.#unpacked())) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      if (size > this.#entry.uncompressedSize) throw badEntry(this.#name, "is longer than it says");
      yield chunk;
    }
    if (size < this.#entry.uncompressedSize) throw badEntry(this.#name, "is shorter than it says");
    if (crc !== this.#entry.crc32) throw badEntry(this.#name, "does not match its checksum");
  }

  async *#unpacked(): AsyncGenerator<Uint8Array> {
    const { compressionMethod: method } = this.#entry;
    if (method !== STORED && method !== DEFLATED) {
      throw badEntry(this.#name, `is compressed in a way that is not supported (${method})`);
    }
    const options = { decodeFileData: false };
    const packed: Bytes = await explained(this.#zip.openReadStreamPromise(this.#entry, options));
    if (method === STORED) return yield* packed;
    yield* through(createInflateRaw(), packed, `${JSON.stringify(this.#name)}:`);
  }
}

/** What is wrong with the archive, not with the disk. */
async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && !("code" in error)) throw badArchive(error.message, error);
    throw error;
  }
}
