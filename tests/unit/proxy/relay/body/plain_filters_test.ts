import { assertEquals } from "@std/assert";
import { CloseFilter } from "../../../../../src/proxy/relay/body/close_filter.ts";
import { LengthFilter, NO_BODY } from "../../../../../src/proxy/relay/body/length_filter.ts";
import { feed } from "./feed.ts";

Deno.test("item 37: LengthFilter ends at its length and leaves what comes behind", () => {
  const outcome = feed(new LengthFilter(5), ["he", "llo, wor", "ld"]);
  assertEquals(outcome, { output: "hello", content: 5, done: true, fault: null, rest: ", world" });
});

Deno.test("item 36: LengthFilter is not complete before its last byte", () => {
  const filter = new LengthFilter(5);
  assertEquals(feed(filter, ["hell"]).done, false);
  assertEquals(filter.completeAtEnd(), false);
  feed(filter, ["o"]);
  assertEquals([filter.done, filter.completeAtEnd()], [true, true]);
});

Deno.test("LengthFilter of 0 bytes is done before it takes anything", () => {
  assertEquals([NO_BODY.done, NO_BODY.completeAtEnd()], [true, true]);
  NO_BODY.take(new Uint8Array(8), 2, 8);
  assertEquals([NO_BODY.consumed, NO_BODY.kept, NO_BODY.content], [0, 0, 0]);
});

Deno.test("LengthFilter counts beyond 4 GiB", () => {
  const filter = new LengthFilter(2 ** 33);
  const piece = new Uint8Array(2 ** 20);
  for (let n = 0; n < 2 ** 13; n++) {
    assertEquals(filter.done, false);
    filter.take(piece, 0, piece.length);
  }
  assertEquals([filter.done, filter.content], [true, 2 ** 33]);
});

Deno.test("item 35: CloseFilter passes everything and is complete whenever the connection ends", () => {
  const filter = new CloseFilter();
  assertEquals(filter.completeAtEnd(), true);
  assertEquals(feed(filter, ["0\r\n", "\r\n"]), {
    output: "0\r\n\r\n",
    content: 5,
    done: false,
    fault: null,
    rest: "",
  });
  assertEquals(filter.completeAtEnd(), true);
});
