/** A part of a file; both ends belong to it. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads a `Range` header (RFC 9110, 14.2).
 *
 * @param size Of the file, in bytes.
 * @returns null: all of it is sent, as there is no range, or several, or one that makes no sense.
 */
export function byteRange(text: string | null, size: number): ByteRange | "beyond" | null {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(text ?? "") ?? [];
  // A range of nothing can be no part of it; but nothing is easily sent whole.
  if ((from === "" && to === "") || size === 0) return null;
  if (from === "") return lastBytes(Number(to), size);
  const first = Number(from);
  const last = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== "" && Number(to) < first) return null;
  return first < size ? { first, last } : "beyond";
}

function lastBytes(count: number, size: number): ByteRange | "beyond" {
  return count === 0 ? "beyond" : { first: Math.max(0, size - count), last: size - 1 };
}
