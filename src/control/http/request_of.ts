import type { IncomingMessage } from "node:http";
import { Problem } from "../problem.ts";

/** What may wait for somebody to read it. */
const WAITING_BYTES = 64 * 1024;

/**
 * What a client asks for, as the handlers read it. Its body is read as far as somebody wants it.
 *
 * @throws {Problem} When it is none.
 */
export function requestOf(message: IncomingMessage): Request {
  const headers = headersOf(message);
  const method = message.method ?? "GET";
  const body = method === "GET" || method === "HEAD" ? null : bodyOf(message);
  try {
    return new Request(urlOf(message), { method, headers, body });
  } catch (cause) {
    throw new Problem("bad_request", "Method, Host and path are no request together", { cause });
  }
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    append(headers, rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  }
  return headers;
}

function append(headers: Headers, name: string, value: string): void {
  if (name.toLowerCase() === "host" && headers.has("host")) {
    throw new Problem("bad_request", "There is more than one Host");
  }
  try {
    headers.append(name, value);
  } catch (cause) {
    throw new Problem("bad_request", "A header is not allowed", { cause });
  }
}

function urlOf({ url = "/", headers: { host = "localhost" } }: IncomingMessage): string {
  if (host !== "" && !URL.canParse(`http://${host}`)) throw new TypeError("The Host is none");
  // The Host is looked at by itself, and must not become a part of the path.
  return url.startsWith("/") ? `http://localhost${url}` : url;
}

function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> | null {
  const { "content-length": length, "transfer-encoding": coding } = message.headers;
  if (coding !== undefined && coding.toLowerCase() !== "chunked") {
    throw new Problem("bad_request", "The Transfer-Encoding is not chunked");
  }
  return coding === undefined && Number(length ?? 0) === 0 ? null : streamOf(message);
}

function streamOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  let over = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (act: () => void) => {
        if (!over) act();
        over = true;
      };
      message.on("data", (bytes: Uint8Array) => {
        if (over) return;
        controller.enqueue(new Uint8Array(bytes));
        if ((controller.desiredSize ?? 0) <= 0) message.pause();
      });
      message.once("end", () => end(() => controller.close()));
      const cut = () => end(() => controller.error(new Problem("bad_request", "The body is cut")));
      message.once("error", cut).once("close", cut);
      message.pause();
    },
    pull: () => void message.resume(),
    // What nobody wants has to go, or the end of the connection would never be seen.
    cancel() {
      over = true;
      message.resume();
    },
  }, new ByteLengthQueuingStrategy({ highWaterMark: WAITING_BYTES }));
}
