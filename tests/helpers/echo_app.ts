import { deadline } from "@std/async/deadline";
import { PATIENCE_MS } from "./event_log.ts";

const APP = new URL("../apps/tcp/echo.py", import.meta.url).pathname;

/** Runs the echo server, which speaks no HTTP. */
export const ECHO_COMMAND = `exec python3 '${APP}'`;

/** A connection to the echo server. */
export class EchoClient implements Disposable {
  readonly #conn: Deno.TcpConn;
  #rest = "";
  #closed = false;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Connects to `port` and reads the first line. @returns The client and `version index`. */
  static async open(port: number): Promise<{ client: EchoClient; banner: string }> {
    const client = new EchoClient(await Deno.connect({ hostname: "127.0.0.1", port }));
    try {
      return { client, banner: await client.line() ?? "" };
    } catch (error) {
      client[Symbol.dispose]();
      throw error;
    }
  }

  /** Sends a line and waits for its echo; null when the connection has ended. */
  async ask(text: string): Promise<string | null> {
    try {
      await this.#conn.write(new TextEncoder().encode(`${text}\n`));
    } catch {
      return null;
    }
    return await this.line();
  }

  /** The next line; null at the end, however it came. */
  line(): Promise<string | null> {
    return deadline(this.#line(), PATIENCE_MS);
  }

  async #line(): Promise<string | null> {
    const buffer = new Uint8Array(4096);
    while (!this.#rest.includes("\n")) {
      const count = await this.#conn.read(buffer).catch(() => null);
      if (count === null) return null;
      this.#rest += new TextDecoder().decode(buffer.subarray(0, count));
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return line;
  }

  [Symbol.dispose](): void {
    if (!this.#closed) this.#conn.close();
    this.#closed = true;
  }
}
