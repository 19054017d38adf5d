import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { demultiplex, type OutputStream } from "../../../../src/container/engine/demultiplex.ts";
import { EngineUnreachableError } from "../../../../src/container/engine/engine_error.ts";
import { linesOf } from "../../../../src/container/engine/logs.ts";

interface Frame {
  stream: OutputStream;
  text: string;
}

Deno.test("both streams come out as they went in, however the bytes are cut", async () => {
  const frame = fc.record({
    stream: fc.constantFrom<OutputStream>("stdout", "stderr"),
    text: fc.string({ unit: "grapheme", maxLength: 30 }),
  });
  const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });
  await fc.assert(fc.asyncProperty(fc.array(frame), cuts, async (frames, sizes) => {
    const pieces = await Array.fromAsync(demultiplex(cut(packed(frames), sizes)));
    for (const stream of ["stdout", "stderr"] as const) {
      const of = <T extends { stream: OutputStream }>(all: T[]) =>
        all.filter((one) => one.stream === stream);
      const parts = of(pieces).map(({ bytes }) => new Uint8Array(bytes));
      const expected = of(frames).map(({ text }) => text).join("");
      assertEquals(await new Blob(parts).text(), expected);
    }
  }));
});

Deno.test("lines are complete, although other output comes in between", async () => {
  const bytes = packed([
    { stream: "stdout", text: "one\ntw" },
    { stream: "stderr", text: "bad " },
    { stream: "stdout", text: "o\nthree" },
    { stream: "stderr", text: "thing\n" },
  ]);
  const lines = await Array.fromAsync(linesOf(demultiplex(cut(bytes, [7]))));
  assertEquals(lines.map(({ stream, text }) => `${stream} ${text}`), [
    "stdout one",
    "stdout two",
    "stderr bad thing",
    "stdout three",
  ]);
});

for (const kept of [1, 7, 8, 10]) {
  Deno.test(`output that breaks off after ${kept} bytes says so`, async () => {
    const bytes = packed([{ stream: "stdout", text: "one" }]).subarray(0, kept);
    const read = () => Array.fromAsync(demultiplex(cut(bytes, [3])));
    const error = await assertRejects(read, EngineUnreachableError, "broke off");
    assertEquals(error.outage, "broken");
  });
}

function packed(frames: readonly Frame[]): Uint8Array {
  const bytes = frames.flatMap(({ stream, text }) => {
    const body = new TextEncoder().encode(text);
    const header = new DataView(new ArrayBuffer(8));
    header.setUint8(0, stream === "stderr" ? 2 : 1);
    header.setUint32(4, body.length);
    return [...new Uint8Array(header.buffer), ...body];
  });
  return new Uint8Array(bytes);
}

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length]!;
    yield await Promise.resolve(bytes.subarray(at, at + size));
    at += size;
  }
}
