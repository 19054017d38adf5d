import { deadline } from "@std/async/deadline";
import { PATIENCE_MS } from "./event_log.ts";
import { inTime } from "./in_time.ts";

/** A WebSocket client whose messages are awaited one by one. */
export interface TestSocket {
  send(text: string): void;
  /** The next message that was not taken yet. */
  next(): Promise<string>;
  /** How it was closed. */
  closed: Promise<{ code: number; reason: string }>;
  protocol: string;
}

/** Opens `/ws` on 127.0.0.1. @throws {Error} When it is refused. */
export async function openSocket(port: number, protocols: string[] = []): Promise<TestSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, protocols);
  const messages: string[] = [];
  let arrived = Promise.withResolvers<void>();
  socket.onmessage = ({ data }) => {
    messages.push(data);
    arrived.resolve();
  };
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.onclose = ({ code, reason }) => resolve({ code, reason });
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`Cannot open a WebSocket on port ${port}`));
  });
  await inTime(`a WebSocket on port ${port} open`, opened);
  socket.onerror = () => {};
  const nextMessage = async () => {
    while (messages.length === 0) {
      arrived = Promise.withResolvers();
      await Promise.race([arrived.promise, closed]);
      if (messages.length === 0 && socket.readyState === WebSocket.CLOSED) {
        throw new Error("Cannot read a message: the socket is closed");
      }
    }
    return messages.shift()!;
  };
  const next = () => deadline(nextMessage(), PATIENCE_MS);
  return {
    send: (text) => socket.send(text),
    next,
    closed: deadline(closed, 2 * PATIENCE_MS),
    protocol: socket.protocol,
  };
}
