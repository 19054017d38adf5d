import { assertEquals, assertMatch } from "@std/assert";
import { ManualClock } from "../unit/proxy/manual_clock.ts";
import { FETCH, item, RELAY } from "./item.ts";
import { head, ok, RawConnection, RawUpstream, type Script } from "./raw.ts";
import { asSent, Rig, startProxy, until, values } from "./rig.ts";

const HINTS = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>\r\n\r\n";
const PROCESSING = "HTTP/1.1 102 Processing\r\n\r\n";

item(42, "interim answers come in order, byte for byte, at once", RELAY, async (engine) => {
  const next = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write(HINTS);
    await next[0].promise;
    await conn.write(PROCESSING + HINTS);
    await next[1].promise;
    await conn.write(ok());
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("GET /"));
  assertEquals(await client.readHead(), HINTS);
  next[0].resolve();
  assertEquals(await client.readHead(), PROCESSING);
  assertEquals(await client.readHead(), HINTS);
  next[1].resolve();
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
});

item(42, "interim and final answers in one packet stay apart", RELAY, async (engine) => {
  await using rig = Rig.answering(HINTS + HINTS + ok(), { engine });
  await using client = await rig.connect();
  for (let i = 0; i < 2; i++) {
    await client.write(head("GET /"));
    assertEquals(await client.readHead() + (await client.readHead() ?? ""), HINTS + HINTS);
    assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
    assertEquals(await client.readExactly(2), "ok");
  }
});

item(42, "hop-by-hop headers of interim answers end here", RELAY, async (engine) => {
  const interim =
    "HTTP/1.1 103 x\r\nConnection: X-A\r\nX-A: 1\r\nKeep-Alive: timeout=1\r\nX-B: 2\r\n\r\n";
  await using rig = Rig.answering(interim + ok(), { engine });
  assertEquals(await rig.ask(head("GET /")), "HTTP/1.1 103 x\r\nX-B: 2\r\n\r\n");
});

item(42, "interim answers without end are a 502", RELAY, async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write(PROCESSING.repeat(10_000));
    await conn.readAll();
  }, { engine });
  const answers = await rig.everything(head("GET /", "Connection: close"));
  const statuses = answers.match(/^HTTP\/1.1 \d+/gm) ?? [];
  assertEquals([statuses.at(-1), statuses.length < 1000], ["HTTP/1.1 502", true]);
});

item(42, "HTTP/1.0 clients get no interim answers", async (engine) => {
  await using rig = Rig.answering(HINTS + PROCESSING + ok(), { engine });
  const answer = await rig.everything("GET / HTTP/1.0\r\n\r\n");
  assertEquals(answer.match(/HTTP\/1.\d \d+/g)?.length, 1);
  assertMatch(answer, /^HTTP\/1.[01] 200 .*\r\n\r\nok$/s);
});

item(42, "interim answers are dropped", FETCH, async (engine) => {
  await using rig = Rig.answering(HINTS + ok(), { engine });
  assertMatch(await rig.ask(head("GET /"), 2), /^HTTP\/1.1 200 .*\r\n\r\nok$/s);
});

const EXPECTING = head("POST /", "Expect: 100-continue", "Content-Length: 2");

item(43, "100-continue goes from end to end", RELAY, async (engine) => {
  const permit = Promise.withResolvers<void>();
  let request = "";
  await using rig = new Rig(async (conn) => {
    request = await conn.readHead() ?? "";
    await permit.promise;
    await conn.write("HTTP/1.1 100 Go ahead\r\nX-Own: 1\r\n\r\n");
    request += await conn.readExactly(2);
    await conn.write(ok());
  }, { engine });
  await using client = await rig.connect();
  await client.write(EXPECTING);
  await until(() => request !== "", "the head to arrive");
  permit.resolve();
  assertEquals(await client.readHead(), "HTTP/1.1 100 Go ahead\r\nX-Own: 1\r\n\r\n");
  await client.write("hi");
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
  assertEquals(asSent(request), `${EXPECTING}hi`);
});

