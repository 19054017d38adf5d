import { assert, assertEquals, assertRejects } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { PATIENCE_MS } from "../helpers/event_log.ts";
import { HttpConnection, HttpFailure } from "../helpers/http.ts";
import { Latch } from "../helpers/latch.ts";
import { type Liveroll, withLiveroll } from "../helpers/liveroll.ts";
import { isFree } from "../helpers/ports.ts";
import { openSocket } from "../helpers/socket.ts";

const FOREVER = { "drain-timeout": "1h", "tunnel-grace": "1h", "stop-timeout": "1h" };

/** Publishes v2 and waits until it serves; v1 is on its way out then. */
async function switchToV2(liveroll: Liveroll): Promise<number> {
  const since = liveroll.offer("v2");
  await liveroll.waitFor("roll.switched", ({ instance }) => instance.id === "v2", since);
  return since;
}

function v1Gone(liveroll: Liveroll) {
  return liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === "v1");
}

Deno.test("K15 requests in flight when a roll happens are completed by the old version", () =>
  withLiveroll({ flags: FOREVER }, async (liveroll) => {
    using latch = new Latch();
    const asked = [1, 2, 3].map(() => liveroll.ask(latch.path()));
    const held = await latch.arrivals(3);
    await switchToV2(liveroll);
    assertEquals((await liveroll.ask()).text, "v2");
    for (const request of held) request.release();
    const answers = await Promise.all(asked);
    assertEquals(answers.map(({ status, text }) => `${status} ${text}`), Array(3).fill("200 v1"));
    const { finished, cut } = await liveroll.waitFor("drained");
    assertEquals([finished, cut], [3, 0]);
    await v1Gone(liveroll);
  }));

Deno.test("B01 the old child hears nothing of its end while it has work, and gets no new work", () =>
  withLiveroll({ flags: FOREVER }, async (liveroll) => {
    using latch = new Latch();
    const asked = liveroll.ask(latch.path());
    const held = await latch.arrival();
    await switchToV2(liveroll);
    for (let n = 0; n < 20; n++) assertEquals((await liveroll.ask()).text, "v2");
    const told = () => liveroll.log.dump().includes("toy v1 got TERM");
    assert(!told());
    held.release();
    assertEquals((await asked).text, "v1");
    await v1Gone(liveroll);
    assert(told());
    assertEquals(
      liveroll.log.lines.map(({ event }) => event)
        .filter((event) => /^(roll.switched|drained|instance.stopped)$/.test(event ?? "")).slice(1),
      ["roll.switched", "drained", "instance.stopped"],
    );
  }));

Deno.test("K16 requests that never end are ended at the drain limit, with 504 or by a cut", () =>
  withLiveroll(
    { flags: { "drain-timeout": "10ms", "stop-timeout": "200ms" } },
    async (liveroll) => {
      using latch = new Latch();
      const silent = Array.from({ length: 10 }, () => liveroll.ask(latch.path()));
      const begun = Array.from({ length: 10 }, () => liveroll.ask(latch.path({ head: true })));
      const ends = Promise.all([
        Promise.all(silent.map((asked) => asked.then(({ status }) => status))),
        Promise.all(begun.map((asked) => asked.then(() => "whole", endOf))),
      ]);
      await latch.arrivals(20);
      await switchToV2(liveroll);
      const { cut } = await liveroll.waitFor("drained");
      assertEquals(cut, 20);
      assertEquals(await ends, [Array(10).fill(504), Array(10).fill("truncated_body")]);
      await v1Gone(liveroll);
    },
  ));

function endOf(error: unknown): string {
  return error instanceof HttpFailure ? error.kind : String(error);
}

Deno.test("K17 without work in flight nothing is waited for", () =>
  withLiveroll({ flags: FOREVER }, async (liveroll) => {
    assertEquals((await liveroll.ask()).text, "v1");
    await switchToV2(liveroll);
    const { finished, cut } = await liveroll.waitFor("drained");
    assertEquals([finished, cut], [0, 0]);
    await v1Gone(liveroll);
  }));

Deno.test("K17 an idle keep-alive connection does not hold a drain, and lives on", () =>
  withLiveroll({ flags: FOREVER }, async (liveroll) => {
    using connection = await HttpConnection.connect(liveroll.port);
    assertEquals((await connection.ask("/")).text, "v1");
    await switchToV2(liveroll);
    await v1Gone(liveroll);
    assertEquals((await connection.ask("/")).text, "v2");
  }));

Deno.test("K18 B45 an open WebSocket is closed at the end of its grace, long before the drain limit", () =>
  withLiveroll({ flags: { ...FOREVER, "tunnel-grace": "100ms" } }, async (liveroll) => {
    const socket = await openSocket(liveroll.port);
    assertEquals(await socket.next(), "hello from v1");
    await switchToV2(liveroll);
    await socket.closed;
    await v1Gone(liveroll);
  }));

Deno.test("K19 messages pass during the grace, and the drain ends with the last socket", () =>
  withLiveroll({ flags: FOREVER }, async (liveroll) => {
    const socket = await openSocket(liveroll.port);
    assertEquals(await socket.next(), "hello from v1");
    await switchToV2(liveroll);
    for (const word of ["one", "two", "three"]) {
      socket.send(word);
      assertEquals(await socket.next(), word);
    }
    socket.send("close");
    const { code, reason } = await socket.closed;
    assertEquals([code, reason], [4001, "as you wish"]);
    await v1Gone(liveroll);
  }));

