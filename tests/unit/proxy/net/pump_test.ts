import { assert, assertEquals, assertFalse } from "@std/assert";
import { pump, type PumpReport } from "../../../../src/proxy/net/pump.ts";
import { settled } from "../manual_clock.ts";
import { FakeStream } from "./fake_stream.ts";

function sides(): { a: FakeStream; b: FakeStream } {
  return { a: new FakeStream(), b: new FakeStream() };
}

Deno.test("pump passes bytes on in both directions, counts them, and closes both sides", async () => {
  const { a, b } = sides();
  a.says("question", "!", null);
  b.says("answer", null);
  const report = await pump(a, b);
  assertEquals(report, { fromA: 9, fromB: 6, broken: null } satisfies PumpReport);
  assertEquals([b.written, a.written], [["question", "!"], ["answer"]]);
  assert(a.closed && b.closed);
});

Deno.test("pump passes the end of one direction on and leaves the other one alone", async () => {
  const { a, b } = sides();
  let over = false;
  const done = pump(a, b).finally(() => over = true);
  a.says("request", null);
  await settled();
  assert(b.ended);
  assertFalse(a.ended || over || a.closed || b.closed);
  b.says("late answer", null);
  await done;
  assertEquals(a.written, ["late answer"]);
});

Deno.test("pump gives what was read before first, then the read that was pending", async () => {
  const { a, b } = sides();
  const seen: string[] = [];
  const see = (bytes: Uint8Array) => void seen.push(new TextDecoder().decode(bytes));
  const buffer = new TextEncoder().encode("pending.");
  a.says("last", null);
  b.says(null);
  const report = await pump(a, b, {
    fromA: {
      initial: new TextEncoder().encode("first."),
      pending: { buffer, count: Promise.resolve(buffer.length) },
      inspect: see,
    },
    fromB: { initial: new TextEncoder().encode("banner") },
  });
  assertEquals(b.written, ["first.", "pending.", "last"]);
  assertEquals(seen, ["first.", "pending.", "last"]);
  assertEquals(a.written, ["banner"]);
  assertEquals(report, { fromA: 18, fromB: 6, broken: null });
});

Deno.test("pump writes the rest of what was taken only in part", async () => {
  const { a, b } = sides();
  b.writeLimit = 3;
  a.says("abcdefgh", null);
  b.says(null);
  assertEquals((await pump(a, b)).fromA, 8);
  assertEquals(b.written, ["abc", "def", "gh"]);
});

Deno.test("pump reads nothing more while the other side takes nothing", async () => {
  const { a, b } = sides();
  const goOn = b.stall();
  a.says("1", "2", "3", null);
  const done = pump(a, b);
  await settled();
  assertEquals(a.asked.length, 1);
  goOn();
  b.says(null);
  await done;
  assertEquals(b.written, ["1", "2", "3"]);
});

Deno.test("pump takes larger buffers for long streams, but never more than 128 KiB", async () => {
  const { a, b } = sides();
  const big = "x".repeat(200_000);
  a.says(big, big, big, big, big, null);
  b.says(null);
  await pump(a, b);
  assertEquals(a.asked, [4096, 16_384, 65_536, 131_072, 131_072, 131_072]);
});

Deno.test("pump ends both sides when one of them breaks", async () => {
  const { a, b } = sides();
  a.says("begun", new Deno.errors.ConnectionReset("reset"));
  assertEquals(await pump(a, b), { fromA: 5, fromB: 0, broken: "a" });
  assert(a.closed && b.closed);
});

Deno.test("pump lets a side that takes nothing more finish what it has to say", async () => {
  const { a, b } = sides();
  b.writeError = new Deno.errors.BrokenPipe("gone");
  const done = pump(a, b);
  a.says("too late");
  await settled();
  assertFalse(a.closed);
  b.says("shutting down", null);
  assertEquals(await done, { fromA: 0, fromB: 13, broken: "b" });
  assertEquals(a.written, ["shutting down"]);
  assert(a.ended && a.closed && b.closed);
});

Deno.test("pump ends when its streams are closed from outside", async () => {
  const { a, b } = sides();
  const done = pump(a, b);
  await settled();
  a.close();
  b.close();
  const { fromA, fromB } = await done;
  assertEquals([fromA, fromB], [0, 0]);
});

Deno.test("pump tells of every piece that is heard and of every end", async () => {
  const { a, b } = sides();
  const told: string[] = [];
  a.says("1", "2", null);
  b.says(null);
  await pump(a, b, {
    onActivity: () => told.push("heard"),
    fromA: { onEnd: () => told.push(`end of a, b told: ${b.ended}`) },
    fromB: { onEnd: () => told.push("end of b") },
  });
  assertEquals(told.filter((what) => what === "heard").length, 2);
  assert(told.includes("end of a, b told: true") && told.includes("end of b"));
});

Deno.test("pump carries a megabyte each way over real sockets, back-pressure included", async () => {
  const size = 1 << 20;
  const [client, a] = await pair();
  const [server, b] = await pair();
  const done = pump(a, b);
  const results = await Promise.all([
    send(client, size),
    send(server, size),
    receive(client),
    receive(server),
  ]);
  assertEquals(results.slice(2), [size, size]);
  assertEquals(await done, { fromA: size, fromB: size, broken: null });
  client.close();
  server.close();
});

async function pair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  return await Promise.all([Deno.connect({ hostname, port }), listener.accept()]);
}

async function send(conn: Deno.TcpConn, size: number): Promise<void> {
  const bytes = new Uint8Array(size);
  for (let sent = 0; sent < size;) sent += await conn.write(bytes.subarray(sent));
  await conn.closeWrite();
}

async function receive(conn: Deno.TcpConn): Promise<number> {
  const buffer = new Uint8Array(65_536);
  let total = 0;
  for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) total += n;
  return total;
}
