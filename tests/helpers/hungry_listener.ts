/**
 * Echoes, with as few file descriptors as its parent allows. Prints its port, and then every error.
 *
 * Argument: `deno` for our listener, `inherited` for one whose socket is descriptor 3 already,
 * `inherited-plain` for the same without foreign functions, `node` for a plain server of `node:net`.
 */
import { createServer } from "node:net";
import { Listener as HandoverListener } from "../../src/handover/listener.ts";
import { handoverMeans } from "../../src/handover/means.ts";
import { type Descriptors, plainDescriptors } from "../../src/handover/descriptor.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { denoNetwork } from "../../src/proxy/net/deno_network.ts";
import { givenNetwork } from "../../src/proxy/net/given_network.ts";
import { Listener } from "../../src/proxy/net/listener.ts";
import type { Acceptor, ByteStream } from "../../src/proxy/net/stream.ts";
import { writeAll } from "../../src/proxy/net/write_all.ts";

// As liveroll has long done when clients come: Deno panics if it has no file descriptor left for this.
Deno.addSignalListener("SIGTERM", () => Deno.exit());

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

async function startInherited(descriptors: Descriptors): Promise<number> {
  const options = { allowHalfOpen: true, pauseOnConnect: true };
  const source = { name: "http", address: OPTIONS, options, descriptors };
  const listener = HandoverListener.adopt(source, 3, { origin: "systemd_socket", activated: true });
  await listener.resume();
  return startOurs(givenNetwork([listener]).listen(OPTIONS));
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
      return startInherited(handoverMeans().descriptors);
    case "inherited-plain":
      return startInherited(plainDescriptors);
    default:
      return startOurs(denoNetwork.listen(OPTIONS));
  }
}

// Deno opens what it needs for signals some time after the start, and panics if it cannot.
Deno.addSignalListener("SIGUSR2", () => {});
console.log(await start(Deno.args[0]));
