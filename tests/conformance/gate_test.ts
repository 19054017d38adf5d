import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { EngineName } from "../../src/proxy/engines.ts";
import type { ProxyOptions } from "../../src/proxy/proxy.ts";
import { behaviour } from "./item.ts";
import { head, RawConnection, RawUpstream } from "./raw.ts";
import { firstLine, gated, Rig, startProxy, until, values } from "./rig.ts";

const NOW = Promise.resolve();

/** An answer of ours on `client`: head and body. */
async function answerOn(client: RawConnection): Promise<{ head: string; body: string }> {
  const answer = await client.readHead() ?? "";
  const length = Number(values(answer, "content-length")[0] ?? 0);
  return { head: answer, body: await client.readExactly(length) };
}

/** A rig whose upstream says `v1`, and that counts what reaches it. */
function counting(engine: EngineName, options: Partial<ProxyOptions> = {}, gate = NOW) {
  const seen = { requests: 0 };
  const rig = new Rig(gated(gate, "v1", () => seen.requests++), { engine, ...options });
  return { rig, seen };
}

async function asking(rig: Rig, ...lines: string[]): Promise<RawConnection> {
  const client = await rig.connect();
  await client.write(head(lines[0] ?? "GET /", ...lines.slice(1)));
  return client;
}

behaviour("K27 without a gate requests pass", async (engine) => {
  const { rig } = counting(engine);
  await using _ = rig;
  assertMatch(await rig.ask(head("GET /"), 2), /^HTTP\/1.1 200 [^]*v1$/);
});

behaviour(
  "K28 what waits goes on when it is released, in the order of its coming",
  async (engine) => {
    const order: string[] = [];
    await using rig = new Rig(async (conn) => {
      for (let request = await conn.readHead(); request; request = await conn.readHead()) {
        order.push(firstLine(request).split(" ")[1] ?? "");
        await conn.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nv1");
      }
    }, { engine });
    rig.proxy.hold(true);
    const clients: RawConnection[] = [];
    for (let i = 1; i <= 3; i++) {
      clients.push(await asking(rig, `GET /${i}`));
      await until(() => rig.proxy.counters.held === i, "the request to be held");
    }
    assertEquals([order, rig.upstream.connections], [[], 0]);
    rig.proxy.hold(false);
    for (const client of clients) {
      assertEquals((await answerOn(client)).body, "v1");
      client.close();
    }
    // They go out on connections of their own, all at once: who is read first is up to the system.
    assertEquals([order.toSorted(), rig.proxy.counters.held], [["/1", "/2", "/3"], 0]);
    assertEquals(rig.proxy.counters.durations.count, 3);
  },
);

behaviour("K28 a held upload and its body arrive whole after the release", async (engine) => {
  let got = "";
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    got = await conn.readExactly(5);
    await conn.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  }, { engine });
  rig.proxy.hold(true);
  await using client = await asking(rig, "POST /", "Content-Length: 5");
  await until(() => rig.proxy.counters.held === 1, "the request to be held");
  await client.write("hello");
  rig.proxy.hold(false);
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
  assertEquals(got, "hello");
});

behaviour("K29 W5 who waits too long gets 503 with Retry-After and is told why", async (engine) => {
  const { rig, seen } = counting(engine, { queueTimeoutMs: 1 });
  await using _ = rig;
  rig.proxy.hold(true);
  await using client = await asking(rig, "GET /", "Accept: text/plain");
  const answer = await answerOn(client);
  assertMatch(answer.head, /^HTTP\/1.1 503 /);
  assertEquals(values(answer.head, "retry-after"), ["1"]);
  assertStringIncludes(answer.body, "Requests are held back for a moment");
  assertEquals([seen.requests, rig.proxy.counters.failed], [0, 1]);
});

behaviour("W5 the queue has a bound while requests are held", async (engine) => {
  const { rig, seen } = counting(engine, { queueLimit: 1 });
  await using _ = rig;
  rig.proxy.hold(true);
  await using first = await asking(rig);
  await until(() => rig.proxy.counters.held === 1, "the queue to fill");
  await using second = await asking(rig);
  const answer = await answerOn(second);
  assertMatch(answer.head, /^HTTP\/1.1 503 /);
  assertEquals(values(answer.head, "retry-after"), ["1"]);
  assertStringIncludes(answer.body, "too many are waiting");
  assertEquals(seen.requests, 0);
  rig.proxy.hold(false);
  assertEquals((await answerOn(first)).body, "v1");
});

