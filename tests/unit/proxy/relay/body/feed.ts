import { assert } from "@std/assert";
import type { BodyFilter } from "../../../../../src/proxy/relay/body/filter.ts";

/** What became of a body. Text is latin1, so that it shows every byte. */
export interface Outcome {
  /** What was passed on. */
  output: string;
  content: number;
  done: boolean;
  /** Status of the fault, or null. */
  fault: number | null;
  /** What was not consumed. */
  rest: string;
}

/** Bytes of latin1 text. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Latin1 text of bytes. */
export function text(bytes: Uint8Array): string {
  let result = "";
  for (const byte of bytes) result += String.fromCharCode(byte);
  return result;
}

/**
 * Offers a body in packets as a connection does: what is not consumed comes again, in front of the
 * next packet. Stands in the middle of a larger buffer and checks that nothing around is touched.
 */
export function feed(filter: BodyFilter, packets: readonly string[]): Outcome {
  let output = "";
  let rest = "";
  for (const packet of packets) {
    const offered = rest + packet;
    if (filter.done || filter.fault !== null) {
      rest = offered;
      continue;
    }
    const buffer = latin1(`<<<${offered}>>>`);
    filter.take(buffer, 3, 3 + offered.length);
    assert(filter.kept <= filter.consumed, "More was kept than consumed");
    assert(filter.consumed <= offered.length, "More was consumed than offered");
    output += text(buffer.subarray(3, 3 + filter.kept));
    rest = text(buffer.subarray(3 + filter.consumed, 3 + offered.length));
    assert(offered.endsWith(rest), "Unconsumed bytes were changed");
    assert(text(buffer.subarray(0, 3)) === "<<<" && text(buffer.subarray(-3)) === ">>>");
  }
  const { content, done, fault } = filter;
  return { output, content, done, fault: fault?.status ?? null, rest };
}
