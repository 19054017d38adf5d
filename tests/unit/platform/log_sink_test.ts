import { assert, assertEquals, assertFalse } from "@std/assert";
import { type LogOutput, LogSink } from "../../../src/platform/log_sink.ts";

const droppedLine = (count: number) => `${count} dropped\n`;

/** An output whose writes wait until they are let through. */
class Gate implements LogOutput {
  text = "";
  #opened = Promise.withResolvers<void>();
  #decoder = new TextDecoder();

  constructor(readonly bytesPerWrite = Infinity) {}

  open(): void {
    this.#opened.resolve();
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#opened.promise;
    const taken = bytes.subarray(0, this.bytesPerWrite);
    this.text += this.#decoder.decode(taken, { stream: true });
    return taken.length;
  }
}

function failing(error: Error, failures = Infinity): LogOutput & { text: string; calls: number } {
  return {
    text: "",
    calls: 0,
    write(bytes) {
      if (this.calls++ < failures) return Promise.reject(error);
      this.text += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  };
}

Deno.test("LogSink writes lines in order, whatever the size of a write", async () => {
  const out = new Gate(3);
  const sink = new LogSink(out, { droppedLine });
  for (const line of ["one\n", "zwölf\n", "three\n"]) sink.write(() => line);
  out.open();
  assert(await sink.flush(10_000));
  assertEquals(out.text, "one\nzwölf\nthree\n");
  assertEquals(sink.dropped, 0);
});

Deno.test("LogSink drops what does not fit and says how much after the recovery", async () => {
  const out = new Gate();
  const sink = new LogSink(out, { maxQueued: 6, droppedLine });
  for (const line of ["in flight\n", "a1\n", "a2\n", "lost\n", "lost\n"]) sink.write(() => line);
  assertEquals(sink.dropped, 2);
  out.open();
  assert(await sink.flush(10_000));
  assertEquals(out.text, "in flight\na1\na2\n2 dropped\n");
  sink.write(() => "after\n");
  assert(await sink.flush(10_000));
  assert(out.text.endsWith("2 dropped\nafter\n"));
});

Deno.test("LogSink does not even format a line that it drops", () => {
  const sink = new LogSink(new Gate(), { maxQueued: 1, droppedLine });
  sink.write(() => "in flight\n");
  sink.write(() => "queued\n");
  sink.write(() => {
    throw new Error("formatted");
  });
  assertEquals(sink.dropped, 1);
});

Deno.test("flush gives up on a stalled reader", async () => {
  const sink = new LogSink(new Gate(), { droppedLine });
  sink.write(() => "stuck\n");
  assertFalse(await sink.flush(10));
});

Deno.test("LogSink falls silent when nobody will ever read again", async () => {
  const out = failing(new Deno.errors.BrokenPipe("gone"));
  const sink = new LogSink(out, { droppedLine });
  sink.write(() => "a\n");
  await sink.flush(10_000);
  sink.write(() => "b\n");
  assert(await sink.flush(10_000));
  assertEquals([out.calls, sink.dropped], [1, 2]);
});

Deno.test("LogSink tries again when a shared pipe is full", async () => {
  const out = failing(new Deno.errors.WouldBlock("full"), 2);
  const sink = new LogSink(out, { droppedLine });
  sink.write(() => "a\n");
  assert(await sink.flush(10_000));
  assertEquals([out.text, sink.dropped], ["a\n", 0]);
});

Deno.test("LogSink outlives a full disk and reports the loss", async () => {
  const out = failing(new Error("No space left on device"), 1);
  const sink = new LogSink(out, { droppedLine });
  sink.write(() => "a\n");
  assert(await sink.flush(10_000));
  sink.write(() => "b\n");
  assert(await sink.flush(10_000));
  assertEquals(out.text, "1 dropped\nb\n");
});

Deno.test("LogSink picks up a line written in the moment of its last write", async () => {
  const out = new Gate();
  const sink = new LogSink(out, { droppedLine });
  out.open();
  for (let line = 0; line < 50; line++) {
    sink.write(() => `${line}\n`);
    for (let turn = 0; turn < line % 7; turn++) await Promise.resolve();
  }
  assert(await sink.flush(10_000));
  assertEquals(out.text.split("\n").length, 51);
});

Deno.test("LogSink that lingers writes lines together, and nobody who flushes waits for it", async () => {
  const writes: string[] = [];
  const out: LogOutput = {
    write(bytes) {
      writes.push(new TextDecoder().decode(bytes));
      return Promise.resolve(bytes.length);
    },
  };
  const sink = new LogSink(out, { droppedLine, lingerMs: 1_000_000 });
  for (const line of ["one\n", "two\n"]) sink.write(() => line);
  assertEquals(writes, []);
  assert(await sink.flush(10_000));
  sink.write(() => "three\n");
  assert(await sink.flush(10_000));
  assertEquals(writes, ["one\ntwo\n", "three\n"]);
});

Deno.test("LogSink that lingers writes at once when there is enough to write", async () => {
  const written = Promise.withResolvers<number>();
  const out: LogOutput = {
    write(bytes) {
      written.resolve(bytes.length);
      return Promise.resolve(bytes.length);
    },
  };
  const sink = new LogSink(out, { droppedLine, lingerMs: 1_000_000 });
  sink.write(() => "one\n");
  sink.write(() => "x".repeat(100_000));
  assertEquals(await written.promise, 100_004);
});

Deno.test("LogSink writes nothing for lost lines when there is nothing to say", async () => {
  const out = new Gate();
  const told: number[] = [];
  const sink = new LogSink(out, { maxQueued: 1, droppedLine: (count) => (told.push(count), "") });
  for (const line of ["in flight\n", "a\n", "lost\n"]) sink.write(() => line);
  out.open();
  assert(await sink.flush(10_000));
  assertEquals([out.text, told], ["in flight\na\n", [1]]);
});
