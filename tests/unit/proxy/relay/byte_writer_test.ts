import { assertEquals } from "@std/assert";
import { ByteWriter } from "../../../../src/proxy/relay/byte_writer.ts";

Deno.test("ByteWriter grows and keeps what was written", () => {
  const out = new ByteWriter(4);
  const source = Uint8Array.from({ length: 300 }, (_, index) => index);
  out.ascii("ab");
  out.copy(source, 10, 300);
  out.copy(source, 1, 3);
  assertEquals([...out.view()], [97, 98, ...source.subarray(10), 1, 2]);
});

Deno.test("ByteWriter.reset() keeps the buffer", () => {
  const out = new ByteWriter(4);
  out.ascii("abc");
  const { bytes } = out;
  out.reset();
  assertEquals(out.view().length, 0);
  out.ascii("\u00ff");
  assertEquals([...out.view()], [0xff]);
  assertEquals(out.bytes, bytes);
});

Deno.test("ByteWriter.reserve() makes room at once", () => {
  const out = new ByteWriter(1);
  out.reserve(100);
  const { bytes } = out;
  out.copy(new Uint8Array(100), 0, 100);
  assertEquals(out.bytes === bytes, true);
});
