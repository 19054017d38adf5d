import { assertEquals, assertNotEquals } from "@std/assert";
import { head, ok, RawConnection, RawUpstream } from "../conformance/raw.ts";
import { values } from "../conformance/rig.ts";

const COMPRESSED = new Uint8Array(
  await new Response(
    new Blob(["hello"]).stream().pipeThrough(new CompressionStream("gzip")),
  ).arrayBuffer(),
);

/** An upstream that keeps connections and the heads it saw. */
function recorder(answer = ok()) {
  const heads: string[] = [];
  const upstream = new RawUpstream(async (conn) => {
    for (let next = await conn.readHead(); next; next = await conn.readHead()) {
      heads.push(next);
      const length = Number(values(next, "content-length")[0] ?? 0);
      await conn.readExactly(length);
      await conn.write(answer);
    }
  });
  return { heads, upstream };
}

Deno.test("fetch re-sends a POST that arrived when a reused connection ends without an answer", async () => {
  const posts: number[] = [];
  await using upstream = new RawUpstream(async (conn, index) => {
    while (true) {
      const request = await conn.readHead();
      if (request === null) return;
      if (request.startsWith("POST")) {
        await conn.readExactly(3);
        posts.push(index);
        if (posts.length === 1) return;
      }
      await conn.write(ok());
    }
  });
  const client = Deno.createHttpClient({ http2: false });
  const url = `http://127.0.0.1:${upstream.port}/`;
  await (await fetch(url, { client })).text();
  const response = await fetch(url, { client, method: "POST", body: new Uint8Array(3) });
  assertEquals(await response.text(), "ok");
  assertEquals(posts, [0, 1], "sent twice: the reason for clients without a pool");
  client.close();
});

Deno.test("fetch leaves a compressed body alone only if the first accept-encoding is identity", async () => {
  await using upstream = new RawUpstream(async (conn) => {
    await conn.readHead();
    const fields = `Content-Encoding: gzip\r\nContent-Length: ${COMPRESSED.length}`;
    await conn.write(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`);
    await conn.writeBytes(COMPRESSED);
  });
  async function length(...accepted: string[]): Promise<number> {
    const client = Deno.createHttpClient({ http2: false, poolMaxIdlePerHost: 0 });
    const headers = accepted.map((value): [string, string] => ["accept-encoding", value]);
    const response = await fetch(`http://127.0.0.1:${upstream.port}/`, { client, headers });
    const { length } = await response.bytes();
    client.close();
    return length;
  }
  assertEquals(await length("identity"), COMPRESSED.length);
  assertEquals(await length("identity", "gzip, br"), COMPRESSED.length);
  assertNotEquals(await length("gzip"), COMPRESSED.length);
  assertNotEquals(await length("gzip", "identity"), COMPRESSED.length);
  assertNotEquals(await length(), COMPRESSED.length);
});

Deno.test("fetch sends a stream in chunks, but a blob's stream with the blob's length", async () => {
  class Sized extends Blob {
    override get size() {
      return 5;
    }
    override stream() {
      return ReadableStream.from([new Uint8Array(2), new Uint8Array(3)]);
    }
  }
  const { heads, upstream } = recorder();
  await using _ = upstream;
  const client = Deno.createHttpClient({ http2: false, poolMaxIdlePerHost: 0 });
  const url = `http://127.0.0.1:${upstream.port}/`;
  await (await fetch(url, { client, method: "POST", body: new Sized() })).text();
  assertEquals(values(heads[0] ?? "", "content-length"), ["5"]);
  assertEquals(values(heads[0] ?? "", "transfer-encoding"), []);
  client.close();
});

Deno.test("fetch takes environment proxies when its client is made, not when it is used", async () => {
  const { upstream } = recorder();
  await using _ = upstream;
  const url = `http://127.0.0.1:${upstream.port}/`;
  const before = Deno.createHttpClient({});
  Deno.env.set("HTTP_PROXY", "http://127.0.0.1:1");
  try {
    const after = Deno.createHttpClient({});
    assertEquals(await (await fetch(url, { client: before })).text(), "ok");
    assertEquals(await fetch(url, { client: after }).catch(() => "proxied"), "proxied");
    after.close();
  } finally {
    Deno.env.delete("HTTP_PROXY");
    before.close();
  }
});

Deno.test("closing an HTTP client leaves the exchange under way alone", async () => {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  await using upstream = new RawUpstream(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
    await closed;
    await conn.write("def");
  });
  const client = Deno.createHttpClient({ http2: false });
  const response = await fetch(`http://127.0.0.1:${upstream.port}/`, { client });
  client.close();
  close();
  assertEquals(await response.text(), "abcdef");
});

Deno.test("aborting a fetch does not end a body that Deno.serve has taken over", async () => {
  let ended = false;
  await using upstream = new RawUpstream(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    await conn.readUntil("never").catch(() => {});
    ended = true;
  });
  const client = Deno.createHttpClient({ http2: false });
  const abort = new AbortController();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async () => {
    const url = `http://127.0.0.1:${upstream.port}/`;
    const { body } = await fetch(url, { client, signal: abort.signal });
    return new Response(body);
  });
  const conn = await RawConnection.open(server.addr.port);
  await conn.write(head("GET /"));
  await conn.readUntil("abc\r\n");
  abort.abort();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(ended, false);
  conn.close();
  client.close();
});
