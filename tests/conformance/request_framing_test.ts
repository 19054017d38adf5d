import { assertEquals, assertMatch } from "@std/assert";
import type { EngineName } from "../../src/proxy/engines.ts";
import { FETCH, item, RELAY } from "./item.ts";
import { head, ok } from "./raw.ts";
import { asSent, Rig, until, values } from "./rig.ts";

const CHUNKED = "Transfer-Encoding: chunked";
const END = "0\r\n\r\n";

/** Sends `request` and then one more. @returns The statuses of the answers until the end. */
async function statuses(rig: Rig, request: string): Promise<string[]> {
  const answers = await rig.everything(request + head("GET /hidden"));
  return (answers.match(/^HTTP\/1.1 \d+/gm) ?? []).map((line) => line.slice(-3));
}

/** Passes `request` on. @returns Its bytes as the upstream got them, up to `end`. */
async function received(engine: EngineName, request: string, end: string): Promise<string> {
  let got = "";
  await using rig = new Rig(async (conn) => {
    got = await conn.readUntil(end);
    await conn.write(ok());
  }, { engine });
  assertMatch(await rig.ask(request, 2), /^HTTP\/1.1 200 .*ok$/s);
  return got;
}

item([27, 28, 29], "K47 malformed framing never reaches the application", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const bad = [
    ["Content-Length: 1", "Content-Length: 2"],
    ["Content-Length: +2"],
    ["Content-Length: 0x2"],
    ["Content-Length: 99999999999999999999999"],
    ["Transfer-Encoding: xchunked"],
    ["Transfer-Encoding: chunked, identity"],
    ["Content-Length: 2", CHUNKED],
  ];
  for (const headers of bad) {
    await using client = await rig.connect();
    await client.write(head("POST /", ...headers) + "2\r\nhi\r\n0\r\n\r\n");
    const answer = await client.read() ?? "";
    if (answer !== "") assertMatch(answer, /^HTTP\/1.1 [45]/, headers.join());
  }
  assertEquals(rig.heads, []);
});

item(27, "a length beside chunks is a 400 and the end, in any order", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const lines of [["Content-Length: 5", CHUNKED], [CHUNKED, "Content-Length: 5"]]) {
    assertEquals(await statuses(rig, head("POST /", ...lines) + END), ["400"]);
  }
  assertEquals(rig.heads, []);
});

item(28, "a length that is not one plain number is a 400", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const bad = ["", "-2", "+2", "0x2", "2 2", "2, 3", "2,", "2.0", "2e0", "\xb2", "2\x0b"];
  for (const value of [...bad, "9007199254740993", "18446744073709551618"]) {
    const request = head("POST /", `Content-Length: ${value}`) + "hi";
    assertEquals(await statuses(rig, request), ["400"], value);
  }
  const twice = head("POST /", "Content-Length: 2", "content-length: 3") + "hi";
  assertEquals(await statuses(rig, twice), ["400"]);
  assertEquals(rig.heads, []);
});

item(28, "equal repeats of a length become one", RELAY, async (engine) => {
  const request = head("POST /", "Content-Length: 2", "X: y", "Content-Length: 2") + "hi";
  const got = await received(engine, request, "\r\n\r\nhi");
  assertEquals(values(got, "content-length"), ["2"]);
});

item(29, "any coding but exactly chunked is a 400 or a 501", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const bad = [
    ["chunked, chunked", "400"],
    ["chunked, identity", "400"],
    ["chunked\x0b", "400"],
    ["\tchunked", "400"],
    ["xchunked", "400"],
    ["chunked;q=1", "400"],
    ["gzip", "400"],
    ["", "400"],
    ["gzip, chunked", "501"],
  ] as const;
  for (const [value, status] of bad) {
    const got = await statuses(rig, head("POST /", `Transfer-Encoding: ${value}`) + END);
    assertEquals(got, [status], value);
  }
  assertEquals(await statuses(rig, head("POST /", CHUNKED, CHUNKED) + END), ["400"]);
  assertEquals(rig.heads, []);
});

item(29, "chunked is known in any case and with blanks around it", RELAY, async (engine) => {
  const request = head("POST /", "transfer-encoding:   ChunKed ") + `2\r\nhi\r\n${END}`;
  assertMatch(await received(engine, request, END), /\r\n\r\n2\r\nhi\r\n0\r\n\r\n$/);
});

item(29, "a coding that cannot be passed on is a 501", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const request = head("POST /", "Transfer-Encoding: gzip, chunked") + `2\r\nhi\r\n${END}`;
  assertMatch(await rig.ask(request), /^HTTP\/1.1 501 /);
  assertEquals(rig.heads, []);
});

item(30, "chunks in an HTTP/1.0 request are a 400", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const request = `POST / HTTP/1.0\r\nHost: a\r\n${CHUNKED}\r\nConnection: keep-alive\r\n\r\n`;
  assertEquals(await statuses(rig, `${request}2\r\nhi\r\n${END}`), ["400"]);
  assertEquals(rig.heads, []);
});

item(31, "K47 a malformed chunk ends the connection and the upload", async (engine) => {
  let upload = "";
  await using rig = new Rig(async (conn) => {
    upload = await conn.readAll();
  }, { engine });
  const answer = await rig.everything(head("POST /", CHUNKED) + "ZZ\r\nhi\r\n0\r\n\r\n");
  assertEquals(answer.startsWith("HTTP/1.1 2"), false);
  assertEquals(upload.includes("hi"), false);
});

