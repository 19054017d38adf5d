import { assertEquals, assertMatch } from "@std/assert";
import { ManualClock } from "../unit/proxy/manual_clock.ts";
import type { Limits } from "../../src/proxy/limits.ts";
import { item, RELAY } from "./item.ts";
import { head, RawConnection, type Script } from "./raw.ts";
import { gated, Rig, startProxy, until, values } from "./rig.ts";

/** A rig on a clock that moves only by hand; every limit is out of the way but those given. */
function timed(
  script: Script,
  limits: Partial<Limits>,
  options: ConstructorParameters<typeof Rig>[1] = {},
) {
  const clock = new ManualClock();
  const rig = new Rig(script, { engine: "relay", clock, limits, ...options });
  return { clock, rig };
}

/** Serves everybody at once. */
const serves = gated(Promise.resolve(), "ok");

item(63, "a head that does not end in time is a 408", RELAY, async () => {
  const { clock, rig } = timed(serves, { clientHeadTimeoutMs: 1000 });
  await using _rig = rig;
  await using client = await rig.connect();
  await client.write("GET / HTTP/1.1\r\nHost: a\r\n");
  await clock.advance(5000);
  const answer = await client.readAll();
  assertMatch(answer, /^HTTP\/1.1 408 /);
  assertEquals(values(answer, "connection"), ["close"]);
  assertEquals(client.wasReset, false);
});

item(63, "a head that trickles gains no time", RELAY, async () => {
  const { clock, rig } = timed(serves, { clientHeadTimeoutMs: 1000 });
  await using _rig = rig;
  await using client = await rig.connect();
  let sent = 0;
  for (const byte of "GET / HTTP/1.1\r\nHost: a\r\n\r") {
    if (rig.proxy.counters.total > 0) break;
    await client.write(byte);
    await clock.advance(200);
    sent++;
  }
  assertMatch(await client.readAll(), /^HTTP\/1.1 408 /);
  assertEquals(sent >= 5 && sent <= 10, true, `${sent} bytes`);
});

item(
  63,
  "an idle connection is closed without a word",
  RELAY,
  async () => {
    const { clock, rig } = timed(serves, { clientIdleTimeoutMs: 1000 });
    await using _rig = rig;
    await using fresh = await rig.connect();
    await using used = await rig.connect();
    await used.write(head("GET /"));
    await used.readHead();
    await used.readExactly(2);
    await clock.advance(5000);
    assertEquals([await fresh.readAll(), await used.readAll()], ["", ""]);
  },
);

item(63, "a connection that is used is not idle", RELAY, async () => {
  const { clock, rig } = timed(serves, { clientIdleTimeoutMs: 1000 });
  await using _rig = rig;
  await using client = await rig.connect();
  for (let i = 0; i < 5; i++) {
    await client.write(head("GET /"));
    await client.readHead();
    await client.readExactly(2);
    await clock.advance(700);
  }
});

item(63, "a body that stalls is a 408, and its request ends", RELAY, async () => {
  let ended = false;
  const { clock, rig } = timed(async (conn) => {
    await conn.readAll();
    ended = true;
  }, { clientBodyTimeoutMs: 1000 });
  await using _rig = rig;
  await using client = await rig.connect();
  await client.write(head("POST /", "Content-Length: 10") + "abc");
  await until(() => rig.upstream.connections === 1, "the upload to begin");
  await clock.advance(5000);
  assertMatch(await client.readAll(), /^HTTP\/1.1 408 /);
  await until(() => ended, "the request to end");
});

item(63, "a client that does not take its answer is cut", RELAY, async () => {
  let ended = false;
  const { clock, rig } = timed(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
    for (const block = new Uint8Array(65536); !ended;) {
      await conn.writeBytes(block).catch(() => ended = true);
    }
  }, { clientSendTimeoutMs: 1000 });
  await using _rig = rig;
  await using client = await rig.connect();
  await client.write(head("GET /"));
  await client.readHead();
  await pass(clock, () => ended);
});

