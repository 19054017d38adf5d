import type { Socket } from "node:net";
import { plainIp } from "./address.ts";
import { NodeStream } from "./node_stream.ts";
import type { Accepted } from "./stream.ts";

interface Waiter {
  resolve(accepted: Accepted): void;
  reject(error: Error): void;
}

/** Between a listener of `node:net`, which accepts by itself, and who asks for one at a time. */
export class AcceptQueue {
  /** Connections that came while nobody was waiting; nothing is read from them. */
  readonly #accepted: Accepted[] = [];
  #waiter: Waiter | null = null;
  #error: Error | null = null;

  /** @throws What {@linkcode AcceptQueue.end} was told, when nobody is left. */
  accept(): Promise<Accepted> {
    const accepted = this.#accepted.shift();
    if (accepted) return Promise.resolve(accepted);
    if (this.#error) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => this.#waiter = { resolve, reject });
  }

  /** @param socket Made with `allowHalfOpen` and `pauseOnConnect`. */
  push(socket: Socket): void {
    // It was reset already, or comes too late.
    if (socket.remoteAddress === undefined || this.#error) return void socket.destroy();
    const accepted = acceptedOf(socket);
    const waiter = this.#waiter;
    this.#waiter = null;
    if (waiter) waiter.resolve(accepted);
    else this.#accepted.push(accepted);
  }

  /** Nobody can come for now: who waits is told why, and may ask again. */
  interrupt(error: Error): void {
    this.#waiter?.reject(error);
    this.#waiter = null;
  }

  /** Nobody comes any more, and who was not asked for is sent away. Safe to call again. */
  fail(error: Error): void {
    this.end(error);
    for (const { stream } of this.#accepted.splice(0)) stream.close();
  }

  /** Nobody comes any more; who is here already can still be had. Safe to call again. */
  end(error: Error): void {
    this.#error ??= error;
    this.#waiter?.reject(this.#error);
    this.#waiter = null;
  }
}

function acceptedOf(socket: Socket): Accepted {
  const stream = new NodeStream(socket);
  return { stream, ip: plainIp(socket.remoteAddress ?? ""), port: socket.remotePort ?? 0 };
}
