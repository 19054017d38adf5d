import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { connect as nodeConnect } from "node:net";
import { once } from "node:events";
import type { ByteStream } from "../../../../src/proxy/net/stream.ts";
import { closeQuietly, connectPlain, type Ends, LISTENING, STREAMS } from "./streams.ts";

const MIB = 1_048_576;

for (const [name, open] of STREAMS) {
  const test = (title: string, run: (ends: Ends) => Promise<void>) =>
    Deno.test(`${name}: ${title}`, async () => {
      const ends = await open();
      try {
        await run(ends);
      } finally {
        await ends.close();
      }
    });

  test("bytes pass both ways unchanged", async ({ server, client }) => {
    const bytes = pattern(3 * MIB);
    const sent = sendAll(client, bytes).then(() => client.closeWrite());
    assertEquals(await readAll(server), bytes);
    await sent;
    const back = sendAll(server, bytes).then(() => server.closeWrite());
    assertEquals(await readAll(client), bytes);
    await back;
  });

  test("a small buffer gets what fits, the rest comes next", async ({ server, client }) => {
    await sendAll(client, pattern(100));
    const buffer = new Uint8Array(100);
    for (let at = 0; at < 100;) {
      const count = await server.read(buffer.subarray(at, Math.min(100, at + 7)));
      assertEquals((count ?? 0) > 0, true);
      at += count ?? 0;
    }
    assertEquals(buffer, pattern(100));
  });

  test("after the client's end we can still speak", async ({ server, client }) => {
    await client.closeWrite();
    assertEquals(await server.read(new Uint8Array(1)), null);
    assertEquals(await server.read(new Uint8Array(1)), null);
    await sendAll(server, pattern(1000));
    await server.closeWrite();
    assertEquals(await readAll(client), pattern(1000));
  });

  test("after our end the client can still speak", async ({ server, client }) => {
    await server.closeWrite();
    assertEquals(await client.read(new Uint8Array(1)), null);
    await sendAll(client, pattern(1000));
    await client.closeWrite();
    assertEquals(await readAll(server), pattern(1000));
  });

  test("what was written before a close arrives", async ({ server, client }) => {
    const bytes = pattern(MIB);
    const received = readAll(client);
    await sendAll(server, bytes);
    await server.closeWrite();
    server.close();
    assertEquals(await received, bytes);
  });

  test("a close ends a read under way, and only the first one counts", async ({ server }) => {
    const reading = server.read(new Uint8Array(1));
    const rejected = assertRejects(() => reading);
    server.close();
    await rejected;
    assertThrows(() => server.close(), Deno.errors.BadResource);
    await assertRejects(() => server.read(new Uint8Array(1)), Deno.errors.BadResource);
    await assertRejects(() => server.write(new Uint8Array(1)));
  });

  test("a close ends a write under way", async ({ server, client }) => {
    await fill(server);
    const writing = assertRejects(() => sendAll(server, new Uint8Array(16 * MIB)));
    server.close();
    await writing;
    closeQuietly(client);
  });

  test("a client that does not read stops the writer", async ({ server, client }) => {
    let written = 0;
    const total = 64;
    const writing = (async () => {
      for (; written < total; written++) await sendAll(server, new Uint8Array(MIB));
      await server.closeWrite();
    })();
    await settled(() => written);
    assertEquals(written < total / 2, true, `${written} MiB were taken`);
    assertEquals((await readAll(client)).length, total * MIB);
    await writing;
  });

  test("a server that does not read stops the client", async ({ server, client }) => {
    let written = 0;
    const total = 64;
    const writing = (async () => {
      for (; written < total; written++) await sendAll(client, new Uint8Array(MIB));
      await client.closeWrite();
    })();
    await server.read(new Uint8Array(1));
    await settled(() => written);
    assertEquals(written < total / 2, true, `${written} MiB were taken`);
    assertEquals((await readAll(server)).length, total * MIB - 1);
    await writing;
  });
}

for (const [name, network, certificate] of LISTENING) {
  Deno.test(`${name}: a reset ends a read with ConnectionReset`, async () => {
    const acceptor = network.listen({ hostname: "127.0.0.1", port: 0, certificate });
    (await connectPlain("127.0.0.1", acceptor.port)).close();
    (await acceptor.accept()).stream.close();
    const client = nodeConnect(acceptor.port, "127.0.0.1");
    const [{ stream }] = await Promise.all([acceptor.accept(), once(client, "connect")]);
    const reading = assertRejects(
      () => stream.read(new Uint8Array(1)),
      Deno.errors.ConnectionReset,
    );
    client.resetAndDestroy();
    await Promise.all([reading, once(client, "close")]);
    stream.close();
    acceptor.close();
  });
}

function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255);
}

async function sendAll(stream: ByteStream, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await stream.write(bytes.subarray(sent));
}

async function readAll(stream: ByteStream): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const buffer = new Uint8Array(65_536);
    const count = await stream.read(buffer);
    if (count === null) break;
    pieces.push(buffer.subarray(0, count));
  }
  return new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

/** Writes until the kernel takes no more. */
async function fill(stream: ByteStream): Promise<void> {
  let written = 0;
  const go = async () => {
    for (;;) written += await stream.write(new Uint8Array(65_536));
  };
  go().catch(() => {});
  await settled(() => written);
}

/** Waits until a figure has not moved for a while. */
async function settled(figure: () => number): Promise<void> {
  for (let seen = -1, same = 0; same < 5;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    same = figure() === seen ? same + 1 : 0;
    seen = figure();
  }
}
