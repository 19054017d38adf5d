import { assertEquals, assertThrows } from "@std/assert";
import { FIRST, SECOND } from "../fixtures/tls/certificates.ts";
import { RawUpstream } from "./raw.ts";
import { startProxy, until } from "./rig.ts";
import { echo, refusingPort, target, TcpRig } from "./tcp_rig.ts";

Deno.test("[tcp] every public port leads to its own port of the backend", async () => {
  const [a, b] = [new RawUpstream(echo("a")), new RawUpstream(echo("b"))];
  await using _a = a;
  await using _b = b;
  const extra = refusingPort();
  const fixed = refusingPort();
  await using rig = new TcpRig({
    morePorts: [
      { listen: extra, backend: { offset: b.port - a.port } },
      { listen: fixed, backend: { port: b.port } },
    ],
  });
  rig.proxy.replace([target(a.port)]);
  assertEquals(await (await rig.client()).readExactly(2), "a>");
  assertEquals(await (await rig.client(extra)).readExactly(2), "b>");
  assertEquals(await (await rig.client(fixed)).readExactly(2), "b>");
});

Deno.test("[tcp] no port is bound when one of them is taken", () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = refusingPort();
  const morePorts = [{ listen: taken.addr.port, backend: { offset: 0 } }];
  assertThrows(() => startProxy({ engine: "tcp", port, morePorts }), Deno.errors.AddrInUse);
  Deno.listen({ hostname: "127.0.0.1", port }).close();
});

Deno.test("[tcp] a trusted peer says for whom it speaks; what follows passes as it is", async () => {
  await using rig = new TcpRig({ proxyProtocol: true, isTrusted: () => true });
  rig.proxy.replace([target(rig.upstream(echo("a")).port)]);
  const client = await rig.client();
  await client.write("PROXY TCP4 198.51.100.7 192.0.2.1 4711 5432\r\nSELECT");
  assertEquals(await client.readExactly(8), "a>SELECT");
  await client.write(" 1");
  await client.closeWrite();
  assertEquals(await client.readAll(), " 1");
  await until(() => rig.log.length === 1, "the entry of the access log");
  assertEquals([rig.log[0]?.client, rig.log[0]?.requestBytes], ["198.51.100.7", 8]);
});

Deno.test("[tcp] a trusted peer that says nothing of the kind reaches no backend", async () => {
  await using rig = new TcpRig({ proxyProtocol: true, isTrusted: () => true });
  const upstream = rig.upstream(echo("a"));
  rig.proxy.replace([target(upstream.port)]);
  const client = await rig.client();
  await client.write("SELECT 1;\r\n");
  assertEquals(await client.readAll(), "");
  await until(() => rig.log.length === 1, "the entry of the access log");
  assertEquals(rig.log[0]?.reasons, ["bad_proxy_header"]);
  assertEquals(upstream.connections, 0);
});

Deno.test("[tcp] a shutdown does not wait for a peer that has not said for whom it speaks", async () => {
  await using rig = new TcpRig({ proxyProtocol: true, isTrusted: () => true });
  const client = await rig.client();
  await until(() => rig.proxy.counters.inFlight === 1, "the connection");
  await rig.proxy.shutdown({ drainTimeoutMs: 0 });
  assertEquals(await client.readAll(), "");
  assertEquals(rig.log.length, 1);
});

Deno.test("[tcp] a PROXY header of a peer that is not trusted is like any other bytes", async () => {
  await using rig = new TcpRig({ proxyProtocol: true });
  rig.proxy.replace([target(rig.upstream(echo("a")).port)]);
  const client = await rig.client();
  const header = "PROXY TCP4 198.51.100.7 192.0.2.1 4711 5432\r\n";
  await client.write(header);
  assertEquals(await client.readExactly(2 + header.length), `a>${header}`);
});

Deno.test("[tcp] TLS ends here if it is asked for, and the certificate can be exchanged", async () => {
  await using rig = new TcpRig({ certificate: FIRST });
  rig.proxy.replace([target(rig.upstream(echo("a")).port)]);
  const old = await speakTls(rig.proxy.port, FIRST.cert);
  rig.proxy.setCertificate(SECOND);
  const young = await speakTls(rig.proxy.port, SECOND.cert, ["h2"]);
  for (const conn of [old, young]) {
    await conn.write(new TextEncoder().encode("secret"));
    assertEquals(await readText(conn, 8), "a>secret");
    conn.close();
  }
  await until(() => rig.log.length === 2, "both entries of the access log");
  assertEquals(rig.log.map(({ requestBytes }) => requestBytes), [6, 6]);
});

Deno.test("[tcp] half-close works behind TLS too", async () => {
  await using rig = new TcpRig({ certificate: FIRST });
  const upstream = rig.upstream(async (conn) => {
    const all = await conn.readAll();
    await conn.write(`heard ${all}`);
  });
  rig.proxy.replace([target(upstream.port)]);
  using conn = await speakTls(rig.proxy.port, FIRST.cert);
  await conn.write(new TextEncoder().encode("question"));
  await conn.closeWrite();
  assertEquals(await readText(conn, 100), "heard question");
});

async function speakTls(
  port: number,
  trusted: string,
  alpnProtocols: string[] = [],
): Promise<Deno.TlsConn> {
  const caCerts = [trusted];
  const conn = await Deno.connectTls({ hostname: "localhost", port, caCerts, alpnProtocols });
  await conn.handshake();
  return conn;
}

/** Reads until the end, or until `length` characters have come. */
async function readText(conn: Deno.Conn, length: number): Promise<string> {
  const buffer = new Uint8Array(1024);
  let text = "";
  while (text.length < length) {
    const count = await conn.read(buffer);
    if (count === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text;
}
