import {
  createSecureServer,
  createServer,
  type Http2Server,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";

/** What a server does with a call. */
export type Rudeness = (stream: ServerHttp2Stream) => void;

/** A server that speaks HTTP/2, and answers calls in any way but the right one. */
export class RudeGrpc implements AsyncDisposable {
  readonly #server: Http2Server;
  readonly #streams = new Set<ServerHttp2Stream>();
  readonly host: string;

  private constructor(server: Http2Server, rudeness: Rudeness) {
    this.#server = server;
    this.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("stream", (stream: ServerHttp2Stream) => {
      this.#streams.add(stream);
      stream.on("error", () => {});
      rudeness(stream);
    });
  }

  /** @param tls Key and certificate, as PEM; left out: without TLS. */
  static async start(
    rudeness: Rudeness,
    tls?: { key: string; cert: string },
  ): Promise<RudeGrpc> {
    const server: Http2Server = tls === undefined ? createServer() : createSecureServer(tls);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new RudeGrpc(server, rudeness);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) stream.session?.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** Sends `body` and then `trailers`. */
export function sending(
  body: Uint8Array,
  trailers: Record<string, string> = { "grpc-status": "0" },
  headers: Record<string, string | number> = { ":status": 200 },
): Rudeness {
  return (stream) => {
    stream.respond(headers, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    stream.end(body);
  };
}
