import type { ServerResponse } from "node:http";
import type { Connection } from "./connection.ts";

/** How long a client may take nothing of its answer, in milliseconds. */
const SEND_MS = 30_000;

/** So much at a time, so that a client which reads slowly is seen to read. */
const PIECE_BYTES = 64 * 1024;

/**
 * Sends all of `answer`, and closes; a client that takes nothing is cut.
 *
 * @throws {TypeError} When a header cannot be sent.
 */
export async function sendAnswer(
  answer: Response,
  to: ServerResponse,
  connection: Connection,
): Promise<void> {
  to.writeHead(answer.status, [...answer.headers, ["connection", "close"]].flat());
  if (answer.body !== null) await sendBody(answer.body, to, connection);
  connection.expect(SEND_MS);
  to.end();
}

async function sendBody(
  body: ReadableStream<Uint8Array>,
  to: ServerResponse,
  connection: Connection,
): Promise<void> {
  if (connection.destroyed) return await body.cancel().catch(() => {});
  const reader = body.getReader();
  // Broken off while the client reads nothing: what it would still be sent has no end.
  reader.closed.catch(() => connection.destroy());
  connection.once("close", () => reader.cancel().catch(() => {}));
  to.flushHeaders();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      await sendAll(part.value, to, connection);
    }
  } catch {
    connection.destroy();
  }
}

async function sendAll(
  bytes: Uint8Array,
  to: ServerResponse,
  connection: Connection,
): Promise<void> {
  for (let at = 0; at < bytes.length && !connection.destroyed; at += PIECE_BYTES) {
    connection.expect(SEND_MS);
    await sent(bytes.subarray(at, at + PIECE_BYTES), to, connection);
    connection.relax();
  }
}

/** Resolves when the system has taken `piece`, or the client is gone. */
function sent(piece: Uint8Array, to: ServerResponse, connection: Connection): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = () => {
    connection.off("close", done);
    resolve();
  };
  connection.once("close", done);
  to.write(piece, done);
  return promise;
}
