/** Clients that take their time: others are served meanwhile, memory is bounded, limits fire. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async/delay";
import { type EngineName, ENGINES } from "../../src/proxy/engines.ts";
import type { Limits } from "../../src/proxy/limits.ts";
import type { Proxy } from "../../src/proxy/proxy.ts";
import { openFiles } from "../helpers/proc.ts";
import { linux, needs } from "../helpers/skip.ts";
import { converse } from "./hostile/conversation.ts";
import { readAnswers } from "./hostile/answer_reader.ts";
import { Crowd } from "./hostile/crowd.ts";
import { head, latin1, ok, RawUpstream } from "./raw.ts";
import { startProxy, until } from "./rig.ts";

const MIB = 1_048_576;
const LARGE = 64 * MIB;
const PIECE = new Uint8Array(65_536).fill(120);

/**
 * What a connection may hold at most, and what a runtime with a garbage collector needs for the
 * rest. Whoever keeps whole messages exceeds it many times over.
 */
const PER_CONNECTION = 262_144;
const SLACK = 64 * MIB;

/** The kernel keeps a few MiB of a connection by itself: receive and send buffers, twice. */
const IN_THE_KERNEL = LARGE / 2;

/** Answers small requests, sends a large answer, or takes no body, by the target. */
class SlowApplication implements AsyncDisposable {
  readonly #upstream: RawUpstream;
  readonly #hearing = Promise.withResolvers<void>();
  /** Bytes of large answers that the kernel has taken. */
  sent = 0;
  /** Bytes of bodies that came. */
  received = 0;

  constructor() {
    this.#upstream = new RawUpstream(async (conn) => {
      for (let asked = await conn.readHead(); asked !== null; asked = await conn.readHead()) {
        if (asked.startsWith("GET /large ")) {
          await conn.write(`HTTP/1.1 200 OK\r\nContent-Length: ${LARGE}\r\n\r\n`);
          for (let left = LARGE; left > 0; left -= PIECE.length) {
            await conn.writeBytes(PIECE);
            this.sent += PIECE.length;
          }
        } else if (asked.startsWith("POST /deaf ")) {
          await this.#hearing.promise;
          return;
        } else {
          const length = Number(/\r\ncontent-length: (\d+)/i.exec(asked)?.[1] ?? 0);
          const body = await conn.readExactly(length);
          this.received += body.length;
          await conn.write(ok());
        }
      }
    });
  }

  get target() {
    return { key: "a", host: "127.0.0.1", port: this.#upstream.port, alive: () => true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hearing.resolve();
    await this.#upstream[Symbol.asyncDispose]();
  }
}

interface Scene {
  readonly proxy: Proxy;
  readonly application: SlowApplication;
}

/** Runs `play` before a proxy, and sees that nothing of it stays open. */
async function withProxy(
  engine: EngineName,
  limits: Partial<Limits>,
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  const before = openFiles(Deno.pid);
  const application = new SlowApplication();
  const proxy = startProxy({ engine, limits });
  proxy.replace([application.target]);
  try {
    await othersAreServed(proxy, 20);
    await play({ proxy, application });
  } finally {
    await application[Symbol.asyncDispose]();
    await proxy.shutdown({ drainTimeoutMs: 1000 });
  }
  await until(() => openFiles(Deno.pid) <= before, "all files to be closed");
}

/** Keep-alive clients and new ones, every answer complete. */
async function othersAreServed(proxy: Proxy, count: number): Promise<void> {
  const asks = head("GET /small").repeat(count - 1) + head("GET /small", "Connection: close");
  const { answers, junk } = readAnswers((await converse(proxy.port, asks)).bytes, []);
  assertEquals(junk, "");
  assertEquals(answers.filter(({ status, body }) => status === 200 && body === "ok").length, count);
  for (let n = 0; n < count / 10; n++) {
    const { bytes } = await converse(proxy.port, head("GET /small", "Connection: close"));
    assertMatch(bytes, /^HTTP\/1.1 200 /);
  }
}

/** How much more memory this process has than `before`. */
function grown(before: number): number {
  return Deno.memoryUsage().rss - before;
}

