import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  CHUNK_HEADROOM,
  CHUNK_TAILROOM,
  LAST_CHUNK,
  writeChunkEnd,
  writeChunkHeader,
} from "../../../../../src/proxy/relay/body/chunk_encoder.ts";
import { ChunkedFilter } from "../../../../../src/proxy/relay/body/chunked_filter.ts";
import type { BodyFilter } from "../../../../../src/proxy/relay/body/filter.ts";
import { LengthFilter } from "../../../../../src/proxy/relay/body/length_filter.ts";
import { feed, latin1, text } from "./feed.ts";

const RUNS = { numRuns: 300 };

/** What chunked bodies are made of, the good and the bad. */
const fragment = fc.constantFrom(
  "0",
  "1",
  "3",
  "a",
  "00",
  "\r\n",
  "\r\n",
  "\r\n",
  "\r",
  "\n",
  ";",
  ";a=b",
  " ",
  "\t",
  "abc",
  "A: b",
  "Host: x",
  ":",
  "\0",
  "\xff",
);
const noise = fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join(""));
const data = fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 40 });
const extension = fc.constantFrom("", "", ";x", ' ; q="a;b"');
const chunk = fc.tuple(data, extension, fc.integer({ min: 0, max: 3 })).map(
  ([content, extra, zeros]) =>
    `${"0".repeat(zeros)}${content.length.toString(16)}${extra}\r\n${content}\r\n`,
);
const trailer = fc.constantFrom("A: b\r\n", "Content-Length: 3\r\n", "X-Sum:\r\n");
const wellFormed = fc.tuple(fc.array(chunk), extension, fc.array(trailer)).map(
  ([chunks, extra, trailers]) => `${chunks.join("")}0${extra}\r\n${trailers.join("")}\r\n`,
);
/** A good body of which one byte was changed, or that was cut. */
const damaged = fc.tuple(wellFormed, fc.nat(), fc.constantFrom("", "\r", "\n", "5", ";", "\0", " "))
  .map(([body, at, byte]) => {
    const index = at % body.length;
    return body.slice(0, index) + byte + body.slice(index + 1);
  });
const anyBody = fc.oneof(noise, wellFormed, damaged).map((body) => `${body}GET / HTTP/1.1`);
const cuts = fc.array(fc.nat(300), { maxLength: 12 });

function split(body: string, at: readonly number[]): string[] {
  const places = [0, ...at.map((place) => place % (body.length + 1)), body.length];
  places.sort((a, b) => a - b);
  return places.slice(1).map((to, index) => body.slice(places[index], to));
}

function chunked(keepFraming: boolean, maxBodyBytes = 0): ChunkedFilter {
  return new ChunkedFilter({
    keepFraming,
    maxBodyBytes,
    maxTrailerBytes: 40,
    maxTrailers: 4,
    trailers: "keep",
    sender: "client",
  });
}

function property(make: () => BodyFilter): void {
  fc.assert(
    fc.property(anyBody, cuts, (body, at) => {
      const whole = feed(make(), [body]);
      assertEquals(feed(make(), split(body, at)), whole);
      assertEquals(feed(make(), [...body]), whole);
    }),
    RUNS,
  );
}

Deno.test("Any split of a chunked body gives the same output, count and verdict", () => {
  property(() => chunked(true));
});

Deno.test("Any split of a chunked body gives the same content and verdict without framing", () => {
  property(() => chunked(false, 60));
});

Deno.test("Any split of a body of known length gives the same output", () => {
  property(() => new LengthFilter(25));
});

Deno.test("What passed passes again unchanged", () => {
  fc.assert(
    fc.property(anyBody, (body) => {
      const { output, done, content } = feed(chunked(true), [body]);
      if (!done) return;
      const again = feed(chunked(true), [output]);
      assertEquals(again, { output, content, done, fault: null, rest: "" });
    }),
    RUNS,
  );
});

Deno.test("A well-formed body is accepted as a whole", () => {
  fc.assert(
    fc.property(fc.array(chunk), (chunks) => {
      const outcome = feed(chunked(false), [`${chunks.join("")}0\r\n\r\n`]);
      assertEquals([outcome.done, outcome.rest], [true, ""]);
    }),
    RUNS,
  );
});

Deno.test("What is encoded in chunks is decoded to the same content", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 })), (pieces) => {
      const encoded = pieces.map(encode).join("") + text(LAST_CHUNK);
      const content = pieces.map(text).join("");
      const outcome = feed(chunked(false), [encoded]);
      assertEquals(outcome, { output: content, content: content.length, ...COMPLETE });
      assertEquals(feed(chunked(true), [encoded]).output, encoded);
    }),
    RUNS,
  );
});

const COMPLETE = { done: true, fault: null, rest: "" };

function encode(piece: Uint8Array): string {
  const bytes = new Uint8Array(CHUNK_HEADROOM + piece.length + CHUNK_TAILROOM);
  bytes.set(piece, CHUNK_HEADROOM);
  const from = writeChunkHeader(bytes, CHUNK_HEADROOM, piece.length);
  return text(bytes.subarray(from, writeChunkEnd(bytes, CHUNK_HEADROOM + piece.length)));
}

Deno.test("Random bytes neither throw nor stay undecided in more than a line", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const outcome = feed(chunked(true), [text(bytes)]);
      assertEquals(latin1(outcome.output).length <= bytes.length, true);
      const isDecided = outcome.done || outcome.fault !== null;
      assert(isDecided || !outcome.rest.includes("\r\n"), "A complete line was left");
    }),
    RUNS,
  );
});
