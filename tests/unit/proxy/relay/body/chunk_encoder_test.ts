import { assertEquals } from "@std/assert";
import {
  CHUNK_HEADROOM,
  CHUNK_TAILROOM,
  LAST_CHUNK,
  writeChunkEnd,
  writeChunkHeader,
} from "../../../../../src/proxy/relay/body/chunk_encoder.ts";
import { text } from "./feed.ts";

Deno.test("A chunk is written around its data in place", () => {
  const data = "hello, chunked world";
  const bytes = new Uint8Array(CHUNK_HEADROOM + data.length + CHUNK_TAILROOM);
  new TextEncoder().encodeInto(data, bytes.subarray(CHUNK_HEADROOM));
  const from = writeChunkHeader(bytes, CHUNK_HEADROOM, data.length);
  const to = writeChunkEnd(bytes, CHUNK_HEADROOM + data.length);
  assertEquals(text(bytes.subarray(from, to)), `14\r\n${data}\r\n`);
});

for (
  const [size, header] of [
    [1, "1\r\n"],
    [15, "f\r\n"],
    [16, "10\r\n"],
    [65_536, "10000\r\n"],
    [2 ** 32 - 1, "ffffffff\r\n"],
  ] as const
) {
  Deno.test(`The header of a chunk of ${size} bytes fits into the headroom`, () => {
    const bytes = new Uint8Array(CHUNK_HEADROOM);
    const from = writeChunkHeader(bytes, CHUNK_HEADROOM, size);
    assertEquals(text(bytes.subarray(from)), header);
  });
}

Deno.test("The last chunk ends a body without trailers", () => {
  assertEquals(text(LAST_CHUNK), "0\r\n\r\n");
});
