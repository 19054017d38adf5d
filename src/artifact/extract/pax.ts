import { badArchive } from "./refuse.ts";

/** What an extended header may say of the entry that it belongs to. */
export interface PaxAttributes {
  readonly path?: string;
  readonly linkPath?: string;
  readonly size?: number;
}

const SPACE = 0x20;
const NEWLINE = 0x0a;
const decoder = new TextDecoder();

/**
 * Reads the records of an extended header: `LENGTH KEY=VALUE\n`, one after another.
 *
 * @throws {ArtifactRefusedError} When it is broken, or belongs to a sparse file.
 */
export function parsePax(bytes: Uint8Array): PaxAttributes {
  const records = new Map(readRecords(bytes));
  for (const key of records.keys()) {
    if (key.startsWith("GNU.sparse.")) throw badArchive("it has a sparse file; pack it without");
  }
  const path = records.get("path");
  const linkPath = records.get("linkpath");
  const size = records.get("size");
  return {
    ...(path === undefined ? {} : { path }),
    ...(linkPath === undefined ? {} : { linkPath }),
    ...(size === undefined ? {} : { size: parseSize(size) }),
  };
}

function* readRecords(bytes: Uint8Array): Generator<[string, string]> {
  for (let start = 0; start < bytes.length;) {
    const space = bytes.indexOf(SPACE, start);
    const length = space === -1 ? NaN : decimal(decoder.decode(bytes.subarray(start, space)));
    const end = start + length;
    if (!(end > space + 1 && end <= bytes.length && bytes[end - 1] === NEWLINE)) throw broken();
    const record = decoder.decode(bytes.subarray(space + 1, end - 1));
    const equals = record.indexOf("=");
    if (equals < 1) throw broken();
    yield [record.slice(0, equals), record.slice(equals + 1)];
    start = end;
  }
}

function parseSize(digits: string): number {
  const size = decimal(digits);
  if (!Number.isSafeInteger(size)) throw broken();
  return size;
}

function decimal(digits: string): number {
  return /^[0-9]{1,16}$/.test(digits) ? Number(digits) : NaN;
}

function broken(): Error {
  return badArchive("a broken extended tar header");
}
