import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { connect as nodeConnect } from "node:net";
import { once } from "node:events";
import { closeQuietly, connectPlain, LISTENING, NETWORKS } from "./streams.ts";

const NEVER = new AbortController().signal;

const LOCAL = { hostname: "127.0.0.1", port: 0, certificate: null };

for (const [name, network] of NETWORKS) {
  Deno.test(`${name}: both ends of a connection are told who the other is`, async () => {
    const acceptor = network.listen(LOCAL);
    const client = await connectPlain("127.0.0.1", acceptor.port);
    const { stream, ip, port } = await acceptor.accept();
    assertEquals([ip, port], ["127.0.0.1", client.localAddr.port]);
    assertEquals(acceptor.hostname, "127.0.0.1");
    stream.close();
    client.close();
    acceptor.close();
  });

  Deno.test(`${name}: B24 a busy port is an error at once`, () => {
    const holder = Deno.listen(LOCAL);
    const { port } = holder.addr;
    assertThrows(() => network.listen({ ...LOCAL, port }), Deno.errors.AddrInUse);
    holder.close();
  });

  Deno.test(`${name}: an address that is not ours is an error at once`, () => {
    const elsewhere = { ...LOCAL, hostname: "192.0.2.1" };
    assertThrows(() => network.listen(elsewhere), Deno.errors.AddrNotAvailable);
  });

  Deno.test(`${name}: a dual-stack listener tells IPv4 addresses as they are`, async () => {
    const acceptor = network.listen({ ...LOCAL, hostname: "::" });
    for (const ip of ["127.0.0.1", "::1"]) {
      const client = await connectPlain(ip, acceptor.port);
      const accepted = await acceptor.accept();
      assertEquals(accepted.ip, ip);
      accepted.stream.close();
      client.close();
    }
    acceptor.close();
  });

  Deno.test(`${name}: connections wait for accept() in their order`, async () => {
    const acceptor = network.listen(LOCAL);
    const clients: Deno.TcpConn[] = [];
    for (let i = 0; i < 3; i++) clients.push(await connectPlain("127.0.0.1", acceptor.port));
    for (const client of clients) {
      const { port, stream } = await acceptor.accept();
      assertEquals(port, client.localAddr.port);
      stream.close();
      client.close();
    }
    acceptor.close();
  });

  Deno.test(`${name}: a client that resets in the queue does not end the accepting`, async () => {
    const acceptor = network.listen(LOCAL);
    (await connectPlain("127.0.0.1", acceptor.port)).close();
    (await acceptor.accept()).stream.close();
    const lost = nodeConnect(acceptor.port, "127.0.0.1");
    await once(lost, "connect");
    const gone = once(lost, "close");
    lost.resetAndDestroy();
    await gone;
    const client = await connectPlain("127.0.0.1", acceptor.port);
    const ports: number[] = [];
    while (ports.at(-1) !== client.localAddr.port) {
      try {
        const { port, stream } = await acceptor.accept();
        ports.push(port);
        stream.close();
      } catch (error) {
        if (!(error instanceof Deno.errors.NotConnected)) throw error;
      }
    }
    client.close();
    acceptor.close();
  });

  Deno.test(`${name}: connect() reaches, and its stream speaks`, async () => {
    const listener = Deno.listen(LOCAL);
    const [stream, server] = await Promise.all([
      network.connect("127.0.0.1", listener.addr.port, NEVER),
      listener.accept(),
    ]);
    await stream.write(new Uint8Array([1, 2, 3]));
    const buffer = new Uint8Array(10);
    assertEquals(await server.read(buffer), 3);
    await server.write(buffer.subarray(0, 2));
    assertEquals(await stream.read(buffer), 2);
    stream.close();
    server.close();
    listener.close();
  });

  Deno.test(`${name}: connect() to nobody is ConnectionRefused`, async () => {
    const listener = Deno.listen(LOCAL);
    const { port } = listener.addr;
    listener.close();
    await assertRejects(
      () => network.connect("127.0.0.1", port, NEVER),
      Deno.errors.ConnectionRefused,
    );
  });

  Deno.test(`${name}: connect() ends with its signal`, async () => {
    const aborted = AbortSignal.abort(new Error("enough"));
    await assertRejects(() => network.connect("127.0.0.1", 1, aborted), Error, "enough");
    // Nobody takes connections from this queue, and it has no room.
    const listener = Deno.listen({ ...LOCAL, tcpBacklog: 1 });
    const { port } = listener.addr;
    const waiting = await fillQueue(port);
    const controller = new AbortController();
    const connecting = network.connect("127.0.0.1", port, controller.signal);
    controller.abort(new Error("enough"));
    await assertRejects(() => connecting, Error, "enough");
    for (const conn of waiting) conn.close();
    listener.close();
  });
}

for (const [name, network, certificate] of LISTENING) {
  Deno.test(`${name}: close() ends an accept() under way and all after it`, async () => {
    const acceptor = network.listen({ ...LOCAL, certificate });
    const accepting = assertRejects(() => acceptor.accept(), Deno.errors.BadResource);
    acceptor.close();
    await accepting;
    await assertRejects(() => acceptor.accept(), Deno.errors.BadResource);
    await assertRejects(
      () => Deno.connect({ port: acceptor.port }).then(closeQuietly),
      Deno.errors.ConnectionRefused,
    );
  });
}

Deno.test("Node: close() gives up connections that nobody accepted", async () => {
  const [, network] = NETWORKS[1] as (typeof NETWORKS)[number];
  const acceptor = network.listen(LOCAL);
  const client = await connectPlain("127.0.0.1", acceptor.port);
  const other = await connectPlain("127.0.0.1", acceptor.port);
  (await acceptor.accept()).stream.close();
  acceptor.close();
  assertEquals(await other.read(new Uint8Array(1)).catch(() => null), null);
  client.close();
  other.close();
});

/** Connects until the kernel's queue is full. */
async function fillQueue(port: number): Promise<Deno.TcpConn[]> {
  const waiting: Deno.TcpConn[] = [];
  for (;;) {
    const timeUp = AbortSignal.timeout(100);
    try {
      waiting.push(await Deno.connect({ hostname: "127.0.0.1", port, signal: timeUp }));
    } catch {
      return waiting;
    }
  }
}
