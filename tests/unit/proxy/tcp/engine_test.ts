import { assert, assertEquals, assertThrows } from "@std/assert";
import type { AccessEntry } from "../../../../src/proxy/access_log.ts";
import { Counters } from "../../../../src/proxy/counters.ts";
import { Dispatcher } from "../../../../src/proxy/dispatcher.ts";
import type { EngineOptions } from "../../../../src/proxy/engine.ts";
import { DEFAULT_LIMITS } from "../../../../src/proxy/limits.ts";
import type { Accepted, Acceptor, ByteStream, Network } from "../../../../src/proxy/net/stream.ts";
import { Pool } from "../../../../src/proxy/pool.ts";
import { startTcpEngineOn } from "../../../../src/proxy/tcp/engine.ts";
import { ManualClock, settled } from "../manual_clock.ts";
import { FakeStream } from "../net/fake_stream.ts";

/** A connection to a backend that is being made. */
interface Call {
  readonly port: number;
  readonly signal: AbortSignal;
  succeed(stream: ByteStream): void;
}

/** Sockets that do what the test says. */
class FakeNetwork implements Network {
  readonly calls: Call[] = [];
  readonly certificates: string[] = [];
  readonly #acceptors: { give(accepted: Accepted): void }[] = [];

  listen({ hostname, port }: { hostname: string; port: number }): Acceptor {
    const waiting: Accepted[] = [];
    let wake = () => {};
    let closed = false;
    this.#acceptors.push({
      give: (accepted) => {
        waiting.push(accepted);
        wake();
      },
    });
    return {
      hostname,
      port,
      accept: async () => {
        while (waiting.length === 0 && !closed) await new Promise<void>((ok) => wake = ok);
        if (closed) throw new Deno.errors.BadResource("closed");
        return waiting.shift()!;
      },
      setCertificate: ({ cert }) => void this.certificates.push(cert),
      close: () => {
        closed = true;
        wake();
      },
    };
  }

  connect(_host: string, port: number, signal: AbortSignal): Promise<ByteStream> {
    const { promise, resolve, reject } = Promise.withResolvers<ByteStream>();
    this.calls.push({ port, signal, succeed: resolve });
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    return promise;
  }

  /** A new client. */
  arrives({ prepare = (_: FakeStream) => {}, acceptor = 0 } = {}): FakeStream {
    const stream = new FakeStream();
    prepare(stream);
    this.#acceptors[acceptor]!.give({ stream, ip: "192.0.2.1", port: 5000 });
    return stream;
  }
}

function setUp(extra: Partial<EngineOptions> = {}) {
  const clock = new ManualClock();
  const counters = new Counters();
  const network = new FakeNetwork();
  const log: AccessEntry[] = [];
  const random = () => 0;
  const pool = new Pool({ clock, random, queueLimit: 10 });
  const engine = startTcpEngineOn(network, {
    hostname: "127.0.0.1",
    port: 5432,
    morePorts: [{ listen: 5433, backend: { offset: 1 } }],
    portMapping: { offset: 0 },
    sockets: null,
    dispatcher: new Dispatcher({
      pool,
      counters,
      clock,
      random,
      queueTimeoutMs: 10_000,
      retryUnsafe: true,
    }),
    counters,
    clock,
    limits: { ...DEFAULT_LIMITS, connectTimeoutMs: 1000 },
    isTrusted: () => false,
    responseHeadTimeoutMs: 0,
    retryStatus: [],
    replayBufferBytes: 0,
    certificate: null,
    proxyProtocol: false,
    forwarded: false,
    via: null,
    healthPath: null,
    accessLog: { record: (entry) => void log.push(entry) },
    onError: (error) => {
      throw error;
    },
    ...extra,
  });
  const serve = (...ports: number[]) =>
    pool.replace(
      ports.map((port) => ({ key: `b${port}`, host: "127.0.0.1", port, alive: () => true })),
    );
  const cut = () => pool.cutAll("shutdown");
  const stop = async () => {
    pool.closeHold();
    await engine.shutdown({ drainTimeoutMs: 0, signal: AbortSignal.abort() }, cut);
  };
  return { clock, counters, network, log, pool, engine, serve, [Symbol.asyncDispose]: stop };
}

Deno.test("a backend that does not take the connection in time is passed over", async () => {
  await using rig = setUp();
  rig.serve(1, 2);
  const client = rig.network.arrives();
  await settled();
  assertEquals(rig.network.calls.map(({ port }) => port), [1]);
  await rig.clock.advance(1000);
  assertEquals(rig.network.calls.length, 1);
  await rig.clock.advance(200);
  assertEquals(rig.network.calls.map(({ port }) => port), [1, 2]);
  assertEquals(rig.counters.retried, { connect_timeout: 1 });
  const backend = new FakeStream().says("hello", null);
  rig.network.calls[1]!.succeed(backend);
  client.says(null);
  await until(() => rig.log.length === 1);
  assertEquals(client.written, ["hello"]);
  assertEquals([rig.log[0]?.tries, rig.log[0]?.reasons], [2, ["connect_timeout"]]);
});

Deno.test("no backend hears of a client before its handshake is done", async () => {
  await using rig = setUp();
  rig.serve(1);
  const shaken = Promise.withResolvers<void>();
  const client = rig.network.arrives({ prepare: (stream) => stream.ready = shaken.promise });
  await settled();
  assertEquals(rig.network.calls, []);
  shaken.resolve();
  await settled();
  rig.network.calls[0]!.succeed(new FakeStream().says("hello", null));
  client.says(null);
  await until(() => rig.log.length === 1);
  assertEquals([client.written, rig.log[0]?.reasons], [["hello"], []]);
});

