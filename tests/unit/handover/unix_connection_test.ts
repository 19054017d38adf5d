import { assert, assertEquals } from "@std/assert";
import { createServer, type Server } from "node:net";
import { descriptorOf } from "../../../src/handover/handle.ts";
import { encodeMessage } from "../../../src/handover/messages.ts";
import { sendMessage } from "../../../src/handover/socket_message.ts";
import { UnixConnection } from "../../../src/handover/unix_connection.ts";
import { foreignFunctions, libc } from "../../helpers/handover.ts";
import { openFiles } from "../../helpers/proc.ts";
import { needs } from "../../helpers/skip.ts";

const PAUSED = encodeMessage({ type: "PAUSED" });

/** Two ends: `send` sends with a descriptor, `end` is what is tested. */
async function pair() {
  const path = `${await Deno.makeTempDir()}/socket`;
  const server: Server = createServer();
  const knock = new Promise<import("node:net").Socket>((resolve) =>
    server.once("connection", resolve)
  );
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const end = UnixConnection.open(libc(), path);
  assert(end !== null);
  const socket = await knock;
  const raw = descriptorOf(socket);
  return {
    end,
    send: (bytes: Uint8Array<ArrayBuffer>) => sendMessage(libc(), raw, bytes, [raw]),
    async [Symbol.asyncDispose]() {
      end[Symbol.dispose]();
      libc().close(raw);
      socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await Deno.remove(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    },
  };
}

function test(name: string, fn: (ends: Awaited<ReturnType<typeof pair>>) => Promise<void>): void {
  Deno.test({
    name,
    ...needs(foreignFunctions()),
    async fn() {
      await using ends = await pair();
      await fn(ends);
    },
  });
}

test("descriptors of a message in pieces come with the message", async ({ end, send }) => {
  send(PAUSED.slice(0, 5));
  assertEquals(await end.receive(1), "timed_out");
  send(PAUSED.slice(5));
  const received = await end.receive(10_000);
  assert(typeof received !== "string");
  assertEquals(received.message, { type: "PAUSED" });
  assertEquals(received.fds.length, 2);
  for (const fd of received.fds) libc().close(fd);
});

test("descriptors that nobody took are closed with the connection", async ({ end, send }) => {
  const before = openFiles(Deno.pid);
  send(PAUSED.slice(0, 5));
  assertEquals(await end.receive(1), "timed_out");
  assertEquals(openFiles(Deno.pid), before + 1);
  end[Symbol.dispose]();
  end[Symbol.dispose]();
  assertEquals(openFiles(Deno.pid), before - 1);
});

test("who talks no sense has ended", async ({ end, send }) => {
  send(new TextEncoder().encode("hello\n"));
  assertEquals(await end.receive(10_000), "ended");
  assert(!end.send({ type: "PAUSED" }));
});

test("a connection that is closed while somebody waits ends the wait", async ({ end }) => {
  const waiting = end.receive(60_000);
  end[Symbol.dispose]();
  assertEquals(await waiting, "ended");
});
