import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { givenNetwork, type GivenSocket } from "../../../../src/proxy/net/given_network.ts";
import { FIRST } from "../../../fixtures/tls/certificates.ts";

const PLAIN = { hostname: "127.0.0.1", port: 8080, certificate: null };

/** A socket that somebody else listens on. */
class Given implements GivenSocket, AsyncDisposable {
  readonly hostname = "127.0.0.1";
  port = 0;
  isClosed = false;
  isPaused = false;
  resuming = Promise.resolve();
  readonly #server: Server = createServer({ allowHalfOpen: true, pauseOnConnect: true });

  static async open(): Promise<Given> {
    const given = new Given();
    given.#server.listen(0, given.hostname);
    await once(given.#server, "listening");
    const address = given.#server.address();
    given.port = typeof address === "object" ? address!.port : 0;
    return given;
  }

  serve(handle: (socket: Socket) => void): void {
    this.#server.on("connection", handle);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): Promise<void> {
    this.isPaused = false;
    return this.resuming;
  }

  close(): void {
    this.isClosed = true;
    this.#server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isClosed) this.close();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

Deno.test("listening takes the given sockets in their order, and no more", async () => {
  await using first = await Given.open();
  await using second = await Given.open();
  const network = givenNetwork([first, second]);
  const acceptors = [network.listen(PLAIN), network.listen(PLAIN)];
  assertEquals(acceptors.map(({ port }) => port), [first.port, second.port]);
  assertThrows(() => network.listen(PLAIN), TypeError, "no socket is left");
});

Deno.test("a connection to a given socket can be read and written, and tells its peer", async () => {
  await using given = await Given.open();
  const acceptor = givenNetwork([given]).listen(PLAIN);
  const client = await Deno.connect({ hostname: given.hostname, port: given.port });
  const { stream, ip, port } = await acceptor.accept();
  assertEquals([ip, port], [given.hostname, client.localAddr.port]);
  await client.write(Uint8Array.of(1, 2));
  await client.closeWrite();
  const buffer = new Uint8Array(8);
  assertEquals(await stream.read(buffer), 2);
  assertEquals(await stream.read(buffer), null);
  await stream.write(Uint8Array.of(3));
  assertEquals(await client.read(buffer), 1);
  stream.close();
  client.close();
  acceptor.close();
});

Deno.test("closing gives the socket up, and ends a pending accept", async () => {
  await using given = await Given.open();
  const acceptor = givenNetwork([given]).listen(PLAIN);
  const refused = assertRejects(() => acceptor.accept(), Deno.errors.BadResource);
  acceptor.close();
  await refused;
  assertEquals(given.isClosed, true);
});

Deno.test("who was accepted before it was closed can still be had, and then the end is told", async () => {
  await using given = await Given.open();
  const acceptor = givenNetwork([given]).listen(PLAIN);
  using client = await Deno.connect({ hostname: given.hostname, port: given.port });
  await new Promise((resolve) => setTimeout(resolve, 20));
  acceptor.close();
  const { stream, port } = await acceptor.accept();
  assertEquals(port, client.localAddr.port);
  stream.close();
  await assertRejects(() => acceptor.accept(), Deno.errors.BadResource);
});

Deno.test("a given socket is paused and resumed, also below TLS; one that is lost is told", async () => {
  for (const certificate of [null, FIRST]) {
    await using given = await Given.open();
    const acceptor = givenNetwork([given]).listen({ ...PLAIN, certificate });
    acceptor.pause?.();
    assertEquals(given.isPaused, true);
    acceptor.resume?.();
    assertEquals(given.isPaused, false);
    given.resuming = Promise.reject(new Error("lost"));
    acceptor.resume?.();
    await assertRejects(() => acceptor.accept(), Error, "lost");
    acceptor.close();
  }
});

Deno.test("TLS is spoken on a given socket; a certificate that cannot be used costs none", async () => {
  await using given = await Given.open();
  const network = givenNetwork([given]);
  const broken = { cert: "no", key: "no" };
  assertThrows(() => network.listen({ ...PLAIN, certificate: broken }), TypeError);
  const acceptor = network.listen({ ...PLAIN, certificate: FIRST });
  const [client, accepted] = await Promise.all([
    Deno.connectTls({ hostname: given.hostname, port: given.port, caCerts: [FIRST.cert] }),
    acceptor.accept(),
  ]);
  await Promise.all([client.write(Uint8Array.of(7)), accepted.stream.read(new Uint8Array(1))]);
  accepted.stream.close();
  client.close();
  acceptor.close();
  await new Promise((resolve) => setTimeout(resolve, 0));
});
