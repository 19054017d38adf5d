import { assertEquals, assertMatch } from "@std/assert";
import { Listener, type ListenerOptions } from "../../../../src/proxy/net/listener.ts";
import type { Accepted, Acceptor, ByteStream } from "../../../../src/proxy/net/stream.ts";
import { ManualClock, settled } from "../manual_clock.ts";

const STREAM: ByteStream = {
  read: () => Promise.resolve(null),
  write: (bytes) => Promise.resolve(bytes.length),
  closeWrite: () => Promise.resolve(),
  close() {},
};

/** Accepts what the test gives it. */
class ScriptedAcceptor implements Acceptor {
  readonly hostname = "127.0.0.1";
  readonly port = 80;
  accepting = 0;
  paused = 0;
  closed = false;
  #queue: (Accepted | Error)[] = [];
  #waiting: { resolve(accepted: Accepted): void; reject(error: Error): void } | null = null;

  connect(port: number): void {
    this.#give({ stream: STREAM, ip: "127.0.0.2", port });
  }

  fail(error: Error): void {
    this.#give(error);
  }

  accept(): Promise<Accepted> {
    this.accepting++;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      const next = this.#queue.shift();
      if (next) this.#give(next);
    });
  }

  setCertificate(): void {}

  pause(): void {
    this.paused++;
  }

  resume(): void {
    this.paused--;
  }

  close(): void {
    this.closed = true;
    this.fail(new Deno.errors.BadResource("closed"));
  }

  #give(next: Accepted | Error): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (!waiting) this.#queue.push(next);
    else if (next instanceof Error) waiting.reject(next);
    else waiting.resolve(next);
  }
}

function start(options: Partial<ListenerOptions> = {}) {
  const acceptor = new ScriptedAcceptor();
  const clock = new ManualClock();
  const ports: number[] = [];
  const ends: (() => void)[] = [];
  const errors: string[] = [];
  const listener = new Listener({
    acceptor,
    clock,
    maxConnections: 0,
    onConnection: ({ port }, done) => {
      ports.push(port);
      ends.push(done);
    },
    onError: (error) => errors.push(String(error)),
    ...options,
  });
  return { acceptor, clock, ports, ends, errors, listener };
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code} (os error)`), { code });
}

Deno.test("connections are handed over in order and counted until they end", async () => {
  const { acceptor, ports, ends, listener } = start();
  for (const port of [1, 2, 3]) acceptor.connect(port);
  await settled();
  assertEquals([ports, listener.connections], [[1, 2, 3], 3]);
  ends[1]?.();
  ends[1]?.();
  assertEquals(listener.connections, 2);
  await listener.close();
});

Deno.test("at the cap accepting pauses, and goes on when a connection ends", async () => {
  const { acceptor, ports, ends, listener } = start({ maxConnections: 2 });
  for (const port of [1, 2, 3, 4]) acceptor.connect(port);
  await settled();
  assertEquals([ports, acceptor.accepting, acceptor.paused], [[1, 2], 2, 1]);
  ends[0]?.();
  await settled();
  assertEquals([ports, acceptor.accepting], [[1, 2, 3], 3]);
  ends[1]?.();
  ends[2]?.();
  await settled();
  assertEquals([ports, listener.connections, acceptor.paused], [[1, 2, 3, 4], 1, 0]);
  await listener.close();
});

Deno.test("item 67 with nothing left it pauses, tells it once in 10 s and goes on", async () => {
  const { acceptor, clock, ports, errors, listener } = start();
  acceptor.fail(systemError("EMFILE"));
  await settled();
  assertEquals(errors, ["AcceptError: Cannot accept connections: EMFILE (os error)"]);
  for (let time = 0; time < 9900; time += 100) {
    acceptor.fail(systemError("EMFILE"));
    await clock.advance(100);
  }
  assertEquals([errors.length, acceptor.accepting], [1, 100]);
  acceptor.fail(systemError("ENFILE"));
  await clock.advance(100);
  assertMatch(errors[1] ?? "", /ENFILE/);
  acceptor.connect(5);
  await clock.advance(99);
  assertEquals(ports, []);
  await clock.advance(1);
  assertEquals(ports, [5]);
  await listener.close();
});

Deno.test("a client that is gone when its turn comes costs the others nothing", async () => {
  const { acceptor, ports, errors, listener } = start();
  acceptor.fail(new Deno.errors.NotConnected("Transport endpoint is not connected"));
  acceptor.fail(new Deno.errors.ConnectionAborted("Software caused connection abort"));
  acceptor.connect(1);
  await settled();
  assertEquals([ports, errors], [[1], []]);
  await listener.close();
});

Deno.test("close() ends the loop while it accepts, pauses or is full", async () => {
  const accepting = start();
  await settled();
  await accepting.listener.close();

  const pausing = start();
  pausing.acceptor.fail(systemError("EMFILE"));
  await settled();
  await pausing.listener.close();
  assertEquals(pausing.clock.sleeping, 0);

  const full = start({ maxConnections: 1 });
  full.acceptor.connect(1);
  await settled();
  await full.listener.close();
  assertEquals([full.listener.connections, full.acceptor.accepting], [1, 2]);
});

Deno.test("a connection that was accepted as close() was called is not lost", async () => {
  const { acceptor, ports, listener } = start();
  acceptor.connect(7);
  const closed = listener.close();
  assertEquals(listener.close(), closed);
  await closed;
  assertEquals([ports, acceptor.closed], [[7], true]);
});

Deno.test("connections that are over the limit when close() is called are served", async () => {
  const { acceptor, ports, listener } = start({ maxConnections: 1 });
  for (const port of [1, 2, 3]) acceptor.connect(port);
  await settled();
  assertEquals(ports, [1]);
  await listener.close();
  assertEquals(ports, [1, 2, 3]);
});
