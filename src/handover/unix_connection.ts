import { ERRNO, errno, type Libc, SystemCallError } from "./libc.ts";
import { encodeMessage, type HandoverMessage, MessageReader } from "./messages.ts";
import { receiveMessage, sendMessage } from "./socket_message.ts";
import { unixAddress } from "./unix_address.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SHUT_RDWR = 2;
const POLLIN = 1;
/** How long one wait on a thread lasts; a closed connection ends it earlier. */
const WAIT_MS = 500;

/** A message, with the descriptors that came with it and before it. */
export interface Received {
  message: HandoverMessage;
  fds: number[];
}

/**
 * The successor's end of a hand-over. It reads with foreign functions, because reading in any other
 * way drops the descriptors.
 */
export class UnixConnection implements Disposable {
  readonly #libc: Libc;
  readonly #socket: number;
  readonly #reader = new MessageReader();
  readonly #received: HandoverMessage[] = [];
  /** Came with a message that is not complete yet. */
  #fds: number[] = [];
  #ended = false;
  #waiting = false;
  #disposed = false;
  #closed = false;

  private constructor(libc: Libc, socket: number) {
    this.#libc = libc;
    this.#socket = socket;
  }

  /**
   * Connects to the socket at `path`.
   *
   * @returns Null when nobody listens there, also when a process that was killed left the file, or
   * when the queue is full.
   * @throws {SystemCallError} When it fails for any other reason.
   */
  static open(libc: Libc, path: string): UnixConnection | null {
    const socket = libc.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket < 0) throw new SystemCallError("socket", errno(libc));
    const address = unixAddress(path);
    if (libc.connect(socket, address, address.length) === 0) {
      return new UnixConnection(libc, socket);
    }
    const failure = errno(libc);
    libc.close(socket);
    if (NOBODY.has(failure)) return null;
    throw new SystemCallError("connect", failure);
  }

  /** Sends a message. @returns Whether the other side may get it. */
  send(message: HandoverMessage): boolean {
    if (this.#ended) return false;
    try {
      sendMessage(this.#libc, this.#socket, encodeMessage(message));
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Waits for the next message.
   *
   * @returns `"ended"` when the other side is gone, or says what is no message.
   * @throws {SystemCallError} When descriptors came that this process may not have.
   */
  async receive(waitMs: number): Promise<Received | "ended" | "timed_out"> {
    const until = performance.now() + waitMs;
    while (true) {
      const message = this.#received.shift();
      if (message) return { message, fds: this.#fds.splice(0) };
      if (this.#ended) return "ended";
      if (this.#read()) continue;
      const left = until - performance.now();
      if (left <= 0) return "timed_out";
      await this.#arrival(Math.min(left, WAIT_MS));
    }
  }

  /** Closes it, and the descriptors that nobody took. Safe to call again. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#ended = true;
    // Somebody who waits on a thread must not find another file under this number.
    if (this.#waiting) this.#libc.shutdown(this.#socket, SHUT_RDWR);
    else this.#close();
  }

  /** Takes what has arrived. @returns Whether there was anything, the end included. */
  #read(): boolean {
    const piece = this.#attempt();
    if (piece === null) return false;
    this.#fds.push(...piece.fds);
    try {
      this.#received.push(...this.#reader.push(piece.data));
      this.#ended = piece.data.length === 0;
    } catch {
      this.#ended = true;
    }
    return true;
  }

  #attempt(): ReturnType<typeof receiveMessage> {
    try {
      return receiveMessage(this.#libc, this.#socket);
    } catch (error) {
      if (error instanceof SystemCallError && error.errno === ERRNO.EMFILE) throw error;
      return { data: new Uint8Array(0), fds: [] };
    }
  }

  async #arrival(waitMs: number): Promise<void> {
    const entry = new Uint8Array(8);
    const view = new DataView(entry.buffer);
    view.setInt32(0, this.#socket, true);
    view.setInt16(4, POLLIN, true);
    this.#waiting = true;
    await this.#libc.poll(entry, 1n, Math.ceil(waitMs));
    this.#waiting = false;
    if (this.#disposed) this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#libc.close(this.#socket);
    for (const fd of this.#fds.splice(0)) this.#libc.close(fd);
  }
}

const NOBODY: ReadonlySet<number> = new Set([ERRNO.ENOENT, ERRNO.ECONNREFUSED, ERRNO.EAGAIN]);
