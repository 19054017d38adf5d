import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { findHeadEnd, skipEmptyLines } from "../../../../../src/proxy/relay/head/head_end.ts";
import { octets } from "./heads.ts";

function endOf(text: string): number {
  const bytes = octets(text);
  return findHeadEnd(bytes, 0, 0, bytes.length);
}

Deno.test("findHeadEnd() is the index after the first blank line", () => {
  assertEquals(endOf("GET / HTTP/1.1\r\nHost: a\r\n\r\nbody\r\n\r\n"), 27);
  assertEquals(endOf("GET / HTTP/1.1\r\n\r\n"), 18);
  assertEquals(endOf("GET / HTTP/1.1\r\n\r"), -1);
  assertEquals(endOf(""), -1);
});

Deno.test("item 10 a head with bare line feeds ends, to be refused", () => {
  assertEquals(endOf("GET / HTTP/1.1\nHost: a\n\nbody"), 24);
  assertEquals(endOf("GET / HTTP/1.1\nHost: a\n\r\nbody"), 25);
  assertEquals(endOf("GET / HTTP/1.1\r\nHost: a\r\n\nbody"), 26);
});

Deno.test("findHeadEnd() does not look at what is in front of the head or behind the bytes", () => {
  const bytes = octets("\r\n\r\nA\r\n\r\n");
  assertEquals(findHeadEnd(bytes, 4, 4, bytes.length), 9);
  assertEquals(findHeadEnd(bytes, 4, 4, 8), -1);
  assertEquals(findHeadEnd(octets("\n\nA"), 1, 1, 3), -1);
  assertEquals(findHeadEnd(octets("\n\r\nA"), 1, 1, 4), -1);
});

Deno.test("findHeadEnd() finds the same end however the bytes arrive", () => {
  const line = fc.constantFrom("\r", "\n", "\r\n", "a", "bc", "\0");
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 40 }).map((parts) => parts.join("")),
      fc.array(fc.nat({ max: 7 }), { minLength: 1 }),
      (text, steps) => {
        const bytes = octets(text);
        const whole = reference(text);
        assertEquals(findHeadEnd(bytes, 0, 0, bytes.length), whole);
        let searched = 0;
        let found = -1;
        for (let i = 0; found < 0 && searched < bytes.length; i++) {
          const end = Math.min(bytes.length, searched + 1 + (steps[i % steps.length] ?? 0));
          found = findHeadEnd(bytes, 0, searched, end);
          searched = end;
        }
        assertEquals(found, whole);
      },
    ),
    { numRuns: 2000 },
  );
});

function reference(text: string): number {
  const found = /\n\r?\n/.exec(text);
  return found === null ? -1 : found.index + found[0].length;
}

Deno.test("item 10 empty lines before a request are skipped, complete ones only", () => {
  const bytes = octets("\r\n\r\nGET");
  assertEquals(skipEmptyLines(bytes, 0, bytes.length), 4);
  assertEquals(skipEmptyLines(bytes, 0, 3), 2);
  assertEquals(skipEmptyLines(bytes, 4, bytes.length), 4);
  assertEquals(skipEmptyLines(octets("\n\nGET"), 0, 5), 0);
});