Deno.test("a client whose handshake fails, or takes too long, ends without a backend", async () => {
  await using rig = setUp();
  rig.serve(1);
  const failed = Promise.reject(new Deno.errors.ConnectionReset());
  failed.catch(() => {});
  rig.network.arrives({ prepare: (stream) => stream.ready = failed });
  await until(() => rig.log.length === 1);
  const silence = Promise.withResolvers<void>();
  silence.promise.catch(() => {});
  const silent = rig.network.arrives({
    prepare: (stream) => {
      stream.ready = silence.promise;
      stream.onClose = silence.reject;
    },
  });
  await settled();
  await rig.clock.advance(DEFAULT_LIMITS.clientHeadTimeoutMs + 300);
  await until(() => rig.log.length === 2);
  assertEquals(silent.closed, true);
  assertEquals(rig.network.calls, []);
  assertEquals(rig.log.map(({ reasons, backend }) => [reasons, backend]), [
    [["bad_handshake"], null],
    [["bad_handshake"], null],
  ]);
});

Deno.test("a client that resets its connection ends the attempt to connect", async () => {
  await using rig = setUp();
  rig.serve(1);
  const client = rig.network.arrives();
  await settled();
  client.says(new Deno.errors.ConnectionReset("reset"));
  await until(() => rig.log.length === 1);
  assert(rig.network.calls[0]!.signal.aborted);
  assertEquals(rig.log[0]?.reasons, ["client_gone"]);
  assertEquals([rig.counters.clientGone, rig.counters.failed, rig.counters.inFlight], [1, 0, 0]);
});

Deno.test("a client that ends its half while the backend is connected is still served", async () => {
  await using rig = setUp();
  rig.serve(1);
  const client = rig.network.arrives();
  client.says(null);
  await settled();
  const backend = new FakeStream().says("the time is up", null);
  rig.network.calls[0]!.succeed(backend);
  await until(() => rig.log.length === 1);
  assertEquals(client.written, ["the time is up"]);
  assert(backend.ended);
});

Deno.test("R12 a client that ended its half in silence does not wait for a second backend", async () => {
  await using rig = setUp();
  rig.serve(1);
  const client = rig.network.arrives();
  client.says(null);
  await settled();
  rig.pool.remove("b1");
  await rig.clock.advance(1200);
  await until(() => rig.log.length === 1);
  assertEquals(rig.log[0]?.reasons, ["connect_timeout", "client_gone"]);
  assertEquals(rig.network.calls.length, 1);
});

Deno.test("a drain ends what is still connecting when its time is up", async () => {
  await using rig = setUp();
  rig.serve(1);
  const client = rig.network.arrives();
  await settled();
  const drained = rig.pool.drain("b1", { timeoutMs: 500, tunnelGraceMs: 0 });
  await rig.clock.advance(500);
  assertEquals(await drained, { finished: 0, cut: 1 });
  await until(() => rig.log.length === 1);
  assert(client.closed);
  assertEquals(rig.log[0]?.reasons, ["cut"]);
});

Deno.test("a connection that is cut in the moment it is made leaves nothing open", async () => {
  await using rig = setUp();
  rig.serve(1);
  const client = rig.network.arrives();
  await settled();
  const backend = new FakeStream();
  rig.network.calls[0]!.succeed(backend);
  rig.pool.cutAll("drain");
  await until(() => rig.log.length === 1);
  assert(client.closed && backend.closed);
  assertEquals(rig.counters.cut, 1);
});

Deno.test("the same when the client has ended its half before", async () => {
  await using rig = setUp();
  rig.serve(1);
  rig.network.arrives().says(null);
  await settled();
  const backend = new FakeStream();
  rig.network.calls[0]!.succeed(backend);
  rig.pool.cutAll("drain");
  await until(() => rig.log.length === 1);
  assert(backend.closed);
});

Deno.test("every listener leads to its own port, and gets the new certificate", async () => {
  await using rig = setUp();
  rig.serve(7);
  rig.network.arrives({ acceptor: 1 });
  await settled();
  assertEquals(rig.network.calls.map(({ port }) => port), [8]);
  rig.engine.setCertificate({ cert: "new", key: "k" });
  assertEquals(rig.network.certificates, ["new", "new"]);
  assertEquals([rig.engine.hostname, rig.engine.port], ["127.0.0.1", 5432]);
});

Deno.test("a port that cannot be bound leaves none bound", () => {
  let open = 0;
  const network = new FakeNetwork();
  const listening: Network = {
    connect: () => Promise.reject(new Error("nobody connects here")),
    listen: (options) => {
      if (options.port === 5433) throw new Deno.errors.AddrInUse("taken");
      open++;
      const acceptor = network.listen(options);
      return { ...acceptor, close: () => void open-- };
    },
  };
  assertThrows(
    () =>
      startTcpEngineOn(listening, {
        hostname: "127.0.0.1",
        port: 5432,
        morePorts: [{ listen: 5433, backend: { offset: 1 } }],
      } as unknown as EngineOptions),
    Deno.errors.AddrInUse,
  );
  assertEquals(open, 0);
});

/** Lets things happen until `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn === 1000) throw new Error(`Cannot wait any longer: ${condition}`);
    await settled();
  }
}
