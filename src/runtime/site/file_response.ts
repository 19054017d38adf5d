import { ifNoneMatch } from "@std/http/etag";
import { contentType } from "@std/media-types/content-type";
import { type ByteRange, byteRange } from "./byte_range.ts";

const PIECE_BYTES = 64 * 1024;

/**
 * Answers a GET or HEAD with a file, or says that the client has it already, or sends the part that
 * it asks for.
 *
 * @throws When the file cannot be read.
 */
export async function fileResponse(
  request: Request,
  path: string,
  info: Deno.FileInfo,
): Promise<Response> {
  const headers = headersFor(path, info);
  if (isUnchanged(request, headers)) return new Response(null, { status: 304, headers });
  const range = request.method === "GET" ? rangeFor(request, headers, info.size) : null;
  if (range === "beyond") {
    headers.set("content-range", `bytes */${info.size}`);
    return new Response(null, { status: 416, headers });
  }
  const part = range ?? { first: 0, last: info.size - 1 };
  headers.set("content-length", `${part.last + 1 - part.first}`);
  if (range !== null) headers.set("content-range", `bytes ${part.first}-${part.last}/${info.size}`);
  const body = request.method === "HEAD" ? null : await open(path, part);
  return new Response(body, { status: range === null ? 200 : 206, headers });
}

function headersFor(path: string, { mtime, size, ino }: Deno.FileInfo): Headers {
  const headers = new Headers({ "accept-ranges": "bytes" });
  // Files of a release are written once: what has the same three is the same, byte for byte.
  const words = [mtime?.getTime() ?? 0, size, ino ?? 0].map((number) => number.toString(36));
  headers.set("etag", `"${words.join("-")}"`);
  if (mtime !== null) headers.set("last-modified", mtime.toUTCString());
  const type = contentType(/\.[^./]+$/.exec(path)?.[0] ?? "");
  if (type !== undefined) headers.set("content-type", type);
  return headers;
}

function isUnchanged({ headers: asked }: Request, ours: Headers): boolean {
  const tags = asked.get("if-none-match");
  if (tags !== null) return !ifNoneMatch(tags, ours.get("etag") ?? "");
  // Not merely later: after a rollback the file is older than what the client has.
  const date = asked.get("if-modified-since");
  return date !== null && date === ours.get("last-modified");
}

function rangeFor(
  { headers: asked }: Request,
  ours: Headers,
  size: number,
): ByteRange | "beyond" | null {
  // The rest of another version would not go with what the client has.
  const condition = asked.get("if-range");
  if (condition !== null && condition !== ours.get("etag")) return null;
  return byteRange(asked.get("range"), size);
}

/** The file is open when this resolves: whatever takes its place, these bytes are sent. */
async function open(
  path: string,
  { first, last }: ByteRange,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const file = await Deno.open(path);
  let left = last + 1 - first;
  if (first > 0) await file.seek(first, Deno.SeekMode.Start);
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const piece = new Uint8Array(Math.min(left, PIECE_BYTES));
      const count = left === 0 ? null : await file.read(piece);
      if (count === null) {
        file.close();
        return controller.close();
      }
      left -= count;
      controller.enqueue(piece.subarray(0, count));
    },
    cancel: () => file.close(),
  }, { highWaterMark: 0 });
}