item(43, "a client that does not wait for 100 is served", async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write(ok(await conn.readExactly(2)));
  }, { engine });
  await using client = await rig.connect();
  await client.write(`${EXPECTING}hi`);
  let answer = await client.readHead() ?? "";
  if (answer.startsWith("HTTP/1.1 100 ")) answer = await client.readHead() ?? "";
  assertMatch(answer, /^HTTP\/1.1 200 /);
  assertEquals(await client.readExactly(2), "hi");
});

item(43, "a final answer instead of 100 ends the connection", RELAY, async (engine) => {
  let after = "";
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno");
    after = await conn.readAll();
  }, { engine });
  await using client = await rig.connect();
  await client.write(EXPECTING);
  const answer = await client.readHead() ?? "";
  assertMatch(answer, /^HTTP\/1.1 417 No\r\n/);
  assertEquals(values(answer, "connection"), ["close"]);
  assertEquals(await client.readAll(), "no");
  assertEquals(after, "");
});

item(43, "a client that expects 100-continue gets it and its upload arrives", async (engine) => {
  let request = "";
  await using rig = new Rig(async (conn) => {
    request = await conn.readHead() ?? "";
    if (request.includes("xpect")) await conn.write("HTTP/1.1 100 Continue\r\n\r\n");
    request += await conn.readExactly(2);
    await conn.write(ok());
  }, { engine });
  await using client = await rig.connect();
  await client.write(EXPECTING);
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 100 /);
  await client.write("hi");
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
  assertMatch(request, /\r\n\r\nhi$/);
});

item(43, "a client is asked by us after a second of silence", RELAY, async (engine) => {
  const clock = new ManualClock();
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write(ok(await conn.readExactly(2)));
  }, { engine, clock });
  await using client = await rig.connect();
  await client.write(EXPECTING);
  await until(() => rig.upstream.connections === 1, "the head to arrive");
  await clock.advance(1500);
  assertEquals(await client.readHead(), "HTTP/1.1 100 Continue\r\n\r\n");
  await client.write("hi");
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
  assertEquals(await client.readExactly(2), "hi");
});

item(43, "a 100 that comes after ours does no harm", RELAY, async (engine) => {
  const clock = new ManualClock();
  const late = Promise.withResolvers<void>();
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await late.promise;
    await conn.write("HTTP/1.1 100 Continue\r\n\r\n");
    await conn.write(ok(await conn.readExactly(2)));
  }, { engine, clock });
  await using client = await rig.connect();
  await client.write(EXPECTING);
  await until(() => rig.upstream.connections === 1, "the head to arrive");
  await clock.advance(1500);
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 100 /);
  late.resolve();
  await client.write("hi");
  const answer = await client.readHead() ?? "";
  assertMatch(answer, /^HTTP\/1.1 (100|200) /);
  if (answer.startsWith("HTTP/1.1 100")) assertMatch(await client.readHead() ?? "", / 200 /);
  assertEquals(await client.readExactly(2), "hi");
});

item(43, "a client that waits for 100 can be held meanwhile", async (engine) => {
  const accepts: Script = async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 100 Continue\r\n\r\n");
    await conn.write(ok(await conn.readExactly(2)));
  };
  await using upstream = new RawUpstream(accepts);
  const proxy = startProxy({ engine });
  await using client = await RawConnection.open(proxy.port);
  await client.write(EXPECTING);
  await until(() => proxy.counters.held === 1, "the request to be held");
  proxy.replace([{ key: "1", host: "127.0.0.1", port: upstream.port, alive: () => true }]);
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 100 /);
  await client.write("hi");
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
  assertEquals(await client.readExactly(2), "hi");
  client.close();
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});

item(44, "any other expectation is a 417", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const value of ["200-ok", "100-continue, x", "x"]) {
    const answer = await rig.ask(head("POST /", `Expect: ${value}`, "Content-Length: 0"));
    assertMatch(answer, /^HTTP\/1.1 417 /, value);
  }
  assertEquals(rig.heads, []);
});

item(44, "any other expectation is passed over", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  assertMatch(await rig.ask(head("GET /", "Expect: 200-ok"), 2), /^HTTP\/1.1 200 /);
});
