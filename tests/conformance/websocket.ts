/** WebSockets of the runtime on both sides of a proxy. */
import type { EngineName } from "../../src/proxy/engines.ts";
import type { Proxy } from "../../src/proxy/proxy.ts";
import { startProxy, until } from "./rig.ts";

/** The lines of a handshake. */
export const HANDSHAKE = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
];

/** An application that echoes, and remembers what it saw. */
export class Echo implements AsyncDisposable {
  readonly sockets: WebSocket[] = [];
  readonly closes: string[] = [];
  readonly requests: { url: string; headers: Headers }[] = [];
  readonly proxy: Proxy;
  #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(engine: EngineName, onOpen: (socket: WebSocket) => void = () => {}) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      this.requests.push({ url: request.url, headers: new Headers(request.headers) });
      const offered = request.headers.get("sec-websocket-protocol");
      const { socket, response } = Deno.upgradeWebSocket(
        request,
        offered ? { protocol: "two" } : {},
      );
      socket.onopen = () => onOpen(socket);
      socket.onmessage = ({ data }) => socket.send(data);
      socket.onclose = ({ code, reason }) => this.closes.push(`${code} ${reason}`);
      socket.onerror = (event) => event.preventDefault();
      this.sockets.push(socket);
      return response;
    });
    this.proxy = startProxy({ engine });
    const { port } = this.#server.addr;
    this.proxy.replace([{ key: "a", host: "127.0.0.1", port, alive: () => true }]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy.shutdown({ drainTimeoutMs: 100 });
    await this.#server.shutdown();
  }
}

/** A client that keeps what it gets. */
export class Client {
  readonly messages: (string | ArrayBuffer)[] = [];
  closed = "";
  readonly socket: WebSocket;

  constructor(port: number, path = "/", options: WebSocketOptions = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => this.messages.push(data);
    this.socket.onclose = ({ code, reason }) => this.closed = `${code} ${reason}`;
    this.socket.onerror = (event) => event.preventDefault();
  }

  async opened(): Promise<this> {
    await until(() => this.socket.readyState === WebSocket.OPEN, "the socket to open");
    return this;
  }

  async ended(): Promise<string> {
    await until(() => this.closed !== "", "the socket to close");
    return this.closed;
  }
}

/** `Sec-WebSocket-Accept` for a key. */
export async function acceptKey(key: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
  return btoa(String.fromCharCode(...hash));
}
