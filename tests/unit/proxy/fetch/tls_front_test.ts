import { assertEquals, assertRejects } from "@std/assert";
import { TlsFront } from "../../../../src/proxy/fetch/tls_front.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { FIRST } from "../../../fixtures/tls/certificates.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };

const LIMITS = { clientHeadTimeoutMs: 5000, maxConnections: 0 };

/** A front, and the server behind it. */
class Rig implements AsyncDisposable {
  readonly server = Deno.listen(LOCAL);
  readonly front: TlsFront;

  constructor(limits = LIMITS) {
    const onError = (error: unknown) => console.error(error);
    this.front = new TlsFront({
      ...LOCAL,
      certificate: FIRST,
      limits,
      clock: systemClock,
      onError,
    });
    this.front.start(this.server.addr);
  }

  connect(): Promise<Deno.TlsConn> {
    return Deno.connectTls({ ...LOCAL, port: this.front.port, caCerts: [FIRST.cert] });
  }

  /** Both ends of one connection; the client has said `hello`. */
  async open(): Promise<{ client: Deno.TlsConn; inside: Deno.TcpConn }> {
    const client = await this.connect();
    await client.write(bytes("hello"));
    const inside = await this.server.accept();
    assertEquals(await readText(inside), "hello");
    return { client, inside };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.front.stop();
    this.front.end();
    await this.front.idle();
    try {
      this.server.close();
    } catch {
      // The test has closed it.
    }
  }
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function readText(conn: Deno.Conn): Promise<string | null> {
  const buffer = new Uint8Array(100);
  const count = await conn.read(buffer);
  return count === null ? null : new TextDecoder().decode(buffer.subarray(0, count));
}

Deno.test("who is behind a connection is known as long as it lasts", async () => {
  await using rig = new Rig();
  const { client, inside } = await rig.open();
  const { hostname, port } = inside.remoteAddr;
  const address = { hostname, port };
  assertEquals(rig.front.peer(address), { ip: "127.0.0.1", port: client.localAddr.port });
  assertEquals(rig.front.peer({ hostname, port: port - 1 }), null);
  assertEquals(rig.front.peer({ hostname: "127.0.0.5", port }), null);
  client.close();
  inside.close();
  await rig.front.idle();
  assertEquals(rig.front.peer(address), null);
});

Deno.test("what the server says last arrives, and then the end", async () => {
  await using rig = new Rig();
  const { client, inside } = await rig.open();
  await inside.write(bytes("bye"));
  inside.close();
  assertEquals([await readText(client), await readText(client)], ["bye", null]);
  client.close();
  await rig.front.idle();
});

Deno.test("stop() leaves connections alone, end() ends them", async () => {
  await using rig = new Rig();
  const { client, inside } = await rig.open();
  await rig.front.stop();
  await assertRejects(() => rig.connect(), Deno.errors.ConnectionRefused);
  await client.write(bytes("still here"));
  assertEquals(await readText(inside), "still here");
  rig.front.end();
  await rig.front.idle();
  assertEquals(await readText(inside), null);
  inside.close();
  client.close();
});

Deno.test("without a server clients are sent away", async () => {
  await using rig = new Rig();
  rig.server.close();
  const client = await rig.connect();
  await client.write(bytes("hello"));
  await client.read(new Uint8Array(1)).catch(() => null);
  client.close();
  await rig.front.idle();
});

Deno.test("a client that never says anything is given up", async () => {
  await using rig = new Rig({ ...LIMITS, clientHeadTimeoutMs: 10 });
  const client = await Deno.connect({ ...LOCAL, port: rig.front.port });
  assertEquals(await readText(client), null);
  client.close();
  await rig.front.idle();
});
