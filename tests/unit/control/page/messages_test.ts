import { assertEquals } from "@std/assert";
import { messages, parseMessage } from "../../../../src/control/page/messages.js";

async function read(pieces: readonly string[]): Promise<unknown[]> {
  const bytes = pieces.map((piece) => new TextEncoder().encode(piece));
  return await Array.fromAsync(messages(ReadableStream.from(bytes)));
}

Deno.test("a stream is taken apart wherever its pieces end", async () => {
  const text = 'event: status\ndata: {"a":"é"}\n\n:\n\nevent: output\ndata: 1\n\nevent: cut';
  const expected = [{ event: "status", data: '{"a":"é"}' }, null, { event: "output", data: "1" }];
  assertEquals(await read([text]), expected);
  const bytes = new TextEncoder().encode(text);
  const single = ReadableStream.from([...bytes].map((byte) => new Uint8Array([byte])));
  assertEquals(await Array.fromAsync(messages(single)), expected);
});

Deno.test("lines may end as they do elsewhere, data may have several", () => {
  assertEquals(parseMessage("data: a\ndata:b\ndata"), { event: "message", data: "a\nb\n" });
  assertEquals(parseMessage(": comment"), null);
  assertEquals(parseMessage("event: status"), null);
  assertEquals(parseMessage("database: no"), null);
});

Deno.test("a stream with CRLF is understood", async () => {
  assertEquals(await read(["event: a\r\ndata: 1\r", "\n\r\n"]), [{ event: "a", data: "1" }]);
});
