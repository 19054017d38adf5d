import { assertEquals } from "@std/assert";
import { readField, requestTarget } from "../../../../../src/proxy/relay/head/lookup.ts";
import { octets } from "./heads.ts";

const TEXT = "GET /a?b HTTP/1.1\r\nhost: x:1\r\nAccept:  text/html \r\nACCEPT: b\r\nE:\r\n\r\n";

function field(name: string, text = TEXT): string | null {
  const bytes = octets(`..${text}`);
  return readField(bytes, 2, bytes.length, name);
}

Deno.test("readField() is the first value of a field, whatever the case of its name", () => {
  assertEquals(field("accept"), "text/html");
  assertEquals(field("Accept"), "text/html");
  assertEquals(field("e"), "");
  assertEquals(field("get /a?b http/1.1"), null);
  assertEquals(field("missing"), null);
});

Deno.test("readField() of what is no head is null", () => {
  for (
    const text of ["", "GET", "GET / HTTP/1.1\r\nbad\r\nA: 1\r\n\r\n", "GET / HTTP/1.1\r\nA: 1"]
  ) {
    assertEquals(field("a", text), null);
  }
});

Deno.test("requestTarget() is for logs and error answers", () => {
  const bytes = octets(`..${TEXT}`);
  assertEquals(requestTarget(bytes, 2, bytes.length), "/a?b");
  assertEquals(requestTarget(octets("GET"), 0, 3), "");
});