item(64, "no connection in time is a 504", RELAY, async () => {
  await using silent = new SilentBackend();
  const clock = new ManualClock();
  const proxy = startProxy({
    engine: "relay",
    clock,
    limits: { connectTimeoutMs: 1000 },
    queueTimeoutMs: 1000,
    random: () => 0.5,
  });
  await using client = await RawConnection.open(proxy.port);
  await silent.filled();
  proxy.replace([{ key: "a", host: "127.0.0.1", port: silent.port, alive: () => true }]);
  await client.write(head("GET /"));
  let answer: string | null = null;
  const read = client.readHead().then((text) => answer = text);
  await pass(clock, () => answer !== null);
  const { failed } = proxy.counters;
  await proxy.shutdown({ drainTimeoutMs: 0 });
  assertMatch(await read ?? "", /^HTTP\/1.1 504 /);
  // All waiting together is limited, that for connections, too.
  assertEquals([failed, clock.now() < 3000], [1, true], `after ${clock.now()} ms`);
});

item(64, "an answer that stalls is cut, and so is its client", RELAY, async () => {
  const { clock, rig } = timed(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    await conn.readAll();
  }, { responseIdleTimeoutMs: 1000 });
  await using _rig = rig;
  await using client = await rig.connect();
  await client.write(head("GET /"));
  await client.readHead();
  await clock.advance(5000);
  assertEquals(await client.readAll(), "abc");
});

item(64, "an answer that goes on in time is not cut", RELAY, async () => {
  const pieces = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const { clock, rig } = timed(
    async (conn) => {
      await conn.readHead();
      await conn.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
      for (const { promise } of pieces) {
        await promise;
        await conn.write("x");
      }
    },
    { responseIdleTimeoutMs: 1000 },
    { responseHeadTimeoutMs: 1000 },
  );
  await using _rig = rig;
  await using client = await rig.connect();
  await client.write(head("GET /"));
  await client.readHead();
  for (const { resolve } of pieces) {
    await clock.advance(700);
    resolve();
    assertEquals(await client.readExactly(1), "x");
  }
});

item(64, "a tunnel that carries nothing ends after its own time", RELAY, async () => {
  const { clock, rig } = timed(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: own\r\n\r\n");
    await conn.write(await conn.readExactly(1));
    await conn.readAll();
  }, { tunnelIdleTimeoutMs: 10_000, responseIdleTimeoutMs: 100, clientIdleTimeoutMs: 100 });
  await using _rig = rig;
  await using client = await rig.connect();
  await client.write(head("GET /", "Connection: upgrade", "Upgrade: own"));
  await client.readHead();
  await clock.advance(5000);
  await client.write("x");
  assertEquals(await client.readExactly(1), "x");
  await clock.advance(15_000);
  assertEquals(await client.readAll(), "");
});

/** Lets time pass until `condition` holds. */
async function pass(clock: ManualClock, condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    if (turns > 2000) throw new Error("Cannot let more time pass: nothing happened");
    await clock.advance(100);
  }
}

/** A listener that accepts nobody: once its queue is full, the system lets all others wait. */
class SilentBackend implements AsyncDisposable {
  #listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  #over = new AbortController();
  #connected = 0;
  #clients: Promise<Deno.TcpConn | null>[];
  readonly port = this.#listener.addr.port;

  constructor() {
    this.#clients = Array.from({ length: 8 }, () => this.#connect());
  }

  async filled(): Promise<void> {
    await until(() => this.#connected >= 2, "the queue to fill");
  }

  async #connect(): Promise<Deno.TcpConn | null> {
    const { port } = this;
    try {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port, signal: this.#over.signal });
      this.#connected++;
      return conn;
    } catch {
      return null;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    for (const conn of await Promise.all(this.#clients)) conn?.close();
    this.#listener.close();
  }
}
