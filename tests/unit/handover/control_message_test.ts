import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  controlBytes,
  decodeDescriptors,
  encodeDescriptors,
  MAX_DESCRIPTORS,
} from "../../../src/handover/control_message.ts";

const descriptors = fc.array(fc.nat(), { maxLength: MAX_DESCRIPTORS });

/** A control message of another kind, as the kernel would put it before or behind ours. */
function credentials(): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, 28n, true);
  view.setInt32(8, 1, true);
  view.setInt32(12, 2, true);
  return bytes;
}

Deno.test("descriptors come out of a control message as they went in", () => {
  fc.assert(fc.property(descriptors, (fds) => {
    const bytes = encodeDescriptors(fds);
    assertEquals(bytes.length, controlBytes(fds.length));
    assertEquals(decodeDescriptors(bytes), fds);
  }));
});

Deno.test("control messages of other kinds are passed over", () => {
  const control = new Uint8Array([
    ...credentials(),
    ...encodeDescriptors([7]),
    ...credentials(),
    ...encodeDescriptors([8, 9]),
  ]);
  assertEquals(decodeDescriptors(control), [7, 8, 9]);
});

Deno.test("bytes that are no control message have no descriptors, and end", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
    decodeDescriptors(bytes);
    assertEquals(decodeDescriptors(encodeDescriptors([7, 8]).subarray(0, 20)), []);
  }));
});
