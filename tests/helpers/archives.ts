import { gzipSync } from "node:zlib";

/** One entry of an archive as a test wants it, however wrong. */
export interface MadeEntry {
  name: string;
  /** `0` file (the default), `1` hard link, `2` symbolic link, `5` directory, and so on. */
  type?: string;
  content?: string | Uint8Array;
  target?: string;
  mode?: number;
  /** What the header says in place of the content's length. */
  claimedSize?: number;
}

const BLOCK = 512;
const encoder = new TextEncoder();

/** A file. */
export function file(name: string, content: string | Uint8Array = "", mode = 0o644): MadeEntry {
  return { name, content, mode };
}

/** A directory. */
export function directory(name: string, mode = 0o755): MadeEntry {
  return { name, type: "5", mode };
}

/** A symbolic link. */
export function symlink(name: string, target: string): MadeEntry {
  return { name, type: "2", target, mode: 0o777 };
}

/** A hard link. */
export function hardlink(name: string, target: string): MadeEntry {
  return { name, type: "1", target };
}

/** A tar archive; {@linkcode tarGz} for one that is compressed. */
export function tar(entries: readonly MadeEntry[]): Uint8Array<ArrayBuffer> {
  return concat([...entries.flatMap(tarEntry), new Uint8Array(2 * BLOCK)]);
}

/** A tar archive in gzip. */
export function tarGz(entries: readonly MadeEntry[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(tar(entries)));
}

/** Header, content and padding of one entry. */
function tarEntry(entry: MadeEntry): Uint8Array[] {
  const content = toBytes(entry.content ?? "");
  const padding = new Uint8Array((BLOCK - content.length % BLOCK) % BLOCK);
  return [tarHeader(entry, entry.claimedSize ?? content.length), content, padding];
}

/** A record of an extended header (type `x`). */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = encoder.encode(rest).length;
  let length = bytes + 1;
  while (String(length).length + bytes !== length) length++;
  return `${length}${rest}`;
}

function tarHeader(entry: MadeEntry, size: number): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => header.set(encoder.encode(text), at);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  put(0, entry.name);
  put(100, octal(entry.mode ?? 0o644, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(size, 11));
  put(136, octal(1_700_000_000, 11));
  put(156, entry.type ?? "0");
  put(157, entry.target ?? "");
  put(257, "ustar\u000000");
  put(148, " ".repeat(8));
  put(148, `${octal(header.reduce((sum, byte) => sum + byte, 0), 6)}\0 `);
  return header;
}

/** One after another. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** UTF-8. */
export function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? encoder.encode(content) : content;
}
