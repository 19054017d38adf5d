import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { once } from "node:events";
import { connect } from "node:net";
import type { Certificate } from "../../../../src/proxy/engine.ts";
import { denoNetwork } from "../../../../src/proxy/net/deno_network.ts";
import type { Acceptor, ByteStream } from "../../../../src/proxy/net/stream.ts";
import { checkCertificate } from "../../../../src/proxy/net/tls.ts";
import { FIRST, SECOND } from "../../../fixtures/tls/certificates.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };

function listen(hasPrelude?: (ip: string) => boolean): Acceptor {
  return denoNetwork.listen({ ...LOCAL, certificate: FIRST, ...(hasPrelude && { hasPrelude }) });
}

/** Accepts one connection and says hello. */
async function greet(acceptor: Acceptor): Promise<ByteStream> {
  const { stream } = await acceptor.accept();
  await stream.write(bytes("hello"));
  return stream;
}

/** Whether the server has this certificate. */
async function isServed(acceptor: Acceptor, { cert }: Certificate): Promise<boolean> {
  const [client, server] = await Promise.all([
    Deno.connectTls({ ...LOCAL, port: acceptor.port, caCerts: [cert] }),
    acceptor.accept(),
  ]);
  // The handshake only goes on while somebody reads.
  const reading = server.stream.read(new Uint8Array(1)).catch(() => null);
  const served = await client.handshake().then(() => true, () => false);
  client.close();
  await reading;
  server.stream.close();
  return served;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function readText(stream: ByteStream): Promise<string> {
  const buffer = new Uint8Array(100);
  const count = await stream.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0));
}

Deno.test("the protocol is HTTP/1.1 for clients that know more", async () => {
  const acceptor = listen();
  const [client, server] = await Promise.all([
    Deno.connectTls({
      ...LOCAL,
      port: acceptor.port,
      caCerts: [FIRST.cert],
      alpnProtocols: ["h2", "http/1.1"],
    }),
    greet(acceptor),
  ]);
  assertEquals((await client.handshake()).alpnProtocol, "http/1.1");
  assertEquals(await readText(client), "hello");
  client.close();
  server.close();
  acceptor.close();
});

Deno.test("a client that offers HTTP/1.0 alone is served", async () => {
  const acceptor = listen();
  const [client, server] = await Promise.all([
    Deno.connectTls({
      ...LOCAL,
      port: acceptor.port,
      caCerts: [FIRST.cert],
      alpnProtocols: ["http/1.0"],
    }),
    greet(acceptor),
  ]);
  assertEquals((await client.handshake()).alpnProtocol, "http/1.0");
  assertEquals(await readText(client), "hello");
  client.close();
  server.close();
  acceptor.close();
});

Deno.test("a silent client keeps nobody from connecting", async () => {
  const acceptor = listen();
  const silent = await Deno.connect({ ...LOCAL, port: acceptor.port });
  const waiting = await acceptor.accept();
  assertEquals(await isServed(acceptor, FIRST), true);
  const reading = assertRejects(() => waiting.stream.read(new Uint8Array(1)));
  waiting.stream.close();
  await reading;
  silent.close();
  acceptor.close();
});

for (const [what, garbage] of [["speaks HTTP", "GET / HTTP/1.1\r\n\r\n"], ["ends", ""]] as const) {
  Deno.test(`a client that ${what} instead of a handshake ends only its own connection`, async () => {
    const acceptor = listen();
    const client = await Deno.connect({ ...LOCAL, port: acceptor.port });
    const { stream } = await acceptor.accept();
    await client.write(bytes(garbage));
    await client.closeWrite();
    const count = await stream.read(new Uint8Array(100)).catch(() => null);
    assertEquals(count, null);
    stream.close();
    assertEquals(await isServed(acceptor, FIRST), true);
    client.close();
    acceptor.close();
  });
}

Deno.test("a stream is ready after its handshake, and never without one", async () => {
  const acceptor = listen();
  const [client, { stream }] = await Promise.all([
    Deno.connectTls({ ...LOCAL, port: acceptor.port, caCerts: [FIRST.cert] }),
    acceptor.accept(),
  ]);
  const reading = readText(stream);
  const shaken = client.handshake();
  await stream.ready;
  await shaken;
  await client.write(bytes("hello"));
  assertEquals(await reading, "hello");
  client.close();
  stream.close();

  const scanner = await Deno.connect({ ...LOCAL, port: acceptor.port });
  const silent = (await acceptor.accept()).stream;
  const ended = silent.read(new Uint8Array(1)).catch(() => null);
  scanner.close();
  await assertRejects(() => silent.ready!, Deno.errors.ConnectionReset);
  assertEquals(await ended, null);
  silent.close();

  const patient = await Deno.connect({ ...LOCAL, port: acceptor.port });
  const late = (await acceptor.accept()).stream;
  late.close();
  await assertRejects(() => late.ready!, Deno.errors.ConnectionReset);
  patient.close();
  acceptor.close();
});

