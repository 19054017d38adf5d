import { type Answer, type Ask, HttpConnection } from "../../tests/helpers/http.ts";
import { abort } from "./aborting.ts";
import type { Outcome } from "./outcome.ts";
import { uploadInChunks } from "./chunked_upload.ts";
import { talk } from "./web_socket.ts";

const LARGE_BYTES = 1_000_000;
const SLOW_BYTES = 3_000_000;
const SLOW_PAUSE_MS = 8;
const SMALL_UPLOAD_BYTES = 5_000;
const LARGE_UPLOAD_BYTES = 300_000;
const EVENTS = 10;

/** One of many clients of a kind. */
export interface Client {
  /** One request or session. @throws {Error} When it failed. */
  once(): Promise<Outcome>;
  /** Ends what is left of it. */
  close?(): void;
}

/** What is told about connections. */
export interface ClientOptions {
  port: number;
  onClosedIdle(): void;
}

/** A number of clients that all do the same. */
export interface Kind {
  name: string;
  clients: number;
  /** Between two requests or sessions of one client. */
  pauseMs: number;
  create(options: ClientOptions): Client;
}

/** All the traffic. */
export const KINDS: readonly Kind[] = [
  kind("GET, keep-alive", 6, 10, keeping(get)),
  kind("GET, new connection", 3, 20, fresh(get)),
  kind("GET 1 MB", 2, 100, keeping(download)),
  kind("GET 1 MB, chunked", 1, 100, keeping((c) => download(c, "&chunked"))),
  kind("GET 3 MB, slow reader", 2, 50, fresh(readSlowly)),
  kind("POST 5 kB", 2, 20, keeping((c) => upload(c, SMALL_UPLOAD_BYTES))),
  kind("POST 300 kB", 2, 100, fresh((c) => upload(c, LARGE_UPLOAD_BYTES))),
  kind("POST, chunked", 2, 50, keeping(uploadInChunks)),
  kind("server-sent events", 2, 50, fresh(listen)),
  kind("WebSocket", 4, 50, ({ port }) => ({ once: () => talk(port) })),
  kind("aborting", 3, 50, ({ port }) => ({ once: () => abort(port) })),
];

type Work = (connection: HttpConnection) => Promise<Outcome>;

function kind(name: string, clients: number, pauseMs: number, create: Kind["create"]): Kind {
  return { name, clients, pauseMs, create };
}

/** A connection for each request. */
function fresh(work: Work): Kind["create"] {
  return ({ port }) => ({
    async once() {
      using connection = await HttpConnection.connect(port);
      return await work(connection);
    },
  });
}

/** One connection for as many requests as the server allows. */
function keeping(work: Work): Kind["create"] {
  return ({ port, onClosedIdle }) => {
    let connection: HttpConnection | null = null;
    const close = () => {
      connection?.close();
      connection = null;
    };
    const once = async () => {
      if (connection?.ended) {
        onClosedIdle();
        close();
      }
      try {
        connection ??= await HttpConnection.connect(port);
        const outcome = await work(connection);
        if (!connection.reusable) close();
        return outcome;
      } catch (error) {
        close();
        throw error;
      }
    };
    return { once, close };
  };
}

async function get(connection: HttpConnection): Promise<Outcome> {
  const { text, headers } = await ask(connection, "/");
  return expect(text === headers.get("x-version"), `another body: ${text}`);
}

async function download(connection: HttpConnection, how = ""): Promise<Outcome> {
  const body = new CheckedBody();
  const onChunk = (chunk: Uint8Array) => body.take(chunk);
  await ask(connection, `/stream?bytes=${LARGE_BYTES}${how}`, { onChunk });
  return body.end(LARGE_BYTES);
}

async function readSlowly(connection: HttpConnection): Promise<Outcome> {
  const body = new CheckedBody();
  const onChunk = (chunk: Uint8Array) => {
    body.take(chunk);
    return new Promise((resolve) => setTimeout(resolve, SLOW_PAUSE_MS));
  };
  await ask(connection, `/stream?bytes=${SLOW_BYTES}`, { onChunk });
  return body.end(SLOW_BYTES);
}

async function upload(connection: HttpConnection, length: number): Promise<Outcome> {
  const body = new Uint8Array(length).fill(length % 256);
  const { text } = await ask(connection, "/upload", { method: "POST", body });
  const { bytes, sha256 } = JSON.parse(text);
  const expected = new Uint8Array(await crypto.subtle.digest("SHA-256", body)).toHex();
  return expect(bytes === length && sha256 === expected, `another body arrived: ${text}`);
}

/** Listens for a while and goes: a stream of events has no end of its own. */
async function listen(connection: HttpConnection): Promise<Outcome> {
  await connection.send("/sse?every=40");
  const head = await connection.readHead();
  expect(head.status === 200, `status ${head.status}`);
  const version = head.headers.get("x-version");
  let text = "";
  let count = 0;
  for await (const chunk of connection.body(head)) {
    text += new TextDecoder().decode(chunk);
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
      const event = text.slice(0, end);
      expect(event === `data: ${version} ${count}`, `event ${count} is ${event}`);
      if (++count >= EVENTS) return "ok";
    }
  }
  throw new Error(`The stream ended after ${count} events`);
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
