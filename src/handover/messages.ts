import type { SocketAddress } from "./socket_address.ts";

/**
 * The version of the protocol that is spoken here. It is told in every message. Later versions may
 * add keys, which readers ignore, and nothing else: any two versions can hand over to each other.
 */
export const PROTOCOL_VERSION = 1;

/** One message may be this long; more is not a peer of ours. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

/** A listening socket, as its owner describes it. */
export interface SocketInfo extends SocketAddress {
  /** By which the successor asks for it. */
  name: string;
  /**
   * What its owner was configured to listen on, where that is known: a service manager may have
   * decided otherwise.
   */
  asked?: SocketAddress;
  /** Whether a `.socket` unit holds it, too; absent: it is not known to. */
  activated?: boolean;
}

/**
 * What is said during a hand-over, in this order: the owner gives its sockets (`FDS`, which
 * carries the descriptors in the order of `sockets`), the successor could serve (`READY`), the
 * owner accepts nobody any more (`PAUSED`), the successor accepts (`SERVING`).
 */
export type HandoverMessage =
  | { type: "FDS"; id: string; service?: string | undefined; sockets: SocketInfo[] }
  | { type: "READY"; id: string }
  | { type: "PAUSED" }
  | { type: "SERVING" };

/** One line of JSON. */
export function encodeMessage(message: HandoverMessage): Uint8Array<ArrayBuffer> {
  const { type, ...rest } = message;
  return new TextEncoder().encode(
    `${JSON.stringify({ type, version: PROTOCOL_VERSION, ...rest })}\n`,
  );
}

/** Puts messages together from pieces of any length. */
export class MessageReader {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #rest = new Uint8Array(0);

  /**
   * The messages that `chunk` completes.
   *
   * @throws {TypeError} When a line is no message, or longer than any message.
   */
  push(chunk: Uint8Array): HandoverMessage[] {
    const bytes = new Uint8Array(this.#rest.length + chunk.length);
    bytes.set(this.#rest);
    bytes.set(chunk, this.#rest.length);
    const messages: HandoverMessage[] = [];
    let from = 0;
    for (let end; (end = bytes.indexOf(10, from)) >= 0; from = end + 1) {
      messages.push(this.#decode(bytes.subarray(from, end)));
    }
    this.#rest = bytes.slice(from);
    if (this.#rest.length > MAX_MESSAGE_BYTES) throw notAMessage("it does not end");
    return messages;
  }

  #decode(line: Uint8Array): HandoverMessage {
    try {
      return toMessage(JSON.parse(this.#decoder.decode(line)));
    } catch (cause) {
      throw notAMessage(cause instanceof Error ? cause.message : String(cause));
    }
  }
}

function toMessage(value: unknown): HandoverMessage {
  const { type, version, id, service, sockets } = record(value);
  if (typeof version !== "number" || version < 1) throw new TypeError("it has no version");
  if (type === "PAUSED" || type === "SERVING") return { type };
  if (type === "READY") return { type, id: text(id, "id") };
  if (type !== "FDS") throw new TypeError(`its type is ${JSON.stringify(type)}`);
  if (!Array.isArray(sockets)) throw new TypeError("it has no sockets");
  const isNamed = service !== undefined;
  return {
    ...{ type, id: text(id, "id"), sockets: sockets.map(toSocketInfo) },
    ...isNamed && { service: text(service, "service") },
  };
}

function toSocketInfo(value: unknown): SocketInfo {
  const { name, asked, activated } = record(value);
  return {
    ...{ name: text(name, "name"), ...toAddress(value) },
    ...asked !== undefined && { asked: toAddress(asked) },
    ...activated === true && { activated },
  };
}

function toAddress(value: unknown): SocketAddress {
  const { hostname, port } = record(value);
  if (typeof port !== "number") throw new TypeError("a socket has no port");
  return { hostname: text(hostname, "hostname"), port };
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new TypeError("it is no object");
  return value as Record<string, unknown>;
}

function text(value: unknown, key: string): string {
  if (typeof value !== "string") throw new TypeError(`its ${key} is no text`);
  return value;
}

function notAMessage(why: string): TypeError {
  return new TypeError(`Cannot read a message of the hand-over: ${why}`);
}
