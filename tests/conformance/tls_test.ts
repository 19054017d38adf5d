import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import type { EngineName } from "../../src/proxy/engines.ts";
import { FIRST, SECOND } from "../fixtures/tls/certificates.ts";
import { ok, RawConnection } from "./raw.ts";
import { Rig, startProxy, until, values } from "./rig.ts";

const ENGINES: readonly EngineName[] = ["relay", "fetch"];

const BOTH = [FIRST.cert, SECOND.cert];

/** Sends a request on a connection of its own. @returns The whole answer. */
async function ask(port: number, caCerts = BOTH): Promise<string> {
  const request = "GET /x HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n\r\n";
  const conn = await Deno.connectTls({ hostname: "127.0.0.1", port, caCerts });
  try {
    await conn.write(new TextEncoder().encode(request));
    return await new Response(conn.readable).text();
  } finally {
    try {
      conn.close();
    } catch {
      // Its stream has closed it.
    }
  }
}

for (const engine of ENGINES) {
  const start = (answer = ok()) => Rig.answering(answer, { engine, certificate: FIRST });

  Deno.test(`[${engine}] TLS: the application is told of it, and who asked`, async () => {
    await using rig = start();
    assertMatch(await ask(rig.proxy.port), /^HTTP\/1.1 200 .*ok$/s);
    assertEquals(values(rig.heads[0] ?? "", "x-forwarded-proto"), ["https"]);
    assertEquals(values(rig.heads[0] ?? "", "x-forwarded-for"), ["127.0.0.1"]);
    assertEquals(values(rig.heads[0] ?? "", "host"), ["app.example"]);
  });

  Deno.test(`[${engine}] TLS: a long answer arrives whole`, async () => {
    const body = "0123456789".repeat(300_000);
    await using rig = start(ok(body));
    const answer = await ask(rig.proxy.port);
    assertEquals(answer.slice(answer.indexOf("\r\n\r\n") + 4), body);
  });

  Deno.test(`[${engine}] TLS: plain text ends the connection and nothing else`, async () => {
    await using rig = start();
    await using client = await rig.connect();
    await client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals((await client.readAll()).includes("HTTP/1.1"), false);
    assertMatch(await ask(rig.proxy.port), /ok$/);
    assertEquals(rig.heads.length, 1);
  });

  Deno.test(`[${engine}] TLS: clients that never say anything are given up`, async () => {
    const limits = { clientHeadTimeoutMs: 20, clientIdleTimeoutMs: 20 };
    await using rig = Rig.answering(ok(), { engine, certificate: FIRST, limits });
    await using silent = await rig.connect();
    assertEquals(await silent.readAll(), "");
  });

  Deno.test(`[${engine}] TLS: other certificates lose no connection`, async () => {
    await using rig = start();
    const { port } = rig.proxy;
    let asked = 0;
    let done = false;
    const failures: string[] = [];
    const ends = Array.from({ length: 8 }, async () => {
      while (!done) {
        const answer = await ask(port).catch(String);
        asked++;
        if (!answer.endsWith("\r\n\r\nok")) failures.push(answer);
      }
    });
    for (let change = 0; change < 40; change++) {
      const before = asked;
      rig.proxy.setCertificate(change % 2 ? FIRST : SECOND);
      await until(() => asked > before + 2, "requests between two certificates");
    }
    done = true;
    await Promise.all(ends);
    assertEquals(failures, []);
    rig.proxy.setCertificate(SECOND);
    assertMatch(await ask(port, [SECOND.cert]), /ok$/);
  });

  Deno.test(`[${engine}] TLS: an unusable certificate changes nothing`, async () => {
    await using rig = start();
    const mixed = { cert: SECOND.cert, key: FIRST.key };
    assertThrows(() => rig.proxy.setCertificate(mixed), TypeError, "KeyMismatch");
    assertMatch(await ask(rig.proxy.port, [FIRST.cert]), /ok$/);
    assertThrows(() => startProxy({ engine, certificate: mixed }), TypeError);
  });

  Deno.test(`[${engine}] TLS: without it there is no certificate to exchange`, async () => {
    await using rig = Rig.answering(ok(), { engine });
    assertThrows(() => rig.proxy.setCertificate(FIRST), TypeError, "no TLS");
  });

  Deno.test(`[${engine}] TLS: shutdown() lets an answer finish`, async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    await using rig = new Rig(async (conn) => {
      await conn.readHead();
      await gate;
      await conn.write(ok());
    }, { engine, certificate: FIRST });
    const answer = ask(rig.proxy.port);
    await until(() => rig.upstream.connections === 1, "the request to arrive");
    const stopped = rig.proxy.shutdown({ drainTimeoutMs: 5000 });
    open();
    assertMatch(await answer, /ok$/);
    assertEquals(await stopped, { finished: 1, cut: 0 });
  });
}

Deno.test("[fetch] TLS: HTTP/2 for clients that want it", async () => {
  await using rig = Rig.answering(ok(), { engine: "fetch", certificate: FIRST });
  using client = Deno.createHttpClient({ caCerts: [FIRST.cert], http1: false, http2: true });
  const url = `https://localhost:${rig.proxy.port}/a?b`;
  const answers = await Promise.all(
    [1, 2, 3].map(async () => await (await fetch(url, { client })).text()),
  );
  assertEquals(answers, ["ok", "ok", "ok"]);
  assertMatch(rig.heads[0] ?? "", /^GET \/a\?b HTTP\/1.1\r\n/);
  assertEquals(values(rig.heads[0] ?? "", "host"), [`localhost:${rig.proxy.port}`]);
  assertEquals(values(rig.heads[0] ?? "", "x-forwarded-proto"), ["https"]);
});

Deno.test("[relay] TLS: a PROXY header goes in front of the handshake", async () => {
  await using rig = Rig.answering(ok(), {
    engine: "relay",
    certificate: FIRST,
    proxyProtocol: true,
    isTrusted: () => true,
  });
  const plain = await Deno.connect({ hostname: "127.0.0.1", port: rig.proxy.port });
  const header = "PROXY TCP4 192.0.2.7 192.0.2.8 4000 443\r\n";
  await plain.write(new TextEncoder().encode(header));
  const conn = await Deno.startTls(plain, { hostname: "localhost", caCerts: [FIRST.cert] });
  await using client = new RawConnection(conn as unknown as Deno.TcpConn);
  await client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await client.readHead();
  assertEquals(values(rig.heads[0] ?? "", "x-forwarded-for"), ["192.0.2.7"]);
});

Deno.test("[fetch] TLS: who comes in behind it is sent away", async () => {
  const serve = Deno.serve;
  let inner: Deno.HttpServer<Deno.NetAddr> | undefined;
  Deno.serve = ((...args: Parameters<typeof serve>) => {
    inner = serve(...args) as Deno.HttpServer<Deno.NetAddr>;
    return inner;
  }) as typeof serve;
  await using rig = Rig.answering(ok(), { engine: "fetch", certificate: FIRST });
  Deno.serve = serve;
  await using stranger = await RawConnection.open(inner?.addr.port ?? 0);
  await stranger.write("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n");
  assertMatch(await stranger.readHead() ?? "", /^HTTP\/1.1 403 /);
  assertEquals(rig.heads, []);
});