behaviour("what is in flight is touched neither by a hold nor by maintenance", async (engine) => {
  const gate = Promise.withResolvers<void>();
  const { rig, seen } = counting(engine, {}, gate.promise);
  await using _ = rig;
  await using client = await asking(rig, "POST /", "Content-Length: 0");
  await until(() => seen.requests === 1, "the request to arrive");
  rig.proxy.hold(true);
  rig.proxy.maintenance("Back soon.");
  gate.resolve();
  const answer = await answerOn(client);
  assertMatch(answer.head, /^HTTP\/1.1 200 /);
  assertEquals(answer.body, "v1");
});

behaviour("K30 in maintenance every request gets 503 at once with the message", async (engine) => {
  const { rig, seen } = counting(engine, { queueTimeoutMs: 60_000 });
  await using _ = rig;
  rig.proxy.maintenance("Back at 5.");
  await using client = await asking(rig);
  for (let i = 0; i < 2; i++) {
    const answer = await answerOn(client);
    assertMatch(answer.head, /^HTTP\/1.1 503 /);
    assertEquals(values(answer.head, "retry-after"), ["1"]);
    assertEquals(values(answer.head, "connection"), []);
    assertStringIncludes(answer.body, "Back at 5.");
    await client.write(head("GET /again"));
  }
  await answerOn(client);
  rig.proxy.maintenance(null);
  await client.write(head("GET /"));
  assertEquals((await answerOn(client)).body, "v1");
  assertEquals([seen.requests, rig.proxy.counters.failed], [1, 3]);
  assertEquals(rig.proxy.counters.answered["5xx"], 3);
});

behaviour("K31 who waits is told at once when maintenance begins", async (engine) => {
  const { rig, seen } = counting(engine, { queueTimeoutMs: 60_000 });
  await using _ = rig;
  rig.proxy.hold(true);
  await using client = await asking(rig);
  await until(() => rig.proxy.counters.held === 1, "the request to be held");
  rig.proxy.maintenance("Back soon.");
  assertStringIncludes((await answerOn(client)).body, "Back soon.");
  assertEquals([seen.requests, rig.proxy.counters.held], [0, 0]);
});

behaviour(
  "K30 K52 the message has the form that the client prefers, and is only text",
  async (engine) => {
    const { rig } = counting(engine);
    await using _ = rig;
    const message = `<script>alert("ü")</script> & "more"`;
    rig.proxy.maintenance(message);
    const bodies: Record<string, string> = {};
    for (const type of ["text/html", "application/json", "text/plain"]) {
      await using client = await asking(rig, "GET /", `Accept: ${type}`);
      const { head: answer, body } = await answerOn(client);
      assertMatch(values(answer, "content-type")[0] ?? "", new RegExp(`^${type}`));
      bodies[type] = new TextDecoder().decode(
        Uint8Array.from(body, (char) => char.charCodeAt(0)),
      );
    }
    assertStringIncludes(
      bodies["text/html"] ?? "",
      `<p>&lt;script&gt;alert(&quot;ü&quot;)&lt;/script&gt; &amp; &quot;more&quot;</p>`,
    );
    assertEquals(JSON.parse(bodies["application/json"] ?? "").detail, message);
    assertEquals(bodies["text/plain"], `503 Service Unavailable\n${message}\n`);
  },
);

behaviour("K32 while gated we answer the health check, and only that", async (engine) => {
  const { rig, seen } = counting(engine, { healthPath: "/up?deep=1", queueTimeoutMs: 1 });
  await using _ = rig;
  const gates = [
    () => rig.proxy.hold(true),
    () => rig.proxy.maintenance("Back soon."),
    () => rig.proxy.replace([]),
  ];
  for (const gate of gates) {
    gate();
    for (const method of ["GET", "HEAD"]) {
      await using client = await asking(rig, `${method} /up?deep=1`);
      const answer = await client.readHead() ?? "";
      assertMatch(answer, /^HTTP\/1.1 200 /);
      assertEquals(values(answer, "content-length"), ["3"]);
      // Nothing follows the head of an answer to HEAD: the next answer does.
      const body = method === "GET" ? "ok\n" : "";
      assertEquals(await client.readExactly(body.length), body);
      await client.write(head("GET /"));
      assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 503 /);
    }
    for (const request of ["POST /up?deep=1", "GET /up", "GET /up?deep=1&x", "GET /UP?deep=1"]) {
      await using client = await asking(rig, request, "Content-Length: 0");
      assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 503 /);
    }
  }
  assertEquals(seen.requests, 0);
});