for (const engine of Object.keys(ENGINES) as EngineName[]) {
  // Deno's server has none of these limits; the engine `tcp` has tests of its own.
  if (engine as string !== "relay") continue;
  const test = (name: string, fn: () => Promise<void>) =>
    Deno.test({ name: `${name.replace(":", ` [${engine}]`)}`, ...needs(linux()), fn });

  test("item 56: twenty readers of one byte at a time hold up nobody, and little memory", () =>
    withProxy(engine, {}, async ({ proxy, application }) => {
      const before = Deno.memoryUsage().rss;
      using readers = await Crowd.open(
        proxy.port,
        20,
        latin1(head("GET /large", "Connection: close")),
      );
      for (let tick = 0; tick < 50; tick++) await readers.readOneByteEach();
      await othersAreServed(proxy, 300);
      for (let tick = 0; tick < 50; tick++) await readers.readOneByteEach();
      assert(application.sent < 20 * IN_THE_KERNEL, `${application.sent} bytes went on`);
      assert(grown(before) < 20 * PER_CONNECTION + SLACK, `${grown(before)} bytes more memory`);
      // One of them hurries up, and gets everything.
      const rest = await readers.drainOne();
      assert(rest > LARGE, `${rest} bytes`);
    }));

  test("item 63: a reader that takes nothing is cut, and the application is told", () =>
    withProxy(engine, { clientSendTimeoutMs: 300 }, async ({ proxy }) => {
      using readers = await Crowd.open(
        proxy.port,
        3,
        latin1(head("GET /large", "Connection: close")),
      );
      await until(() => proxy.counters.inFlight === 3, "the answers to begin");
      await othersAreServed(proxy, 50);
      await until(() => proxy.counters.inFlight === 0, "the readers to be cut");
      assert(await readers.drainOne() < LARGE);
    }));

  test("item 56: uploads that the application does not read wait in the client", () =>
    withProxy(engine, {}, async ({ proxy }) => {
      const before = Deno.memoryUsage().rss;
      using writers = await Crowd.open(
        proxy.port,
        10,
        latin1(head("POST /deaf", `Content-Length: ${LARGE}`)),
      );
      const sent = await writers.writeWhilePossible(PIECE, LARGE);
      assert(sent < 10 * IN_THE_KERNEL, `${sent} bytes went on`);
      await othersAreServed(proxy, 300);
      assert(grown(before) < 10 * PER_CONNECTION + SLACK, `${grown(before)} bytes more memory`);
    }));

  test("item 63: heads byte by byte end with 408, whatever comes in between", () =>
    withProxy(engine, { clientHeadTimeoutMs: 300 }, async ({ proxy }) => {
      using writers = await Crowd.open(proxy.port, 20, latin1("G"));
      const drip = latin1("ET /never HTTP/1.1\r\nHost: a.example\r\nX-Slow: ".padEnd(100_000, "x"));
      const answers = writers.readAllEach();
      let answered = false;
      answers.then(() => answered = true);
      for (let n = 0; n < drip.length && !answered; n++) {
        await writers.writeEach(drip.subarray(n, n + 1));
        if (n === 3) await othersAreServed(proxy, 50);
        await delay(5);
      }
      for (const text of await answers) assertMatch(text, /^HTTP\/1.1 408 .*\r\n/);
    }));

  test("item 63: a body in drips goes through, one that stops is a 408", () =>
    withProxy(engine, { clientBodyTimeoutMs: 700 }, async ({ proxy, application }) => {
      const post = latin1(head("POST /small", "Content-Length: 30", "Connection: close"));
      using drips = await Crowd.open(proxy.port, 10, post);
      using stops = await Crowd.open(proxy.port, 10, post);
      await stops.writeEach(latin1("x"));
      const [complete, stopped] = [drips.readAllEach(), stops.readAllEach()];
      for (let n = 0; n < 30; n++) {
        await drips.writeEach(latin1("x"));
        await delay(40);
      }
      for (const text of await complete) assertMatch(text, /^HTTP\/1.1 200 /);
      for (const text of await stopped) assertMatch(text, /^HTTP\/1.1 408 /);
      assertEquals(application.received, 300);
      await othersAreServed(proxy, 50);
    }));

  test("item 63: a thousand idle connections cost little and end by themselves", () =>
    withProxy(engine, { clientIdleTimeoutMs: 0 }, async ({ proxy }) => {
      const before = Deno.memoryUsage().rss;
      using silent = await Crowd.open(proxy.port, 900, new Uint8Array(0));
      using once = await Crowd.open(proxy.port, 100, latin1(head("GET /small")));
      const [silentEnds, onceEnds] = [silent.readAllEach(), once.readAllEach()];
      await othersAreServed(proxy, 300);
      assert(grown(before) < 1000 * 32_768 + SLACK, `${grown(before)} bytes more memory`);
      assertEquals(new Set(await silentEnds), new Set([""]));
      for (const text of await onceEnds) assertEquals(readAnswers(text, []).answers.length, 1);
    }));

  test("item 63: five hundred half heads hold up nobody and get 408", () =>
    withProxy(engine, { clientHeadTimeoutMs: 2000 }, async ({ proxy }) => {
      const before = Deno.memoryUsage().rss;
      const half = `GET /never HTTP/1.1\r\nHost: a.example\r\nX: ${"x".repeat(50_000)}`;
      using flood = await Crowd.open(proxy.port, 500, latin1(half));
      const ends = flood.readAllEach();
      await othersAreServed(proxy, 300);
      assert(grown(before) < 500 * PER_CONNECTION + SLACK, `${grown(before)} bytes more memory`);
      for (const text of await ends) assertMatch(text, /^HTTP\/1.1 408 /);
      assertEquals(proxy.counters.inFlight, 0);
      await othersAreServed(proxy, 50);
    }));

  test("item 63: beyond the limit of connections clients wait, and are served in the end", () =>
    withProxy(engine, { maxConnections: 50, clientIdleTimeoutMs: 0 }, async ({ proxy }) => {
      using idle = await Crowd.open(proxy.port, 50, new Uint8Array(0));
      using waiting = await Crowd.open(
        proxy.port,
        100,
        latin1(head("GET /small", "Connection: close")),
      );
      const [ends, answers] = [idle.readAllEach(), waiting.readAllEach()];
      assertEquals(new Set(await ends), new Set([""]));
      for (const text of await answers) assertMatch(text, /^HTTP\/1.1 200 /);
    }));
}
