import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { closeFrame, FrameTracker } from "../../../../src/proxy/relay/frames.ts";

/** A frame whose payload looks like headers, to lead astray whoever loses count. */
function frame(size: number, masked: boolean): Uint8Array {
  const mask = masked ? 0x80 : 0;
  const length = size < 126
    ? [mask | size]
    : size < 65_536
    ? [mask | 126, size >> 8, size & 0xff]
    : [mask | 127, 0, 0, 0, 0, 0, size >> 16, (size >> 8) & 0xff, size & 0xff];
  const key = masked ? [1, 2, 3, 4] : [];
  return Uint8Array.of(0x82, ...length, ...key, ...new Uint8Array(size).fill(0x82));
}

const frames = fc.array(
  fc.tuple(fc.oneof(fc.nat(130), fc.constantFrom(125, 126, 65_535, 65_536, 70_000)), fc.boolean()),
  { minLength: 1, maxLength: 6 },
);

Deno.test("item 55 FrameTracker finds every boundary, however the bytes are split", () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 40_000 })), (list, splits) => {
      const all = list.map(([size, masked]) => frame(size, masked));
      const bytes = new Uint8Array(all.flatMap((one) => [...one]));
      const ends = new Set(
        all.map((_, i) => all.slice(0, i + 1).reduce((sum, one) => sum + one.length, 0)),
      );
      const tracker = new FrameTracker();
      let at = 0;
      for (const size of [...splits, bytes.length]) {
        const piece = bytes.subarray(at, at + size);
        assertEquals(tracker.advance(piece, false), piece.length);
        at += piece.length;
        if (at > 0) assertEquals(tracker.atBoundary, ends.has(at), `after ${at} bytes`);
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("item 55 FrameTracker stops at the end of the frame under way", () => {
  const tracker = new FrameTracker();
  const first = frame(200, false);
  tracker.advance(first.subarray(0, 3), false);
  assertEquals(tracker.atBoundary, false);
  const rest = Uint8Array.of(...first.subarray(3), ...frame(5, false));
  assertEquals(tracker.clone().advance(rest, true), first.length - 3);
  assertEquals(tracker.atBoundary, false, "a clone moves alone");
});

Deno.test("closeFrame() is a close frame of a server", () => {
  assertEquals([...closeFrame(1012, "bye")], [0x88, 5, 0x03, 0xf4, 98, 121, 101]);
});