const BAD_CHUNKS = [
  "+2\r\nhi\r\n",
  " 2\r\nhi\r\n",
  "0x2\r\nhi\r\n",
  "2\nhi\r\n",
  "2\r\nhi\n",
  "2\r\nhix\r\n",
  "2\r\nhix\n",
  "-2\r\nhi\r\n",
  "\r\nhi\r\n",
  "00000000000000002\r\nhi\r\n",
  "ffffffffffffffff\r\nhi\r\n",
  "2 2\r\nhi\r\n",
  "2\r\rhi\r\n",
];

item(31, "each fault of a chunk is a 400, the upload never ends well", RELAY, async (engine) => {
  for (const chunk of BAD_CHUNKS) {
    let upload = "";
    const ended = Promise.withResolvers<void>();
    await using rig = new Rig(async (conn) => {
      upload = await conn.readAll();
      ended.resolve();
    }, { engine });
    const good = "1\r\na\r\n";
    await using client = await rig.connect();
    await client.write(head("POST /", CHUNKED) + good);
    await until(() => rig.upstream.connections === 1, "the upload to begin");
    await client.write(chunk + END + head("GET /hidden"));
    const answers = await client.readAll();
    assertEquals(answers.match(/^HTTP\/1.1 \d+/gm), ["HTTP/1.1 400"], chunk);
    await ended.promise;
    assertEquals(upload.includes("hidden") || upload.endsWith(END), false, chunk);
  }
});

item(31, "a blank before the size of a chunk is passed over", FETCH, async (engine) => {
  const got = await received(engine, head("POST /", CHUNKED) + ` 2\r\nhi\r\n${END}`, END);
  assertMatch(got, /\r\n\r\n2\r\nhi\r\n0\r\n\r\n$/);
});

item(32, "chunk extensions are not passed on, in neither direction", async (engine) => {
  const body = '2;a=b;c="d;e"\r\nhi\r\n0;x\r\n\r\n';
  let got = "";
  await using rig = new Rig(async (conn) => {
    got = await conn.readUntil(END);
    await conn.write(`HTTP/1.1 200 OK\r\n${CHUNKED}\r\n\r\n${body}`);
  }, { engine });
  const plain = `2\r\nhi\r\n${END}`;
  const answer = await rig.ask(head("POST /", CHUNKED) + body, plain.length);
  assertEquals(answer.slice(answer.indexOf("\r\n\r\n") + 4), plain);
  assertEquals(got.slice(got.indexOf("\r\n\r\n") + 4), plain);
});

item(32, "leading zeros of a chunk's size are not passed on", RELAY, async (engine) => {
  const got = await received(engine, head("POST /", CHUNKED) + `0002\r\nhi\r\n00${END}`, END);
  assertMatch(got, /\r\n\r\n2\r\nhi\r\n0\r\n\r\n$/);
});

item(32, "extensions beyond 4 KiB in one body are a 400", RELAY, async (engine) => {
  await using rig = new Rig(async (conn) => void await conn.readAll(), { engine });
  const long = `2;${"x".repeat(5000)}\r\nhi\r\n`;
  const many = `2;${"x".repeat(500)}\r\nhi\r\n`.repeat(10);
  for (const body of [long, many]) {
    assertMatch(await rig.everything(head("POST /", CHUNKED) + body + END), /^HTTP\/1.1 400 /);
  }
});

item(34, "a request with a length keeps it, streamed or not", async (engine) => {
  for (const size of [5, 300_000]) {
    let got = "";
    let request = "";
    await using rig = new Rig(async (conn) => {
      request = await conn.readHead() ?? "";
      got = await conn.readExactly(size);
      await conn.write(ok());
    }, { engine });
    const body = "x".repeat(size);
    await rig.ask(head("POST /", `Content-Length: ${size}`) + body, 2);
    assertEquals(values(request, "content-length"), [String(size)]);
    assertEquals(values(request, "transfer-encoding"), []);
    assertEquals(got, body);
  }
});

item(34, "a request in chunks stays in chunks", async (engine) => {
  const got = await received(engine, head("POST /", CHUNKED) + `2\r\nhi\r\n${END}`, END);
  assertEquals(values(got, "transfer-encoding"), ["chunked"]);
  assertEquals(values(got, "content-length"), []);
  assertMatch(got, /\r\n\r\n2\r\nhi\r\n0\r\n\r\n$/);
});

item(34, "each chunk of a request keeps its size", RELAY, async (engine) => {
  const chunks = Array.from(
    { length: 40 },
    (_, i) => `${(i + 1).toString(16)}\r\n${"z".repeat(i + 1)}\r\n`,
  );
  const request = head("POST /", CHUNKED) + chunks.join("") + END;
  assertEquals(asSent(await received(engine, request, END)), request);
});

item(34, "a request without framing gets none", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const request of [head("POST /"), head("PUT /", "Content-Length: 0"), head("PROPFIND /")]) {
    await rig.ask(request, 2);
    assertEquals(asSent(rig.heads.pop()), request);
  }
});

item(34, "a POST without a body has length 0, others have no framing", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  await rig.ask(head("POST /"));
  assertEquals(values(rig.heads[0] ?? "", "content-length"), ["0"]);
  await rig.ask(head("POST /", "Content-Length: 0"));
  assertEquals(values(rig.heads[1] ?? "", "content-length"), ["0"]);
  await rig.ask(head("PROPFIND /"));
  assertEquals(values(rig.heads[2] ?? "", "transfer-encoding"), []);
  assertEquals(values(rig.heads[2] ?? "", "content-length"), []);
});
