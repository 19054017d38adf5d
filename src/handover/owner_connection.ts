import type { Socket } from "node:net";
import { descriptorOf } from "./handle.ts";
import type { Libc } from "./libc.ts";
import { encodeMessage, type HandoverMessage, MessageReader } from "./messages.ts";
import { sendMessage } from "./socket_message.ts";

/** The owner's end of a hand-over. */
export class OwnerConnection implements Disposable {
  readonly #socket: Socket;
  readonly #reader = new MessageReader();
  readonly #received: HandoverMessage[] = [];
  #ended = false;
  #wake: () => void = () => {};

  /** @param socket A connection of ours from now on. */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Uint8Array) => this.#read(bytes));
    socket.on("error", () => this.#end());
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
  }

  /** Sends a message with descriptors. @throws {SystemCallError} When it was not taken. */
  sendWith(libc: Libc, message: HandoverMessage, fds: readonly number[]): void {
    const socket = descriptorOf(this.#socket);
    try {
      sendMessage(libc, socket, encodeMessage(message), fds);
    } finally {
      libc.close(socket);
    }
  }

  /** Sends a message; whether it arrives is for the answer to tell. */
  send(message: HandoverMessage): void {
    if (!this.#ended) this.#socket.write(encodeMessage(message));
  }

  /**
   * Waits for the next message.
   *
   * @returns `"ended"` when the other side is gone, or says what is no message.
   */
  async receive(waitMs: number): Promise<HandoverMessage | "ended" | "timed_out"> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (this.#received.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, waitMs);
      });
    }
    clearTimeout(timer);
    return this.#received.shift() ?? (this.#ended ? "ended" : "timed_out");
  }

  [Symbol.dispose](): void {
    this.#end();
    this.#socket.destroy();
  }

  #read(bytes: Uint8Array): void {
    if (this.#ended) return;
    try {
      this.#received.push(...this.#reader.push(bytes));
      this.#wake();
    } catch {
      this.#end();
    }
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }
}
