import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { LineSplitter } from "../../../src/platform/lines.ts";

function split(chunks: readonly (string | Uint8Array)[], maxBytes?: number): string[] {
  const encoder = new TextEncoder();
  const splitter = new LineSplitter(maxBytes);
  const lines = chunks.flatMap((chunk) => [
    ...splitter.push(typeof chunk === "string" ? encoder.encode(chunk) : chunk),
  ]);
  return [...lines, ...splitter.end()];
}

function slices(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) => bytes.slice(index * size, (index + 1) * size));
}

Deno.test("LineSplitter takes LF and CRLF as the end of a line", () => {
  assertEquals(split(["a\nb\r\n\r\n\nc\n"]), ["a", "b", "", "", "c"]);
});

Deno.test("LineSplitter hands out a last line without an end of line", () => {
  assertEquals(split(["a\nb"]), ["a", "b"]);
  assertEquals(split(["a\n"]), ["a"]);
  assertEquals(split([]), []);
});

Deno.test("LineSplitter keeps a CR that is cut from its LF out of the line", () => {
  assertEquals(split(["a\r", "\nb"]), ["a", "b"]);
});

Deno.test("LineSplitter joins characters that arrive in pieces", () => {
  const bytes = new TextEncoder().encode("grün 🦕\nend");
  for (let size = 1; size <= bytes.length; size++) {
    assertEquals(split(slices(bytes, size)), ["grün 🦕", "end"]);
  }
});

Deno.test("LineSplitter cuts a long line into marked pieces and goes on", () => {
  assertEquals(split(["abcdefghij\nk\n"], 5), ["abcd…", "efgh…", "ij", "k"]);
});

Deno.test("LineSplitter never cuts within a character", () => {
  const pieces = split(["äöü€🦕äöü€🦕\n"], 6);
  assert(pieces.every((piece) => !piece.includes("\ufffd")), pieces.join("|"));
  assertEquals(pieces.map((piece) => piece.replace("…", "")).join(""), "äöü€🦕äöü€🦕");
});

Deno.test("LineSplitter survives bytes that are not text", () => {
  assertEquals(split([new Uint8Array([0xff, 0xfe, 0x80, 10, 65])]), ["\ufffd\ufffd\ufffd", "A"]);
  assertEquals(split([new Uint8Array(20).fill(0x80)], 8).join("").length > 0, true);
});

Deno.test("LineSplitter hands out the same lines however the bytes arrive", () => {
  const text = fc.array(fc.string({ unit: "binary" }).map((line) => line.replace(/[\r\n]/g, "")));
  fc.assert(fc.property(text, fc.integer({ min: 1, max: 9 }), (lines, size) => {
    const bytes = new TextEncoder().encode(lines.map((line) => line + "\n").join(""));
    assertEquals(split(slices(bytes, size)), lines);
  }));
});
