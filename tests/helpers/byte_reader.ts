/** Buffered reading of a connection; errors count as its end and are kept in `lastError`. */
export class ByteReader {
  readonly #conn: Deno.Conn;
  #buffer = new Uint8Array(0);
  #pending: Promise<Uint8Array | null> | null = null;
  #ended = false;
  lastError = "";

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Whether the end has been seen and nothing is left to read. */
  get ended(): boolean {
    return this.#ended && this.#buffer.length === 0;
  }

  /** Begins to read ahead, so that the end of an idle connection is noticed. */
  watch(): void {
    this.#pending ??= this.#read();
  }

  /** At least one and at most `max` bytes; null at the end. */
  async some(max = Infinity): Promise<Uint8Array | null> {
    if (this.#buffer.length === 0 && !await this.#fill()) return null;
    const piece = this.#buffer.subarray(0, Math.min(max, this.#buffer.length));
    this.#buffer = this.#buffer.subarray(piece.length);
    return piece;
  }

  /** The next line without its CRLF; null when the connection ends before its end. */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#buffer.indexOf(10);
      if (end >= 0) {
        const text = new TextDecoder().decode(this.#buffer.subarray(0, end));
        this.#buffer = this.#buffer.subarray(end + 1);
        return text.replace(/\r$/, "");
      }
      if (!await this.#fill()) return null;
    }
  }

  async #fill(): Promise<boolean> {
    if (this.#ended) return false;
    this.watch();
    const bytes = await this.#pending;
    this.#pending = null;
    if (bytes === null || bytes === undefined) return false;
    const joined = new Uint8Array(this.#buffer.length + bytes.length);
    joined.set(this.#buffer);
    joined.set(bytes, this.#buffer.length);
    this.#buffer = joined;
    return true;
  }

  async #read(): Promise<Uint8Array | null> {
    const bytes = new Uint8Array(65_536);
    try {
      const length = await this.#conn.read(bytes);
      if (length !== null) return bytes.subarray(0, length);
    } catch (error) {
      this.lastError = String(error);
    }
    this.#ended = true;
    return null;
  }
}
