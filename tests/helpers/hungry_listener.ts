/**
 * Echoes, with as few file descriptors as its parent allows. Prints its port, and then every error.
 *
 * Argument: `deno` for our listener, `inherited` for one that is descriptor 3 already, `node` for a
 * plain server of `node:net`.
 */
import { createServer } from "node:net";
import { systemClock } from "../../src/platform/clock.ts";
import { denoNetwork } from "../../src/proxy/net/deno_network.ts";
import { Listener } from "../../src/proxy/net/listener.ts";
import { nodeNetwork } from "../../src/proxy/net/node_network.ts";
import type { Acceptor, ByteStream } from "../../src/proxy/net/stream.ts";
import { writeAll } from "../../src/proxy/net/write_all.ts";

const OPTIONS = { hostname: "127.0.0.1", port: 0, certificate: null };

function startOurs(acceptor: Acceptor): number {
  const listener = new Listener({
    acceptor,
    maxConnections: 0,
    clock: systemClock,
    onConnection: ({ stream }, done) => echo(stream).finally(done),
    onError: (error) => console.log(String(error)),
  });
  return listener.port;
}

async function echo(stream: ByteStream): Promise<void> {
  const buffer = new Uint8Array(100);
  try {
    for (let count = await stream.read(buffer); count; count = await stream.read(buffer)) {
      await writeAll(stream, buffer.subarray(0, count));
    }
  } catch {
    // The client is gone.
  }
  stream.close();
}

function startNode(): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  server.on("error", (error) => console.log(String(error)));
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

function start(kind: string | undefined): number | Promise<number> {
  switch (kind) {
    case "node":
      return startNode();
    case "inherited":
      return startOurs(nodeNetwork.listen({ ...OPTIONS, fd: 3 }));
    default:
      return startOurs(denoNetwork.listen(OPTIONS));
  }
}

console.log(await start(Deno.args[0]));