Deno.test("another certificate is for new connections; old ones go on", async () => {
  const acceptor = listen();
  const [client, server] = await Promise.all([
    Deno.connectTls({ ...LOCAL, port: acceptor.port, caCerts: [FIRST.cert] }),
    greet(acceptor),
  ]);
  assertEquals(await readText(client), "hello");
  acceptor.setCertificate(SECOND);
  assertEquals(await isServed(acceptor, FIRST), false);
  assertEquals(await isServed(acceptor, SECOND), true);
  await server.write(bytes("still here"));
  assertEquals(await readText(client), "still here");
  client.close();
  server.close();
  acceptor.close();
});

Deno.test("an unusable certificate is refused and changes nothing", async () => {
  const acceptor = listen();
  const mixed = { cert: FIRST.cert, key: SECOND.key };
  assertThrows(() => acceptor.setCertificate(mixed), TypeError, "KeyMismatch");
  assertEquals(await isServed(acceptor, FIRST), true);
  acceptor.close();
  assertThrows(() => denoNetwork.listen({ ...LOCAL, certificate: mixed }), TypeError);
});

Deno.test("checkCertificate() says what is wrong", () => {
  checkCertificate(FIRST);
  const { cert, key } = FIRST;
  const table: [Certificate, string][] = [
    [{ cert: "", key }, "No certificates found"],
    [{ cert: key, key }, "No certificates found"],
    [{ cert, key: "" }, "No keys found"],
    [{ cert, key: cert }, "No keys found"],
    [{ cert, key: SECOND.key }, "KeyMismatch"],
  ];
  for (const [certificate, message] of table) {
    assertThrows(() => checkCertificate(certificate), TypeError, message);
  }
});

Deno.test("plain text has no certificate to exchange", () => {
  const acceptor = denoNetwork.listen({ ...LOCAL, certificate: null });
  assertThrows(() => acceptor.setCertificate(SECOND), TypeError, "no TLS");
  acceptor.close();
});

Deno.test("a peer may say something before the handshake", async () => {
  const acceptor = listen((ip) => ip === "127.0.0.1");
  const client = await Deno.connect({ ...LOCAL, port: acceptor.port });
  const { stream, secure } = await acceptor.accept();
  await client.write(bytes("PROXY"));
  assertEquals(await readText(stream), "PROXY");
  const starting = Deno.startTls(client, { hostname: "localhost", caCerts: [FIRST.cert] });
  const first = new Uint8Array(20);
  assertEquals(await stream.read(first), 20);
  const server = secure?.(first) as ByteStream;
  const conn = await starting;
  await server.write(bytes("hello"));
  assertEquals(await readText(conn), "hello");
  conn.close();
  server.close();
  acceptor.close();
});

/** What a client says first. */
async function clientHello(): Promise<Uint8Array> {
  const listener = Deno.listen(LOCAL);
  const client = await Deno.connectTls({ ...LOCAL, port: listener.addr.port });
  const failing = assertRejects(() => client.handshake());
  const server = await listener.accept();
  const buffer = new Uint8Array(4096);
  const count = await server.read(buffer);
  server.close();
  await failing;
  client.close();
  listener.close();
  return buffer.subarray(0, count ?? 0);
}

Deno.test("a handshake that stops, lies or breaks anywhere ends only its own connection", async () => {
  const acceptor = listen();
  const hello = await clientHello();
  for (let at = 0; at < hello.length; at += 37) {
    const lie = hello.slice();
    lie[at] = (lie[at] as number) ^ 255;
    for (
      const [said, reset] of [[hello.subarray(0, at), false], [hello, true], [lie, true]] as const
    ) {
      const client = connect(acceptor.port, "127.0.0.1").on("error", () => {});
      const [{ stream }] = await Promise.all([acceptor.accept(), once(client, "connect")]);
      const closed = once(client, "close");
      client.write(said, () => reset ? client.resetAndDestroy() : client.end());
      assertEquals(await stream.read(new Uint8Array(100)).catch(() => null), null);
      stream.close();
      client.destroy();
      await closed;
    }
  }
  assertEquals(await isServed(acceptor, FIRST), true);
  acceptor.close();
});

Deno.test("what is no handshake, right behind a prelude, ends that connection and no more", async () => {
  const acceptor = listen(() => true);
  const [client, accepted] = await Promise.all([
    Deno.connect({ ...LOCAL, port: acceptor.port }),
    acceptor.accept(),
  ]);
  const secured = accepted.secure?.(bytes("GET / HTTP/1.1\r\n\r\n"));
  await assertRejects(async () => await secured?.read(new Uint8Array(1)));
  secured?.close();
  client.close();
  acceptor.close();
});
