import { assert, assertEquals } from "@std/assert";
import { until } from "./rig.ts";
import { echo, target, TcpRig } from "./tcp_rig.ts";

Deno.test("[tcp] bytes pass as they are, and either side may speak first", async () => {
  await using rig = new TcpRig();
  const every = String.fromCharCode(...Array(256).keys());
  rig.proxy.replace([target(rig.upstream(echo("a")).port)]);
  const client = await rig.client();
  assertEquals(await client.readExactly(2), "a>");
  await client.write(every);
  assertEquals(await client.readExactly(256), every);
});

Deno.test("[tcp] 62 a client that ends its half is answered on the other", async () => {
  await using rig = new TcpRig();
  const upstream = rig.upstream(async (conn) => {
    const all = await conn.readAll();
    await conn.write(`heard ${all}`);
  });
  rig.proxy.replace([target(upstream.port)]);
  const client = await rig.client();
  await client.write("question");
  await client.closeWrite();
  assertEquals(await client.readAll(), "heard question");
});

Deno.test("[tcp] a backend that ends its half still hears the client", async () => {
  await using rig = new TcpRig();
  const heard = Promise.withResolvers<string>();
  const upstream = rig.upstream(async (conn) => {
    await conn.write("my last word");
    await conn.closeWrite();
    heard.resolve(await conn.readAll());
  });
  rig.proxy.replace([target(upstream.port)]);
  const client = await rig.client();
  assertEquals(await client.readAll(), "my last word");
  await client.write("and ");
  await client.write("mine");
  await client.closeWrite();
  assertEquals(await heard.promise, "and mine");
  await until(() => rig.log.length === 1, "the end of the connection");
  assertEquals(rig.proxy.counters.inFlight, 0);
});

Deno.test("[tcp] 100 MB pass in each direction at the same time", async () => {
  const size = 100_000_000;
  await using rig = new TcpRig();
  const upstream = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  rig.proxy.replace([target(upstream.addr.port)]);
  using client = await Deno.connect({ hostname: "127.0.0.1", port: rig.proxy.port });
  using backend = await upstream.accept();
  upstream.close();
  const sums = await Promise.all([
    send(client, size),
    receive(backend),
    send(backend, size),
    receive(client),
  ]);
  assertEquals(sums[1], sums[0]);
  assertEquals(sums[3], sums[2]);
  await until(() => rig.log.length === 1, "the entry of the access log");
  assertEquals([rig.log[0]?.requestBytes, rig.log[0]?.responseBytes], [size, size]);
});

Deno.test("[tcp] a client that resets its connection ends that of the backend", async () => {
  await using rig = new TcpRig();
  const ended = Promise.withResolvers<void>();
  const upstream = rig.upstream(async (conn) => {
    await conn.writeBytes(new Uint8Array(64 << 20)).catch(() => {});
    await conn.readAll();
    ended.resolve();
  });
  rig.proxy.replace([target(upstream.port)]);
  const client = await rig.client();
  await client.read();
  // Bytes are left unread, so that the kernel sends a reset.
  client.close();
  await ended.promise;
  await until(() => rig.log.length === 1, "the end of the connection");
  assertEquals(rig.log[0]?.reasons, ["client_gone"]);
});

Deno.test("[tcp] a backend that is killed ends its connections, said bytes first", async () => {
  await using rig = new TcpRig();
  const upstream = rig.upstream(echo("a"));
  rig.proxy.replace([target(upstream.port)]);
  const client = await rig.client();
  await client.readExactly(2);
  upstream.kill();
  assertEquals(await client.readAll(), "");
  client.close();
  await until(() => rig.log.length === 1, "the end of the connection");
});

Deno.test("[tcp] a slow reader holds its own connection back and nobody else", async () => {
  await using rig = new TcpRig();
  let sent = 0;
  const upstream = rig.upstream(async (conn, index) => {
    if (index > 0) return await conn.write("served");
    const piece = new Uint8Array(65_536);
    for (;;) {
      await conn.writeBytes(piece);
      sent += piece.length;
    }
  });
  rig.proxy.replace([target(upstream.port)]);
  const slow = await rig.client();
  let before = -1;
  // It stalls when every buffer on the way is full.
  await until(() => {
    const stalled = sent > 0 && sent === before;
    before = sent;
    return stalled;
  }, "back-pressure");
  assert(sent < 64 << 20, `${sent} bytes were taken for a reader that reads nothing`);
  assertEquals(await (await rig.client()).readAll(), "served");
  slow.close();
});

/** Sends `size` bytes that differ, then the end. @returns A sum over them. */
async function send(conn: Deno.TcpConn, size: number): Promise<string> {
  const block = crypto.getRandomValues(new Uint8Array(65_521));
  const sum = new Sum();
  for (let sent = 0; sent < size;) {
    const piece = block.subarray(0, Math.min(block.length, size - sent));
    sum.add(piece);
    for (let from = 0; from < piece.length;) from += await conn.write(piece.subarray(from));
    sent += piece.length;
  }
  await conn.closeWrite();
  return sum.toString();
}

async function receive(conn: Deno.TcpConn): Promise<string> {
  const buffer = new Uint8Array(262_144);
  const sum = new Sum();
  for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
    sum.add(buffer.subarray(0, n));
  }
  return sum.toString();
}

/** Depends on every byte and its place, whatever the pieces. */
class Sum {
  #a = 1;
  #b = 0;
  #length = 0;

  add(bytes: Uint8Array): void {
    this.#length += bytes.length;
    for (let i = 0; i < bytes.length; i++) {
      this.#a = (this.#a + (bytes[i] as number)) % 65_521;
      this.#b = (this.#b + this.#a) % 65_521;
    }
  }

  toString(): string {
    return `${this.#length}:${this.#a}:${this.#b}`;
  }
}
