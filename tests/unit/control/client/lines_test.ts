import { assertEquals } from "@std/assert";
import { lines } from "../../../../src/control/client/lines.ts";
import { serverSent } from "../../../../src/control/client/server_sent.ts";

async function* pieces(...texts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield typeof text === "string" ? new TextEncoder().encode(text) : text;
}

Deno.test("lines() puts together what was torn apart, characters included", async () => {
  const euro = new TextEncoder().encode("€");
  const table: [parts: (string | Uint8Array)[], expected: string[]][] = [
    [[], []],
    [["a\nb\n"], ["a", "b"]],
    [["a", "b\r", "\nc"], ["ab", "c"]],
    [["\n\n"], ["", ""]],
    [[euro.subarray(0, 1), euro.subarray(1), "\n"], ["€"]],
  ];
  for (const [parts, expected] of table) {
    assertEquals(await Array.fromAsync(lines(pieces(...parts))), expected);
  }
});

Deno.test("serverSent() reads events, and leaves out comments and what is unfinished", async () => {
  const text = ":\n\nevent: status\ndata: {\ndata:}\n\nid: 7\n\ndata: x\n\nevent: event\ndata: cut";
  assertEquals(await Array.fromAsync(serverSent(lines(pieces(text)))), [
    { event: "status", data: "{\n}" },
    { event: "message", data: "x" },
  ]);
});
