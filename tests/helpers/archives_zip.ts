import { crc32, deflateRawSync } from "node:zlib";
import { concat, type MadeEntry, toBytes } from "./archives.ts";

/** What only a zip archive can have wrong. */
export interface ZipEntry extends MadeEntry {
  /** Wrong, if given. */
  crc?: number;
  method?: number;
  flags?: number;
  /** Sizes and checksum come after the content, as when they were not known before. */
  hasDescriptor?: boolean;
  /** Sizes and place in 64 bits, in the directory. */
  isZip64?: boolean;
  /** The upper byte of who made it: 3 is Unix, 0 is DOS. */
  host?: number;
}

const FILE_TYPES: Readonly<Record<string, number>> = {
  "0": 0o100000,
  "2": 0o120000,
  "3": 0o020000,
  "5": 0o040000,
  "6": 0o010000,
};
const UTF8_FLAG = 0x800;
const DESCRIPTOR_FLAG = 8;
const ALL_ONES = 0xffffffff;

/** A zip archive. Links have their target as content, as Info-ZIP has it. */
export function zip(entries: readonly ZipEntry[]): Uint8Array<ArrayBuffer> {
  const locals: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    const packed = pack(entry);
    const local = concat(localParts(entry, packed));
    directory.push(directoryRecord(entry, packed, offset));
    locals.push(local);
    offset += local.length;
  }
  const records = concat(directory);
  const end = numbers(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, entries.length],
    [2, entries.length],
    [
      4,
      records.length,
    ],
    [4, offset],
    [2, 0],
  );
  return concat([...locals, records, end]);
}

interface Packed {
  readonly content: Uint8Array;
  readonly bytes: Uint8Array;
  readonly method: number;
  readonly crc: number;
  readonly size: number;
}

function pack(entry: ZipEntry): Packed {
  const content = toBytes(entry.type === "2" ? entry.target ?? "" : entry.content ?? "");
  const method = entry.method ?? (content.length > 0 ? 8 : 0);
  const bytes = method === 8 ? new Uint8Array(deflateRawSync(content)) : content;
  const size = entry.claimedSize ?? content.length;
  return { content, bytes, method, crc: entry.crc ?? crc32(content), size };
}

function localParts(entry: ZipEntry, packed: Packed): Uint8Array[] {
  const name = toBytes(entry.name);
  const sums = entry.hasDescriptor ? [0, 0, 0] : [packed.crc, packed.bytes.length, packed.size];
  const [crc = 0, packedSize = 0, size = 0] = sums;
  const head = numbers(
    [4, 0x04034b50],
    [2, 20],
    [2, flags(entry)],
    [2, packed.method],
    [4, 0],
    [
      4,
      crc,
    ],
    [4, packedSize],
    [4, size],
    [2, name.length],
    [2, 0],
  );
  const descriptor = numbers([4, 0x08074b50], [4, packed.crc], [4, packed.bytes.length], [
    4,
    packed.size,
  ]);
  return [head, name, packed.bytes, ...entry.hasDescriptor ? [descriptor] : []];
}

function directoryRecord(entry: ZipEntry, packed: Packed, offset: number): Uint8Array {
  const name = toBytes(entry.name);
  const type = FILE_TYPES[entry.type ?? "0"] ?? 0;
  const mode = (type | (entry.mode ?? 0o644)) * 0x10000;
  const extra = entry.isZip64
    ? numbers([2, 1], [2, 24], [8, packed.size], [8, packed.bytes.length], [8, offset])
    : new Uint8Array();
  const narrow = (value: number) => entry.isZip64 ? ALL_ONES : value;
  const head = numbers(
    [4, 0x02014b50],
    [2, ((entry.host ?? 3) << 8) + 30],
    [2, 20],
    [2, flags(entry)],
    [2, packed.method],
    [4, 0],
    [4, packed.crc],
    [4, narrow(packed.bytes.length)],
    [4, narrow(packed.size)],
    [2, name.length],
    [2, extra.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, (entry.host ?? 3) === 0 ? 0 : mode],
    [4, narrow(offset)],
  );
  return concat([head, name, extra]);
}

function flags({ flags = 0, hasDescriptor }: ZipEntry): number {
  return UTF8_FLAG | flags | (hasDescriptor ? DESCRIPTOR_FLAG : 0);
}

/** Numbers of so many bytes each, lowest byte first. */
function numbers(...fields: ReadonlyArray<readonly [bytes: number, value: number]>): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([bytes, value]) =>
      Array.from({ length: bytes }, (_, index) => Math.floor(value / 256 ** index) % 256)
    ),
  );
}
