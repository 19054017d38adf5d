import { assertEquals, assertRejects } from "@std/assert";
import type { Status } from "../../../src/control/operator.ts";
import { RawConnection } from "../../conformance/raw.ts";
import { until } from "../../conformance/rig.ts";
import { ManualClock } from "../proxy/manual_clock.ts";
import { logged, outputLine } from "./fake_operator.ts";
import { Rig, TOKEN } from "./rig.ts";
import { EVENTS } from "./sample_events.ts";

/** Reads a stream piece by piece, up to a separator. */
class Pieces implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #separator: string;
  #text = "";

  constructor(response: Response, separator: string) {
    this.#reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    this.#separator = separator;
  }

  /** The next piece; null: the stream has ended. */
  async next(): Promise<string | null> {
    for (;;) {
      const end = this.#text.indexOf(this.#separator);
      if (end >= 0) {
        const piece = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + this.#separator.length);
        return piece;
      }
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#text += value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }
}

/** Name and data of a server-sent event. */
function parsed(piece: string | null): [string, unknown] {
  const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(piece ?? "") ?? [];
  return [name ?? `${piece}`, data === undefined ? null : JSON.parse(data)];
}

async function events(rig: Rig, query = ""): Promise<Pieces> {
  const response = await rig.unix(`/v1/events${query}`);
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  return new Pieces(response, "\n\n");
}

const EVENT = logged({ type: "check.unchanged", id: "v1" });

Deno.test("events begin with the status", async () => {
  await using rig = await Rig.start();
  await using stream = await events(rig);
  assertEquals(parsed(await stream.next()), ["status", rig.operator.current]);
});

Deno.test("every event is told, and then the status as it is by then", async () => {
  await using rig = await Rig.start({ clock: new ManualClock() });
  await using stream = await events(rig);
  await stream.next();
  for (const event of EVENTS) rig.operator.tell(logged(event));
  rig.operator.current = { ...rig.operator.current, detail: "afterwards" };
  for (const event of EVENTS) assertEquals(parsed(await stream.next()), ["event", logged(event)]);
  assertEquals(parsed(await stream.next()), ["status", rig.operator.current]);
});

Deno.test("a status comes four times a second at most, and the last one is not lost", async () => {
  const clock = new ManualClock();
  await using rig = await Rig.start({ clock });
  await using stream = await events(rig);
  await stream.next();
  const seen: string[] = [];
  for (let i = 0; i < 10; i++) {
    rig.operator.current = { ...rig.operator.current, detail: `${i}` };
    rig.operator.tell(EVENT);
    await clock.advance(50);
  }
  await clock.advance(250);
  rig.operator.print(outputLine(1, "not asked for"));
  rig.operator.tell(logged({ type: "journal.recovered" }));
  for (let [name, data] = ["", null as unknown];;) {
    [name, data] = parsed(await stream.next());
    if (name === "status") seen.push((data as Status).detail);
    else if ((data as typeof EVENT).event.type === "journal.recovered") break;
  }
  assertEquals(seen, ["0", "4", "9"]);
});

Deno.test("what instances print is only told to who wants it", async () => {
  await using rig = await Rig.start();
  await using plain = await events(rig);
  await using loud = await events(rig, "?output=true");
  await Promise.all([plain.next(), loud.next()]);
  const line = outputLine(1, "hello\ndata: not the end\n\n");
  rig.operator.print(line);
  rig.operator.tell(EVENT);
  assertEquals(parsed(await plain.next()), ["event", EVENT]);
  assertEquals(parsed(await loud.next()), ["output", line]);
});

Deno.test("streams show every 15 s that they live", async () => {
  const clock = new ManualClock();
  await using rig = await Rig.start({ clock });
  await using stream = await events(rig);
  await using lines = new Pieces(await rig.unix("/v1/rolls/1/logs?follow=true"), "\n");
  await Promise.all([stream.next(), lines.next()]);
  for (let i = 0; i < 2; i++) {
    await clock.advance(15_000);
    assertEquals([await stream.next(), await lines.next()], [":", ""]);
  }
});

Deno.test("logs are one object a line, and end when they are not followed", async () => {
  await using rig = await Rig.start();
  const response = await rig.unix("/v1/logs");
  assertEquals(response.headers.get("content-type"), "application/x-ndjson");
  const expected = rig.operator.lines.map((line) => JSON.stringify(line) + "\n").join("");
  assertEquals(await response.text(), expected);
});

Deno.test("logs of one roll go on with the lines of that roll", async () => {
  await using rig = await Rig.start();
  await using lines = new Pieces(await rig.unix("/v1/rolls/1/logs?follow=true"), "\n");
  assertEquals(JSON.parse(await lines.next() ?? ""), outputLine(1, "one"));
  rig.operator.print(outputLine(2, "another"));
  rig.operator.print(outputLine(1, "more"));
  assertEquals(JSON.parse(await lines.next() ?? ""), outputLine(1, "more"));
});

Deno.test("who follows an instance that has not printed anything gets its first line", async () => {
  await using rig = await Rig.start();
  rig.operator.lines = [];
  await using lines = new Pieces(await rig.unix("/v1/logs?follow=true"), "\n");
  rig.operator.print(outputLine(1, "first"));
  assertEquals(JSON.parse(await lines.next() ?? ""), outputLine(1, "first"));
});

Deno.test("logs of a roll that never was are not there, followed or not", async () => {
  await using rig = await Rig.start();
  for (const path of ["/v1/rolls/5/logs", "/v1/rolls/5/logs?follow=true"]) {
    const response = await rig.unix(path);
    assertEquals([response.status, (await response.json()).code], [404, "not_found"]);
  }
});

Deno.test("when a reader leaves, nobody listens for it any more", async () => {
  await using rig = await Rig.start();
  {
    await using stream = await events(rig, "?output=true");
    await stream.next();
    assertEquals(rig.operator.listeners, 2);
  }
  await until(() => rig.operator.listeners === 0, "the end of the listeners");
});

Deno.test("who does not read is dropped; who does gets everything", async () => {
  await using rig = await Rig.start();
  await using slow = await RawConnection.open(rig.port);
  await slow.write(`GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
  await slow.readHead();
  await using fast = await events(rig);
  await fast.next();
  const large = logged({ type: "journal.failed", detail: "x".repeat(50_000) });
  assertEquals(rig.operator.listeners, 2);
  for (let i = 0; i < 1000 && rig.operator.listeners === 2; i++) {
    rig.operator.tell(large);
    for (let name = ""; name !== "event";) [name] = parsed(await fast.next());
  }
  assertEquals(rig.operator.listeners, 1);
  rig.operator.tell(EVENT);
  for (let last: unknown = null; JSON.stringify(last) !== JSON.stringify(EVENT);) {
    [, last] = parsed(await fast.next());
  }
});

Deno.test("a long beginning does not make a reader slow", async () => {
  await using rig = await Rig.start();
  rig.operator.lines = Array.from({ length: 1000 }, () => outputLine(1, "x".repeat(1000)));
  await using lines = new Pieces(await rig.unix("/v1/logs?follow=true"), "\n");
  rig.operator.print(outputLine(1, "last"));
  for (let i = 0; i < 1000; i++) await lines.next();
  assertEquals(JSON.parse(await lines.next() ?? ""), outputLine(1, "last"));
});

Deno.test("closing ends streams in order, although they have no end", async () => {
  const rig = await Rig.start();
  await using stream = await events(rig);
  await stream.next();
  rig.operator.tell(EVENT);
  await rig.server.close();
  assertEquals(parsed(await stream.next()), ["event", EVENT]);
  assertEquals(await stream.next(), null);
  assertEquals(rig.operator.listeners, 0);
  await rig[Symbol.asyncDispose]();
});

Deno.test("closing does not wait for a reader that does not read", async () => {
  const clock = new ManualClock();
  const rig = await Rig.start({ clock });
  rig.operator.lines = Array.from({ length: 1000 }, () => outputLine(1, "x".repeat(100_000)));
  const slow = await RawConnection.open(rig.port);
  const path = "/v1/logs?follow=true&limit=1000";
  await slow.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
  await slow.readHead();
  const closed = rig.server.close();
  await clock.advance(1500);
  // It does not even take what the system has for it.
  await clock.advance(500);
  await closed;
  slow.close();
  await rig[Symbol.asyncDispose]();
});

Deno.test("there are 64 streams at most", async () => {
  await using rig = await Rig.start();
  const abandon = new AbortController();
  // Whoever drops an answer may have it collected, and its stream stays open with nobody to end it.
  const kept: Response[] = [];
  for (let i = 0; i < 64; i++) kept.push(await rig.unix("/v1/events", { signal: abandon.signal }));
  const refused = await rig.unix("/v1/events");
  assertEquals([refused.status, (await refused.json()).code], [503, "unavailable"]);
  abandon.abort();
  await until(() => rig.operator.listeners === 0, "the end of the streams");
  assertEquals(kept.length, 64);
  await (await rig.unix("/v1/events")).body?.cancel();
});

Deno.test("nobody is told anything after the server has closed", async () => {
  const rig = await Rig.start();
  await rig.server.close();
  await assertRejects(() => rig.unix("/v1/events"));
  await rig[Symbol.asyncDispose]();
});
