import type { LoadResult } from "./load.ts";
import { MESSAGE_BYTES, type Scenario } from "./scenario.ts";
import { quantile } from "./statistics.ts";

/** A socket that is silent for so long beyond its time is cut. */
const PATIENCE_MS = 10_000;

/** A binary message, masked with zeros. */
const FRAME = Uint8Array.of(0x82, 0x80 | MESSAGE_BYTES, 0, 0, 0, 0, ...filling());

/** Bytes of the echo, which is not masked. */
const ECHO_BYTES = 2 + MESSAGE_BYTES;

/** WebSockets on which one message after the other is sent, each when the last one is back. */
export async function runEchoClient(
  port: number,
  { connections, path }: Scenario,
  seconds: number,
  signal: AbortSignal,
): Promise<LoadResult> {
  const sockets = await openAll(port, path, connections);
  const times: number[] = [];
  let errors = 0;
  const began = performance.now();
  const over = () => signal.aborted || performance.now() - began > seconds * 1_000;
  const worker = async (socket: EchoSocket) => {
    while (!over()) {
      const sent = performance.now();
      if (!await socket.echoed()) return void errors++;
      times.push(performance.now() - sent);
    }
  };
  const cut = setTimeout(
    () => sockets.forEach((socket) => socket.close()),
    seconds * 1_000 + PATIENCE_MS,
  );
  await Promise.all(sockets.map(worker));
  clearTimeout(cut);
  const took = (performance.now() - began) / 1_000;
  sockets.forEach((socket) => socket.close());
  signal.throwIfAborted();
  return {
    count: times.length,
    seconds: took,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    errors,
  };
}

async function openAll(port: number, path: string, count: number): Promise<EchoSocket[]> {
  const opening = Array.from({ length: count }, () => EchoSocket.open(port, path));
  const settled = await Promise.allSettled(opening);
  const sockets = settled.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  const failed = settled.find((one) => one.status === "rejected");
  if (failed === undefined) return sockets;
  sockets.forEach((socket) => socket.close());
  throw failed.reason;
}

/** No more than one read and one write for each message: this must not be the slowest part. */
class EchoSocket {
  readonly #conn: Deno.TcpConn;
  readonly #buffer = new Uint8Array(4_096);
  #closed = false;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    conn.setNoDelay(true);
  }

  static async open(port: number, path: string): Promise<EchoSocket> {
    const socket = new EchoSocket(await Deno.connect({ hostname: "127.0.0.1", port }));
    const cut = setTimeout(() => socket.close(), PATIENCE_MS);
    try {
      await socket.#shakeHands(port, path);
      return socket;
    } catch (error) {
      socket.close();
      throw new Error(`Cannot open a WebSocket on port ${port}: ${error}`, { cause: error });
    } finally {
      clearTimeout(cut);
    }
  }

  /** One message there and back; false when the connection has ended. */
  async echoed(): Promise<boolean> {
    try {
      await this.#conn.write(FRAME);
      for (let left = ECHO_BYTES; left > 0;) {
        const n = await this.#conn.read(this.#buffer);
        if (n === null) return false;
        left -= n;
      }
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  async #shakeHands(port: number, path: string): Promise<void> {
    const key = crypto.getRandomValues(new Uint8Array(16)).toBase64();
    const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;
    await this.#conn.write(new TextEncoder().encode(request));
    let head = "";
    while (!head.includes("\r\n\r\n")) {
      const n = await this.#conn.read(this.#buffer);
      if (n === null) throw new Error("the connection was closed");
      head += new TextDecoder().decode(this.#buffer.subarray(0, n));
    }
    if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(head.split("\r\n")[0]);
  }
}

function filling(): number[] {
  return Array.from({ length: MESSAGE_BYTES }, (_, i) => i);
}