Deno.test("K20 an event stream goes on until the drain limit, and a new one comes from the new version", () =>
  withLiveroll({ flags: { ...FOREVER, "drain-timeout": "700ms" } }, async (liveroll) => {
    using connection = await HttpConnection.connect(liveroll.port);
    await connection.send("/sse?every=20");
    const stream = connection.body(await connection.readHead());
    await expectEvent(stream, "v1 0");
    await switchToV2(liveroll);
    await expectEvent(stream, "v1");
    await assertRejects(async () => {
      for await (const _ of stream);
    }, HttpFailure);
    const { cut, durationMs } = await liveroll.waitFor("drained");
    assertEquals(cut, 1);
    // Timers count whole milliseconds.
    assert(durationMs >= 699, `${durationMs} ms`);
    using again = await HttpConnection.connect(liveroll.port);
    await again.send("/sse?every=20");
    await expectEvent(again.body(await again.readHead()), "v2 0");
    await v1Gone(liveroll);
  }));

async function expectEvent(stream: AsyncGenerator<Uint8Array>, text: string): Promise<void> {
  const { value } = await deadline(stream.next(), PATIENCE_MS);
  const received = new TextDecoder().decode(value ?? new Uint8Array());
  assert(received.includes(text), `${JSON.stringify(received)} without ${text}`);
}

Deno.test("K22 a slow upload that began before a roll is completed by the old version", () =>
  withLiveroll({ flags: FOREVER }, async (liveroll) => {
    const body = crypto.getRandomValues(new Uint8Array(2_000));
    const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", body)).toHex();
    using latch = new Latch();
    using connection = await HttpConnection.connect(liveroll.port);
    const target = latch.path().replace("/latch", "/upload");
    const head = `POST ${target} HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n`;
    await connection.write(new TextEncoder().encode(head));
    await connection.write(body.subarray(0, 1));
    await latch.arrival();
    await switchToV2(liveroll);
    assertEquals((await liveroll.ask()).text, "v2");
    for (let at = 1; at < body.length; at += 100) {
      await connection.write(body.subarray(at, at + 100));
    }
    const answer = await connection.readHead();
    assertEquals(answer.status, 200);
    const received = JSON.parse(await readText(connection.body(answer)));
    assertEquals(received, { version: "v1", bytes: body.length, sha256 });
    await v1Gone(liveroll);
  }));

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const piece of body) text += new TextDecoder().decode(piece);
  return text;
}

Deno.test("K23 a large download in progress arrives whole", () =>
  withLiveroll({ flags: FOREVER }, async (liveroll) => {
    const total = 8_000_000;
    using connection = await HttpConnection.connect(liveroll.port);
    await connection.send(`/stream?bytes=${total}&pause=1`);
    const head = await connection.readHead();
    assertEquals(head.headers.get("x-version"), "v1");
    let received = 0;
    for await (const piece of connection.body(head)) {
      if (received === 0) await switchToV2(liveroll);
      assert(piece.every((byte, i) => byte === (received + i) % 251), `wrong bytes at ${received}`);
      received += piece.length;
    }
    assertEquals(received, total);
    const { finished, cut } = await liveroll.waitFor("drained");
    assertEquals([finished, cut], [1, 0]);
    await v1Gone(liveroll);
  }));

Deno.test("K24 an old version that ignores TERM is killed at the stop limit, and its port is free", () =>
  withLiveroll({
    flags: { ...FOREVER, "stop-timeout": "300ms" },
    behaviour: { onTerm: "ignore" },
  }, async (liveroll) => {
    await switchToV2(liveroll);
    const { outcome, instance } = await v1Gone(liveroll);
    assertEquals(outcome, "killed");
    assert(isFree(instance.port));
    assert(liveroll.log.dump().includes("toy v1 got TERM"));
    assertEquals((await liveroll.ask()).text, "v2");
    assertEquals(liveroll.children().size, 1);
  }));

Deno.test("K25 B02 an old version without a handler for TERM is gone as soon as the signal ends it", () =>
  withLiveroll({ flags: FOREVER, behaviour: { onTerm: "default" } }, async (liveroll) => {
    await switchToV2(liveroll);
    const { outcome } = await v1Gone(liveroll);
    assertEquals(outcome, "stopped");
  }));

Deno.test("an old version that takes its time to end does not hold up the new one", () =>
  withLiveroll({ flags: FOREVER, behaviour: { termDelayMs: 500 } }, async (liveroll) => {
    await switchToV2(liveroll);
    assertEquals((await liveroll.ask()).text, "v2");
    const { outcome } = await v1Gone(liveroll);
    assertEquals(outcome, "stopped");
  }));

Deno.test("K26 when the old version dies during its drain, requests that may be repeated go to the new one", () =>
  withLiveroll({ flags: FOREVER }, async (liveroll) => {
    using latch = new Latch();
    const asked = [1, 2, 3].map(() => liveroll.ask(latch.path()));
    const [first] = await latch.arrivals(3);
    await switchToV2(liveroll);
    Deno.kill(first!.pid, "SIGKILL");
    const again = await latch.arrivals(3);
    for (const request of again) request.release();
    const answers = await Promise.all(asked);
    assertEquals(answers.map(({ status, text }) => `${status} ${text}`), Array(3).fill("200 v2"));
    await v1Gone(liveroll);
  }));

Deno.test("K26 R5 a POST on an old version that dies is answered 502 and not repeated", () =>
  withLiveroll({ flags: FOREVER }, async (liveroll) => {
    using latch = new Latch();
    const asked = liveroll.ask(latch.path(), { method: "POST", body: "order" });
    const { pid } = await latch.arrival();
    await switchToV2(liveroll);
    Deno.kill(pid, "SIGKILL");
    assertEquals((await asked).status, 502);
    await v1Gone(liveroll);
  }));
