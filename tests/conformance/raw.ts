/** Raw bytes on both sides of a proxy. Everything on loopback, everything closed by `using`. */
import { Buffer } from "node:buffer";

const encoder = new TextEncoder();

/** Reads what is there within `limitMs`; every wait in the tests has an end. */
const READ_LIMIT_MS = 20_000;

/** A TCP connection that speaks text, one byte per character. */
export class RawConnection implements AsyncDisposable {
  #conn: Deno.TcpConn;
  #chunk = new Uint8Array(65536);
  #buffered = "";
  #closed = false;
  #reset = false;

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  static async open(port: number, hostname = "127.0.0.1"): Promise<RawConnection> {
    return new RawConnection(await Deno.connect({ hostname, port }));
  }

  /** Whether it ended with a reset; known once a read has returned null. */
  get wasReset(): boolean {
    return this.#reset;
  }

  async write(text: string): Promise<void> {
    await this.writeBytes(latin1(text));
  }

  async writeBytes(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
  }

  /** Ends the sending side; reading goes on. */
  async closeWrite(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** The next bytes, or null at the end; a reset counts as the end. Throws when nothing comes. */
  async read(): Promise<string | null> {
    if (this.#buffered) {
      const text = this.#buffered;
      this.#buffered = "";
      return text;
    }
    const count = await this.#fill();
    return count === null ? null : Buffer.from(this.#chunk.buffer, 0, count).toString("latin1");
  }

  /** Everything up to and including `mark`; the rest stays. Throws when it does not come. */
  async readUntil(mark: string): Promise<string> {
    let text = "";
    for (;;) {
      const at = text.indexOf(mark);
      if (at >= 0) {
        this.#buffered = text.slice(at + mark.length) + this.#buffered;
        return text.slice(0, at + mark.length);
      }
      const more = await this.read();
      if (more === null) throw new Error(`Cannot find ${JSON.stringify(mark)} in: ${text}`);
      text += more;
    }
  }

  /** The next head, blank line included, or null when the other side has closed. */
  async readHead(): Promise<string | null> {
    const first = await this.read();
    if (first === null) return null;
    this.#buffered = first + this.#buffered;
    return await this.readUntil("\r\n\r\n");
  }

  /** Exactly `count` bytes. */
  async readExactly(count: number): Promise<string> {
    let text = "";
    while (text.length < count) {
      const more = await this.read();
      if (more === null) throw new Error(`Cannot read ${count} bytes: only ${text.length} came`);
      text += more;
    }
    this.#buffered = text.slice(count) + this.#buffered;
    return text.slice(0, count);
  }

  /** Drops `count` bytes, none of which may be followed by others. Throws at an early end. */
  async skip(count: number): Promise<void> {
    let left = count - this.#buffered.length;
    this.#buffered = "";
    while (left > 0) {
      const more = await this.#fill();
      if (more === null) throw new Error(`Cannot skip ${count} bytes: ${left} are missing`);
      left -= more;
    }
    if (left < 0) throw new Error(`Cannot skip ${count} bytes: ${-left} more came`);
  }

  /** Everything until the other side closes. */
  async readAll(): Promise<string> {
    let text = "";
    for (let more = await this.read(); more !== null; more = await this.read()) text += more;
    return text;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  async #fill(): Promise<number | null> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.close();
    }, READ_LIMIT_MS);
    try {
      return await this.#conn.read(this.#chunk);
    } catch {
      if (late) throw new Error(`Cannot read: nothing came in ${READ_LIMIT_MS} ms`);
      this.#reset = !this.#closed;
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await Promise.resolve();
  }
}

/** Answers one accepted connection; the connection is closed when it returns. */
export type Script = (conn: RawConnection, index: number) => Promise<void>;

/** A server that does exactly what its script says. */
export class RawUpstream implements AsyncDisposable {
  #listener: Deno.TcpListener;
  #open = new Set<RawConnection>();
  #work = new Set<Promise<void>>();
  #accepting: Promise<void>;
  #isDead = false;
  /** Connections accepted so far. */
  connections = 0;
  readonly port: number;

  constructor(script: Script, port = 0, hostname = "127.0.0.1") {
    this.#listener = Deno.listen({ hostname, port });
    this.port = this.#listener.addr.port;
    this.#accepting = this.#accept(script);
  }

  /** Closes the listener and every connection at once, like a process that dies. */
  kill(): void {
    this.#isDead = true;
    try {
      this.#listener.close();
    } catch {
      // Closed already.
    }
    for (const conn of this.#open) conn.close();
  }

  async #accept(script: Script): Promise<void> {
    try {
      for await (const accepted of this.#listener) {
        const conn = new RawConnection(accepted);
        // It came in the same moment, and is handed out after that.
        if (this.#isDead) conn.close();
        this.#open.add(conn);
        const work = script(conn, this.connections++).catch(() => {}).finally(() => {
          conn.close();
          this.#open.delete(conn);
          this.#work.delete(work);
        });
        this.#work.add(work);
      }
    } catch {
      // The listener was closed while accepting.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#accepting;
    await Promise.all(this.#work);
  }
}

/** Bytes of a text in which every character is one byte. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** An answer with a length. */
export function ok(body = "ok", ...headers: string[]): string {
  return ["HTTP/1.1 200 OK", `Content-Length: ${body.length}`, ...headers, "", body].join("\r\n");
}

/** A request head. */
export function head(line: string, ...headers: string[]): string {
  return [`${line} HTTP/1.1`, "Host: app.example", ...headers, "", ""].join("\r\n");
}

/** UTF-8 bytes, for bodies. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}
