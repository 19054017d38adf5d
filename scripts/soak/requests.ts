import type { Answer, Ask, HttpConnection } from "../../tests/helpers/http.ts";
import type { Outcome } from "./outcome.ts";

const LARGE_BYTES = 1_000_000;
const SLOW_BYTES = 3_000_000;
const SLOW_PAUSE_MS = 8;
const LONG_BYTES = 640_000;
/** Between two pieces of 16 KiB: about four seconds in all. */
const LONG_PAUSE_MS = 100;

/** The smallest of requests. */
export async function get(connection: HttpConnection): Promise<Outcome> {
  const { text, headers } = await ask(connection, "/");
  return expect(text === headers.get("x-version"), `another body: ${text}`);
}

/** A body that is checked, without a length if `how` says so. */
export async function download(connection: HttpConnection, how = ""): Promise<Outcome> {
  const body = new CheckedBody();
  const onChunk = (chunk: Uint8Array) => body.take(chunk);
  await ask(connection, `/stream?bytes=${LARGE_BYTES}${how}`, { onChunk });
  return body.end(LARGE_BYTES);
}

/** A body that comes faster than it is read. */
export async function readSlowly(connection: HttpConnection): Promise<Outcome> {
  const body = new CheckedBody();
  const onChunk = (chunk: Uint8Array) => {
    body.take(chunk);
    return new Promise((resolve) => setTimeout(resolve, SLOW_PAUSE_MS));
  };
  await ask(connection, `/stream?bytes=${SLOW_BYTES}`, { onChunk });
  return body.end(SLOW_BYTES);
}

/** A download that takes seconds, as the application takes its time. */
export async function downloadLong(connection: HttpConnection): Promise<Outcome> {
  const body = new CheckedBody();
  const onChunk = (chunk: Uint8Array) => body.take(chunk);
  await ask(connection, `/stream?bytes=${LONG_BYTES}&pause=${LONG_PAUSE_MS}`, { onChunk });
  return body.end(LONG_BYTES);
}

/** A body whose hash must come back. */
export async function upload(connection: HttpConnection, length: number): Promise<Outcome> {
  const body = new Uint8Array(length).fill(length % 256);
  const { text } = await ask(connection, "/upload", { method: "POST", body });
  const { bytes, sha256 } = JSON.parse(text);
  const expected = new Uint8Array(await crypto.subtle.digest("SHA-256", body)).toHex();
  return expect(bytes === length && sha256 === expected, `another body arrived: ${text}`);
}

/** A request whose answer must be its own, and good. */
async function ask(connection: HttpConnection, path: string, more: Ask = {}): Promise<Answer> {
  const nonce = crypto.randomUUID();
  const answer = await connection.ask(path, { ...more, headers: { "x-nonce": nonce } });
  expect(answer.status === 200, `status ${answer.status} ${answer.text.slice(0, 200)}`);
  expect(answer.headers.get("x-nonce") === nonce, "the answer to another request");
  return answer;
}

function expect(good: boolean, otherwise: string): "ok" {
  if (good) return "ok";
  throw new Error(otherwise);
}

/** Byte i of what the toy app streams is i mod 251. */
class CheckedBody {
  #length = 0;

  take(chunk: Uint8Array): void {
    for (const at of [0, chunk.length >> 1, chunk.length - 1]) {
      const wanted = (this.#length + at) % 251;
      expect(chunk[at] === wanted, `byte ${this.#length + at} is ${chunk[at]}, not ${wanted}`);
    }
    this.#length += chunk.length;
  }

  end(length: number): Outcome {
    return expect(this.#length === length, `${this.#length} of ${length} bytes`);
  }
}
