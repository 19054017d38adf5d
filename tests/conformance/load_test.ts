import { assertEquals } from "@std/assert";
import type { Proxy } from "../../src/proxy/proxy.ts";
import { behaviour } from "./item.ts";
import { head, ok, RawConnection, RawUpstream } from "./raw.ts";
import { startProxy, until, values } from "./rig.ts";

interface Tally {
  good: number;
  bad: string[];
}

/** Answers every request, with or without a body. */
function app(): RawUpstream {
  return new RawUpstream(async (conn) => {
    for (let next = await conn.readHead(); next; next = await conn.readHead()) {
      await conn.readExactly(Number(values(next, "content-length")[0] ?? 0));
      await conn.write(ok());
    }
  });
}

/** Keep-alive clients that ask without a pause until `done`. */
async function clients(
  proxy: Proxy,
  count: number,
  request: string,
  done: () => boolean,
): Promise<Tally> {
  const tally: Tally = { good: 0, bad: [] };
  await Promise.all(Array.from({ length: count }, async () => {
    await using client = await RawConnection.open(proxy.port);
    while (!done()) {
      await client.write(request);
      const answer = await client.readHead() ?? "connection lost";
      if (!answer.startsWith("HTTP/1.1 200 ")) tally.bad.push(answer);
      await client.readExactly(Number(values(answer, "content-length")[0] ?? 0));
      tally.good++;
    }
  }));
  return tally;
}

for (const request of [head("GET /"), head("POST /", "Content-Length: 3") + "abc"]) {
  const method = request.split(" ")[0];
  behaviour(`K21 ten rolls under a load of ${method} lose nothing`, async (engine) => {
    const proxy = startProxy({ engine });
    let done = false;
    let current = app();
    const target = (key: string) => ({
      key,
      host: "127.0.0.1",
      port: current.port,
      alive: () => true,
    });
    proxy.replace([target("0")]);
    const load = clients(proxy, 8, request, () => done);
    for (let roll = 1; roll <= 10; roll++) {
      const old = current;
      current = app();
      const answered = proxy.counters.total;
      await until(() => proxy.counters.total > answered + 20, "some load");
      proxy.replace([target(String(roll))]);
      const report = await proxy.drain(String(roll - 1), { timeoutMs: 5000, tunnelGraceMs: 0 });
      assertEquals(report.cut, 0);
      await old[Symbol.asyncDispose]();
    }
    done = true;
    const tally = await load;
    assertEquals(tally.bad, []);
    assertEquals(proxy.counters.retried, {});
    await proxy.shutdown({ drainTimeoutMs: 1000 });
    await current[Symbol.asyncDispose]();
  });
}

behaviour("K26 B03 ten crashes under a load of GET lose nothing", async (engine) => {
  const proxy = startProxy({ engine });
  let done = false;
  let current = app();
  const serve = (key: string) => {
    const isAlive = { now: true };
    proxy.replace([{ key, host: "127.0.0.1", port: current.port, alive: () => isAlive.now }]);
    return isAlive;
  };
  let life = serve("0");
  const load = clients(proxy, 8, head("GET /"), () => done);
  for (let crash = 1; crash <= 10; crash++) {
    const answered = proxy.counters.total;
    await until(() => proxy.counters.total > answered + 20, "some load");
    await current[Symbol.asyncDispose]();
    // The exit of a process is noticed a little after its connections have ended.
    await new Promise((resolve) => setTimeout(resolve, 5));
    life.now = false;
    proxy.remove(String(crash - 1));
    current = app();
    life = serve(String(crash));
  }
  done = true;
  assertEquals((await load).bad, []);
  await proxy.shutdown({ drainTimeoutMs: 1000 });
  await current[Symbol.asyncDispose]();
});
