import { assertEquals, assertRejects } from "@std/assert";
import { readStatus } from "../../../src/health/status_line.ts";

/** Bytes that arrive a few at a time. */
function arriving(text: string, size: number) {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return {
    read(buffer: Uint8Array): Promise<number | null> {
      const part = bytes.subarray(at, at + size);
      at += part.length;
      buffer.set(part);
      return Promise.resolve(part.length === 0 ? null : part.length);
    },
  };
}

Deno.test("readStatus finds the final status however the bytes arrive", async () => {
  const early = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
  for (const before of ["", early, early + early]) {
    for (let size = 1; size < 40; size++) {
      const answer = arriving(`${before}HTTP/1.1 204 No Content\r\nX: y\r\n\r\n`, size);
      assertEquals(await readStatus(answer), 204);
    }
  }
});

Deno.test("readStatus sees at the first wrong byte that it is not HTTP", async () => {
  for (const text of ["HTTQ", "<html>", "HTTP/2 200\r\n", "HTTP/1.1 20\r\n", "HTTP/1.1 abc\r\n"]) {
    await assertRejects(() => readStatus(arriving(text, 1)), SyntaxError, "not HTTP");
  }
});

Deno.test("readStatus wants a complete line", async () => {
  await assertRejects(() => readStatus(arriving("HTTP/1.1 200", 5)), SyntaxError, "not HTTP");
  await assertRejects(() => readStatus(arriving("", 5)), SyntaxError, "closed without an answer");
});
