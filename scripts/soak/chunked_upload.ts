import type { HttpConnection } from "../../tests/helpers/http.ts";
import type { Outcome } from "./outcome.ts";

const CHUNKS = 20;
const CHUNK_BYTES = 3_000;
const PAUSE_MS = 5;
const TIMEOUT_MS = 20_000;

/** Sends a body whose length nobody knows in advance, bit by bit. */
export function uploadInChunks(
  connection: HttpConnection,
  pauseMs: number = PAUSE_MS,
): Promise<Outcome> {
  return connection.within<Outcome>(TIMEOUT_MS, async () => {
    const headers = { "transfer-encoding": "chunked" };
    await connection.send("/upload", { method: "POST", headers });
    for (let n = 0; n < CHUNKS; n++) {
      await connection.write(chunk(n));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    await connection.write(new TextEncoder().encode("0\r\n\r\n"));
    const head = await connection.readHead();
    let text = "";
    for await (const piece of connection.body(head)) text += new TextDecoder().decode(piece);
    if (head.status !== 200) throw new Error(`status ${head.status} ${text.slice(0, 200)}`);
    const { bytes } = JSON.parse(text);
    if (bytes !== CHUNKS * CHUNK_BYTES) throw new Error(`${bytes} bytes arrived`);
    return "ok";
  });
}

function chunk(n: number): Uint8Array {
  const head = new TextEncoder().encode(`${CHUNK_BYTES.toString(16)}\r\n`);
  const bytes = new Uint8Array(head.length + CHUNK_BYTES + 2).fill(n);
  bytes.set(head);
  bytes.set([13, 10], head.length + CHUNK_BYTES);
  return bytes;
}
