import { badArchive, shown } from "./refuse.ts";

/** Everything in a tar archive comes in blocks of this size. */
export const TAR_BLOCK = 512;

const decoder = new TextDecoder();

/** One block that begins an entry, as it stands there. */
export interface TarHeader {
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  /** One character: `0` file, `5` directory, `x` attributes of the next entry, and so on. */
  readonly type: string;
  readonly linkName: string;
}

/** Whether there is nothing in it but zeros, as in what ends an archive. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** @throws {ArtifactRefusedError} When it is no header. */
export function parseTarHeader(block: Uint8Array): TarHeader {
  const name = text(block, 0, 100);
  if (number(block, 148, 8, name) !== checksum(block)) {
    throw badArchive(`no tar header where one should be (at ${shown(name)})`);
  }
  const prefix = isPosix(block) ? text(block, 345, 155) : "";
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    mode: number(block, 100, 8, name),
    size: number(block, 124, 12, name),
    type: block[156] === 0 ? "0" : String.fromCharCode(block[156] ?? 0),
    linkName: text(block, 157, 100),
  };
}

/** GNU tar uses the place of the prefix for other things. */
function isPosix(block: Uint8Array): boolean {
  return decoder.decode(block.subarray(257, 263)) === "ustar\0";
}

function checksum(block: Uint8Array): number {
  const field = block.subarray(148, 156);
  const sum = (bytes: Uint8Array) => bytes.reduce((total, byte) => total + byte, 0);
  return sum(block) - sum(field) + field.length * 0x20;
}

function text(block: Uint8Array, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return decoder.decode(end === -1 ? field : field.subarray(0, end));
}

function number(block: Uint8Array, start: number, length: number, name: string): number {
  const field = block.subarray(start, start + length);
  const value = (field[0] ?? 0) >= 0x80 ? binary(field) : octal(field);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw badArchive(`a broken number in the tar header of ${shown(name)}`);
}

function octal(field: Uint8Array): number {
  const digits = decoder.decode(field).replace(/[ \0]+$/, "").trimStart();
  if (digits === "") return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : NaN;
}

/** GNU tar's form for numbers that have too many digits; negative ones (0xff first) are refused. */
function binary(field: Uint8Array): number {
  if (field[0] !== 0x80) return NaN;
  return field.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
}
