import { assertEquals } from "@std/assert";
import type { ByteStream } from "../../../../src/proxy/net/stream.ts";
import { BufferPool, UPLOAD_BYTES } from "../../../../src/proxy/relay/buffers.ts";
import { Input } from "../../../../src/proxy/relay/input.ts";

/** A stream whose reads are answered by hand. */
class HandStream implements ByteStream {
  reads: { buffer: Uint8Array; resolve(count: number | null): void; reject(): void }[] = [];

  read(buffer: Uint8Array): Promise<number | null> {
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    this.reads.push({ buffer, resolve, reject: () => reject(new Error("reset")) });
    return promise;
  }

  /** Lets the oldest read have `text`. */
  say(text: string): void {
    const read = this.reads.shift();
    read?.buffer.set(new TextEncoder().encode(text));
    read?.resolve(text.length);
  }

  write = (bytes: Uint8Array) => Promise.resolve(bytes.length);
  closeWrite = () => Promise.resolve();
  close() {}
}

function setUp(size = 8) {
  const stream = new HandStream();
  const buffers = new BufferPool(UPLOAD_BYTES, 8);
  const input = new Input(stream, new BufferPool(size, 1), buffers);
  const text = () => new TextDecoder().decode(input.bytes.subarray(input.start, input.end));
  return { stream, buffers, input, text };
}

Deno.test("Input has one read under way; who needs more joins it", async () => {
  const { stream, input, text } = setUp();
  const both = [input.fill(), input.fill()];
  assertEquals([stream.reads.length, input.pending], [1, true]);
  stream.say("abc");
  await Promise.all(both);
  assertEquals([text(), input.pending, input.state], ["abc", false, "open"]);
});

Deno.test("Input keeps what was not used, moves it, and grows only when it must", async () => {
  const { stream, input, text } = setUp(8);
  const more = async (said: string) => {
    const filled = input.fill();
    stream.say(said);
    await filled;
  };
  await more("abcdefgh");
  input.consume(6);
  await more("ijklmn");
  assertEquals([text(), input.bytes.length], ["ghijklmn", 8]);
  await more("op");
  assertEquals([text(), input.bytes.length], ["ghijklmnop", 16]);
  input.consume(10);
  input.shrink();
  assertEquals(input.bytes.length, 8);
});

Deno.test("Input.fillLarge() takes more room where nothing is held, and gives it back", async () => {
  const { stream, input, buffers } = setUp(8);
  const filled = input.fillLarge();
  assertEquals(stream.reads[0]?.buffer.length, UPLOAD_BYTES);
  stream.say("x");
  await filled;
  input.shrink();
  assertEquals(input.bytes.length, UPLOAD_BYTES, "what is held stays where it is");
  const large = input.bytes;
  input.consume(1);
  input.shrink();
  assertEquals([input.bytes.length, buffers.take() === large], [8, true]);
});

Deno.test("Input does not give a buffer away that a read still writes to", () => {
  const { input } = setUp(8);
  input.fillLarge();
  input.shrink();
  assertEquals(input.bytes.length, UPLOAD_BYTES);
});

Deno.test("Input tells an end from a break, once, and reads no more after it", async () => {
  for (const state of ["ended", "broken"] as const) {
    const { stream, input } = setUp();
    let told = 0;
    input.onEnd = () => told++;
    const filled = input.fill();
    if (state === "ended") stream.reads.shift()?.resolve(null);
    else stream.reads.shift()?.reject();
    await filled;
    await input.fill();
    assertEquals([input.state, told, stream.reads.length], [state, 1, 0]);
  }
});

Deno.test("Input.seed() puts what was read before in front", async () => {
  const { stream, input, text } = setUp(4);
  input.seed(new TextEncoder().encode("before"));
  const filled = input.fill();
  stream.say("!");
  await filled;
  assertEquals(text(), "before!");
});

Deno.test("Input.close() gives its buffers away once, and only when nobody uses them", async () => {
  const stream = new HandStream();
  const [own, large] = [new BufferPool(8, 8), new BufferPool(UPLOAD_BYTES, 8)];
  const returned = () => [own, large].map((pool) => pool.free);

  const idle = new Input(stream, own, large);
  idle.close();
  idle.close();
  assertEquals(returned(), [1, 0]);

  const reading = new Input(stream, own, large);
  const filled = reading.fillLarge();
  reading.close();
  assertEquals(returned(), [0, 0], "a read is under way");
  stream.reads.shift()?.reject();
  await filled;
  assertEquals(returned(), [1, 1]);

  const writing = new Input(stream, own, large);
  writing.lent++;
  writing.close();
  assertEquals(returned(), [0, 1], "a write is under way");
});

Deno.test("Input reads nothing more after close(), and tells nobody of its own end", async () => {
  const { stream, input } = setUp();
  let told = 0;
  input.onEnd = () => told++;
  input.close();
  await input.fill();
  assertEquals([input.state, stream.reads.length, told], ["broken", 0, 0]);
});
