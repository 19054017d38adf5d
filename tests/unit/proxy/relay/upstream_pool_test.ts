import { assertEquals } from "@std/assert";
import { Backend } from "../../../../src/proxy/backend.ts";
import { DEFAULT_LIMITS } from "../../../../src/proxy/limits.ts";
import { Deadlines } from "../../../../src/proxy/net/deadlines.ts";
import type { ByteStream, Network } from "../../../../src/proxy/net/stream.ts";
import { Buffers } from "../../../../src/proxy/relay/buffers.ts";
import { UpstreamPool } from "../../../../src/proxy/relay/upstream_pool.ts";
import { ManualClock, settled } from "../manual_clock.ts";

const FOREVER = new AbortController().signal;

/** A connection on which nothing comes until the test says so. */
class QuietStream implements ByteStream {
  closed = false;
  #read = Promise.withResolvers<number | null>();

  read(): Promise<number | null> {
    return this.#read.promise;
  }

  say(count: number | null): void {
    this.#read.resolve(count);
  }

  close(): void {
    this.closed = true;
    this.#read.promise.catch(() => {});
    this.#read.reject(new Error("closed"));
  }

  write = (bytes: Uint8Array) => Promise.resolve(bytes.length);
  closeWrite = () => Promise.resolve();
}

function setUp() {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const streams: QuietStream[] = [];
  const network: Pick<Network, "connect"> = {
    connect: () => {
      const stream = new QuietStream();
      streams.push(stream);
      return Promise.resolve(stream);
    },
  };
  const pool = new UpstreamPool({
    network: {
      ...network,
      listen: () => {
        throw new Error("Cannot listen here");
      },
    },
    deadlines,
    buffers: new Buffers(),
    limits: DEFAULT_LIMITS,
  });
  const backend = new Backend({ key: "a", host: "127.0.0.1", port: 1, alive: () => true });
  const connect = async () => {
    const upstream = await pool.connect(backend, FOREVER);
    if (typeof upstream === "string") throw new Error(`Cannot connect: ${upstream}`);
    return upstream;
  };
  return { clock, deadlines, streams, pool, backend, connect };
}

Deno.test("UpstreamPool gives the connection back that was used last", async () => {
  const { pool, backend, connect, deadlines } = setUp();
  const [first, second] = [await connect(), await connect()];
  assertEquals(first.reused, false);
  pool.give(first, null);
  pool.give(second, null);
  assertEquals(pool.take(backend, true) === second, true);
  assertEquals(second.reused, true);
  assertEquals(pool.take(backend, true) === first, true);
  assertEquals(pool.take(backend, true), null);
  deadlines.close();
});

Deno.test("idle connections are closed after 4 s, or a second before the backend does", async () => {
  const cases = [[null, 4000], [60_000, 4000], [3000, 2000]] as const;
  for (const [said, expected] of cases) {
    const { pool, backend, connect, clock, streams, deadlines } = setUp();
    pool.give(await connect(), said);
    await clock.advance(expected - 1);
    assertEquals(streams[0]?.closed, false, `${said} ms, early`);
    await clock.advance(300);
    assertEquals([streams[0]?.closed, pool.take(backend, true)], [true, null], `${said} ms`);
    deadlines.close();
  }
});

Deno.test("a connection that the backend keeps for a second or less is not kept at all", async () => {
  const { pool, connect, streams, deadlines } = setUp();
  pool.give(await connect(), 1000);
  assertEquals(streams[0]?.closed, true);
  deadlines.close();
});

Deno.test("R4 a request that cannot be repeated takes only a connection that was just in use", async () => {
  const { pool, backend, connect, clock, deadlines } = setUp();
  const upstream = await connect();
  pool.give(upstream, null);
  assertEquals(pool.take(backend, false) === upstream, true);
  pool.give(upstream, null);
  deadlines.close();

  const later = setUp();
  const idle = await later.connect();
  later.pool.give(idle, null);
  await later.clock.advance(1500);
  assertEquals(later.pool.take(later.backend, false), null);
  assertEquals(later.pool.take(later.backend, true) === idle, true);
  later.deadlines.close();
  await clock.advance(0);
});

Deno.test("R4 a backend that closes right after an answer gets what cannot be repeated on fresh ones", async () => {
  const { pool, backend, connect, streams, deadlines } = setUp();
  const [first, second] = [await connect(), await connect()];
  pool.give(first, null);
  pool.give(second, null);
  streams[0]?.say(null);
  await settled();
  assertEquals(pool.take(backend, false), null);
  assertEquals(pool.take(backend, true) === second, true);
  deadlines.close();
});

Deno.test("item 39 what a backend says on an idle connection costs the connection", async () => {
  for (const said of [5, null]) {
    const { pool, backend, connect, streams, deadlines } = setUp();
    pool.give(await connect(), null);
    streams[0]?.say(said);
    await settled();
    assertEquals(streams[0]?.closed, true, `${said}`);
    assertEquals(pool.take(backend, true), null, `${said}`);
    deadlines.close();
  }
});

Deno.test("a backend that left the rotation keeps no connection", async () => {
  const { pool, backend, connect, streams, deadlines } = setUp();
  const [idle, busy] = [await connect(), await connect()];
  pool.give(idle, null);
  backend.withdraw();
  pool.forget(backend);
  pool.give(busy, null);
  assertEquals(streams.map(({ closed }) => closed), [true, true]);
  deadlines.close();
});

Deno.test("a connection that does not come in time is told from one that is refused", async () => {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const refused: Network["connect"] = () => Promise.reject(new Error("refused"));
  const silent: Network["connect"] = (_host, _port, signal) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const backend = new Backend({ key: "a", host: "127.0.0.1", port: 1, alive: () => true });
  const attempt = (connect: Network["connect"]) =>
    new UpstreamPool({
      network: {
        connect,
        listen: () => {
          throw new Error("Cannot listen here");
        },
      },
      deadlines,
      buffers: new Buffers(),
      limits: DEFAULT_LIMITS,
    }).connect(backend, FOREVER);
  assertEquals(await attempt(refused), "connect_failed");
  const waiting = attempt(silent);
  await clock.advance(1300);
  assertEquals(await waiting, "connect_timeout");
  deadlines.close();
});
