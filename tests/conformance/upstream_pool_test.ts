import { assertEquals, assertMatch } from "@std/assert";
import { ManualClock } from "../unit/proxy/manual_clock.ts";
import { behaviour, RELAY } from "./item.ts";
import { head, ok } from "./raw.ts";
import { Rig, until } from "./rig.ts";

/** A rig on a clock that moves only by hand, whose upstream counts connections that ended. */
function timed(...headers: string[]): { rig: Rig; clock: ManualClock; ended: () => number } {
  const clock = new ManualClock();
  let ended = 0;
  const rig = new Rig(async (conn) => {
    for (let request = await conn.readHead(); request; request = await conn.readHead()) {
      await conn.write(ok("ok", ...headers));
    }
    ended++;
  }, { engine: "relay", clock });
  return { rig, clock, ended: () => ended };
}

behaviour("an idle connection to a backend ends before Node.js would end it", RELAY, async () => {
  const { rig, clock, ended } = timed();
  await using _rig = rig;
  await rig.ask(head("GET /"), 2);
  await clock.advance(3900);
  await rig.ask(head("GET /"), 2);
  assertEquals([rig.upstream.connections, ended()], [1, 0]);
  await clock.advance(4500);
  await until(() => ended() === 1, "the idle connection to end");
});

behaviour("an idle connection ends a second before its backend would end it", RELAY, async () => {
  const { rig, clock, ended } = timed("Keep-Alive: timeout=3, max=100");
  await using _rig = rig;
  await rig.ask(head("GET /"), 2);
  await clock.advance(1900);
  assertEquals(ended(), 0);
  await clock.advance(600);
  await until(() => ended() === 1, "the idle connection to end");
});

behaviour("a connection whose backend keeps it for a second is not kept", RELAY, async () => {
  const { rig, ended } = timed("Keep-Alive: timeout=1");
  await using _rig = rig;
  await rig.ask(head("GET /"), 2);
  await until(() => ended() === 1, "the connection to end");
});

behaviour("R3 what cannot be repeated takes only a connection just used", RELAY, async () => {
  const { rig, clock } = timed();
  await using _rig = rig;
  await rig.ask(head("GET /"), 2);
  await rig.ask(head("POST /"), 2);
  assertEquals(rig.upstream.connections, 1);
  await clock.advance(1500);
  await rig.ask(head("POST /"), 2);
  assertEquals(rig.upstream.connections, 2);
  await clock.advance(1500);
  await rig.ask(head("GET /"), 2);
  await rig.ask(head("POST /", "Idempotency-Key: k"), 2);
  assertEquals(rig.upstream.connections, 2);
});

behaviour("a connection in use when its backend leaves ends with its request", RELAY, async () => {
  const clock = new ManualClock();
  const gate = Promise.withResolvers<void>();
  let ended = false;
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await gate.promise;
    await conn.write(ok());
    await conn.readAll();
    ended = true;
  }, { engine: "relay", clock });
  const asked = rig.ask(head("GET /"), 2);
  await until(() => rig.upstream.connections === 1, "the request to arrive");
  rig.proxy.remove("a");
  gate.resolve();
  assertMatch(await asked, /ok$/);
  await until(() => ended, "the connection to end");
});

behaviour("the connection used last is used next", RELAY, async (engine) => {
  const gate = Promise.withResolvers<void>();
  const seen: number[] = [];
  await using rig = new Rig(async (conn, index) => {
    for (let request = await conn.readHead(); request; request = await conn.readHead()) {
      seen.push(index);
      await gate.promise;
      await conn.write(ok());
    }
  }, { engine });
  const both = [rig.ask(head("GET /"), 2), rig.ask(head("GET /"), 2)];
  await until(() => seen.length === 2, "both requests to arrive");
  gate.resolve();
  for (const answer of await Promise.all(both)) assertMatch(answer, /ok$/);
  for (let i = 0; i < 3; i++) await rig.ask(head("GET /"), 2);
  assertEquals(new Set(seen.slice(2)).size, 1);
  assertEquals(rig.upstream.connections, 2);
});
