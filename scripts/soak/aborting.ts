import { HttpConnection } from "../../tests/helpers/http.ts";
import type { Outcome } from "./outcome.ts";

/** Ways to leave without a word, in turn. */
const WAYS: readonly ((connection: HttpConnection) => Promise<unknown>)[] = [
  () => Promise.resolve(),
  (connection) => connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: h\r\nX-")),
  (connection) => connection.send("/slow?ms=300"),
  whileWaiting,
  whileReading,
  whileSending,
];

let turn = 0;

/** Goes away in the middle of something; whatever comes of it is no failure, except no connection. */
export async function abort(port: number): Promise<Outcome> {
  using connection = await HttpConnection.connect(port);
  try {
    await WAYS[turn++ % WAYS.length]!(connection);
  } catch {
    // It may have been told that it is no good.
  }
  return "aborted";
}

async function whileWaiting(connection: HttpConnection): Promise<void> {
  await connection.send("/slow?ms=500");
  await new Promise((resolve) => setTimeout(resolve, 100));
}

async function whileReading(connection: HttpConnection): Promise<void> {
  await connection.send("/stream?bytes=5000000&pause=1");
  const head = await connection.readHead();
  for await (const _ of connection.body(head)) return;
}

async function whileSending(connection: HttpConnection): Promise<void> {
  const headers = { "content-length": "100000" };
  await connection.send("/upload", { method: "POST", headers });
  await connection.write(new Uint8Array(30_000));
}
