import { assertEquals, assertMatch } from "@std/assert";
import { item, RELAY } from "./item.ts";
import { head, ok, type RawConnection, type Script } from "./raw.ts";
import { firstLine, Rig, values } from "./rig.ts";

/** Around the sizes of buffers, and of the numbers in between. */
const SIZES = [1, 2, 4095, 4096, 4097, 8191, 8192, 16_383, 16_384, 16_385, 32_768, 65_535, 65_536]
  .concat([65_537, 131_072, 131_073, 300_001]);

/** Every byte value, in no simple period. */
function content(size: number): string {
  let text = "";
  for (let i = 0; text.length < size; i++) text += String.fromCharCode((i * 7 + (i >> 8)) & 255);
  return text;
}

const LARGEST = content(Math.max(...SIZES));

/** Chunks of growing size, so that their borders fall everywhere. */
function chunked(body: string): string {
  let text = "";
  for (let at = 0, size = 1; at < body.length; at += size, size = size * 3 + 1) {
    const piece = body.slice(at, at + size);
    text += `${piece.length.toString(16)}\r\n${piece}\r\n`;
  }
  return `${text}0\r\n\r\n`;
}

/** The content of a body in chunks. */
async function readChunks(conn: RawConnection): Promise<string> {
  let text = "";
  for (;;) {
    const size = parseInt(await conn.readUntil("\r\n"), 16);
    text += (await conn.readExactly(size + 2)).slice(0, size);
    if (size === 0) return text;
  }
}

async function readBody(conn: RawConnection, request: string): Promise<string> {
  if (values(request, "transfer-encoding").length > 0) return await readChunks(conn);
  return await conn.readExactly(Number(values(request, "content-length")[0] ?? 0));
}

/** Sends every body back, framed as it came. */
const echo: Script = async (conn) => {
  for (let request = await conn.readHead(); request; request = await conn.readHead()) {
    const body = await readBody(conn, request);
    if (values(request, "content-length").length > 0) await conn.write(ok(body));
    else await conn.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(body)}`);
  }
};

item(34, "bodies of every awkward size pass byte for byte, one after the other", async (engine) => {
  await using rig = new Rig(echo, { engine });
  await using client = await rig.connect();
  for (const size of SIZES) {
    const body = LARGEST.slice(0, size);
    for (const framing of [`Content-Length: ${size}`, "Transfer-Encoding: chunked"]) {
      const sized = framing.startsWith("Content");
      const sent = client.write(head("PUT /", framing) + (sized ? body : chunked(body)));
      const answer = await client.readHead() ?? "";
      assertMatch(answer, /^HTTP\/1.1 200 /);
      assertEquals(await readBody(client, answer) === body, true, `${framing} ${size}`);
      await sent;
    }
  }
});

item(34, "a body in pieces of one byte arrives as it was sent", RELAY, async (engine) => {
  await using rig = new Rig(echo, { engine });
  await using client = await rig.connect();
  const body = LARGEST.slice(0, 60);
  const requests = [
    head("POST /", "Content-Length: 60") + body,
    head("POST /", "Transfer-Encoding: chunked", "X-Long: y") + chunked(body),
  ];
  for (const request of requests) {
    for (const byte of request) await client.write(byte);
    const answer = await client.readHead() ?? "";
    assertEquals(firstLine(answer), "HTTP/1.1 200 OK");
    assertEquals(await readBody(client, answer), body);
  }
  assertEquals(rig.upstream.connections, 1);
});

item(34, "an answer in pieces of one byte arrives as it was sent", RELAY, async (engine) => {
  const body = LARGEST.slice(0, 60);
  const date = "Date: Mon, 01 Jan 2024 00:00:00 GMT";
  const answers = [
    ok(body, date),
    `HTTP/1.1 200 OK\r\n${date}\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(body)}`,
  ];
  await using rig = new Rig(async (conn) => {
    for (const answer of answers) {
      await conn.readHead();
      for (const byte of answer) await conn.write(byte);
    }
  }, { engine });
  await using client = await rig.connect();
  for (const answer of answers) {
    await client.write(head("GET /"));
    assertEquals(await client.readExactly(answer.length), answer);
  }
});

item(35, "a long answer without a length arrives byte for byte", async (engine) => {
  for (const size of SIZES) {
    const body = LARGEST.slice(0, size);
    await using rig = new Rig(async (conn) => {
      await conn.readHead();
      await conn.write(`HTTP/1.1 200 OK\r\n\r\n${body}`);
    }, { engine });
    await using client = await rig.connect();
    await client.write(head("GET /"));
    const answer = await client.readHead() ?? "";
    assertEquals(values(answer, "transfer-encoding"), ["chunked"]);
    assertEquals(await readChunks(client) === body, true, String(size));
  }
});

item(60, "a long answer in chunks reaches an HTTP/1.0 client byte for byte", async (engine) => {
  for (const size of SIZES) {
    const body = LARGEST.slice(0, size);
    const answer = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(body)}`;
    await using rig = Rig.answering(answer, { engine });
    const got = await rig.everything("GET / HTTP/1.0\r\n\r\n");
    assertEquals(got.slice(got.indexOf("\r\n\r\n") + 4) === body, true, String(size));
  }
});