behaviour("K32 the health check may come in absolute form", async (engine) => {
  const { rig } = counting(engine, { healthPath: "/up" });
  await using _ = rig;
  rig.proxy.hold(true);
  await using client = await asking(rig, "GET http://x/up");
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
});

behaviour("K32 without a gate the health check goes to the application", async (engine) => {
  const { rig, seen } = counting(engine, { healthPath: "/up" });
  await using _ = rig;
  rig.proxy.hold(true);
  rig.proxy.maintenance("Back soon.");
  rig.proxy.hold(false);
  rig.proxy.maintenance(null);
  assertMatch(await rig.ask(head("GET /up"), 2), /v1$/);
  rig.proxy.replace([]);
  const held = startProxy({ engine, healthPath: "/up", queueTimeoutMs: 1 });
  await using client = await RawConnection.open(held.port);
  await client.write(head("GET /up"));
  // There is no application that could be well.
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 503 /);
  await held.shutdown({ drainTimeoutMs: 0 });
  assertEquals(seen.requests, 1);
});

behaviour(
  "K33 a roll while held switches, nothing flows, and the release serves the new one",
  async (engine) => {
    const { rig, seen } = counting(engine);
    await using _ = rig;
    await using v2 = new RawUpstream(gated(NOW, "v2"));
    rig.proxy.hold(true);
    await using early = await asking(rig);
    await until(() => rig.proxy.counters.held === 1, "the request to be held");
    rig.proxy.replace([{ ...rig.target, key: "b", port: v2.port }]);
    await rig.proxy.drain("a", { timeoutMs: 1000, tunnelGraceMs: 0 });
    await using late = await asking(rig);
    await until(() => rig.proxy.counters.held === 2, "both to be held");
    assertEquals([seen.requests, v2.connections], [0, 0]);
    rig.proxy.hold(false);
    for (const client of [early, late]) assertEquals((await answerOn(client)).body, "v2");
    assertEquals(seen.requests, 0);
  },
);

behaviour("K33 maintenance wins over a hold, and both survive a switch", async (engine) => {
  const { rig, seen } = counting(engine, { queueTimeoutMs: 60_000 });
  await using _ = rig;
  rig.proxy.hold(true);
  rig.proxy.maintenance("Back soon.");
  rig.proxy.replace([{ ...rig.target, key: "b" }]);
  await using client = await asking(rig);
  assertStringIncludes((await answerOn(client)).body, "Back soon.");
  rig.proxy.maintenance(null);
  await client.write(head("GET /"));
  await until(() => rig.proxy.counters.held === 1, "the request to be held");
  assertEquals(seen.requests, 0);
  rig.proxy.hold(false);
  assertEquals((await answerOn(client)).body, "v1");
});

behaviour(
  "K34 a client that leaves while it waits never reaches the application",
  async (engine) => {
    const { rig, seen } = counting(engine);
    await using _ = rig;
    rig.proxy.hold(true);
    for (const request of [["GET /"], ["POST /", "Content-Length: 5"]]) {
      const client = await asking(rig, ...request);
      await until(() => rig.proxy.counters.held === 1, "the request to be held");
      client.close();
      await until(() => rig.proxy.counters.held === 0, "the queue to be empty");
    }
    await until(() => rig.proxy.counters.inFlight === 0, "nothing to be in flight");
    rig.proxy.hold(false);
    assertMatch(await rig.ask(head("GET /"), 2), /v1$/);
    const { clientGone, durations } = rig.proxy.counters;
    assertEquals([seen.requests, clientGone], [1, 2]);
    await until(() => rig.proxy.counters.inFlight === 0, "nothing to be in flight");
    assertEquals([rig.proxy.counters.total, durations.count], [3, 3]);
  },
);

behaviour("a stop ends what is held with 503", async (engine) => {
  const { rig, seen } = counting(engine, { queueTimeoutMs: 60_000 });
  await using _ = rig;
  rig.proxy.hold(true);
  await using client = await asking(rig);
  await until(() => rig.proxy.counters.held === 1, "the request to be held");
  const stopped = rig.proxy.shutdown({ drainTimeoutMs: 1000 });
  assertMatch((await answerOn(client)).body, /The service is stopping/);
  await stopped;
  assertEquals(seen.requests, 0);
});
