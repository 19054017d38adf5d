import { assertEquals } from "@std/assert";
import {
  createRequestFilter,
  createResponseFilter,
} from "../../../../../src/proxy/relay/body/create_filter.ts";
import { DEFAULT_LIMITS } from "../../../../../src/proxy/limits.ts";
import type { Framing } from "../../../../../src/proxy/relay/body/filter.ts";
import { feed } from "./feed.ts";

const CHUNKED: Framing = { kind: "chunked" };
const CLOSE: Framing = { kind: "close" };
const BODY = "2\r\nab\r\n0\r\nA: b\r\n\r\n";

Deno.test("A message without a body is done before anything is taken", () => {
  assertEquals(createRequestFilter({ kind: "none" }, DEFAULT_LIMITS).done, true);
  assertEquals(createRequestFilter({ kind: "length", length: 0 }, DEFAULT_LIMITS).done, true);
  assertEquals(createResponseFilter({ kind: "none" }, CHUNKED, DEFAULT_LIMITS).done, true);
});

Deno.test("item 34: chunked requests stay chunked, within the limit of bodies", () => {
  assertEquals(feed(createRequestFilter(CHUNKED, DEFAULT_LIMITS), [BODY]).output, BODY);
  const limits = { ...DEFAULT_LIMITS, maxBodyBytes: 1 };
  assertEquals(feed(createRequestFilter(CHUNKED, limits), [BODY]).fault, 413);
});

Deno.test("item 34: chunked answers stay chunked for clients that know chunks, without a limit", () => {
  const limits = { ...DEFAULT_LIMITS, maxBodyBytes: 1 };
  assertEquals(feed(createResponseFilter(CHUNKED, CHUNKED, limits), [BODY]).output, BODY);
  assertEquals(feed(createResponseFilter(CHUNKED, CLOSE, limits), [BODY]).output, "ab");
});

Deno.test("Bodies of a length or until the end of the connection pass as they are", () => {
  const length: Framing = { kind: "length", length: 3 };
  assertEquals(feed(createRequestFilter(length, DEFAULT_LIMITS), ["abcd"]).output, "abc");
  assertEquals(feed(createResponseFilter(CLOSE, CHUNKED, DEFAULT_LIMITS), ["abcd"]).output, "abcd");
});

Deno.test("A chunked answer's mistakes are 502", () => {
  assertEquals(feed(createResponseFilter(CHUNKED, CHUNKED, DEFAULT_LIMITS), ["x"]).fault, 502);
});
