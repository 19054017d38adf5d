import { assertEquals } from "@std/assert";
import { Hold } from "../../../src/proxy/hold.ts";
import { ManualClock, settled } from "./manual_clock.ts";

const FOREVER = new AbortController().signal;

function setUp(limit = 10) {
  const clock = new ManualClock();
  const hold = new Hold<string>({ limit, clock });
  const supply: string[] = [];
  const select = () => supply.shift() ?? null;
  return { clock, hold, supply, select };
}

Deno.test("Hold.wait() returns at once when a backend serves", async () => {
  const { hold, supply, select, clock } = setUp();
  supply.push("a");
  assertEquals(await hold.wait(select, 1000, FOREVER), { kind: "ready", value: "a" });
  assertEquals([hold.size, clock.sleeping], [0, 0]);
});

Deno.test("K01 a held request goes on as soon as a backend appears", async () => {
  const { hold, supply, select, clock } = setUp();
  const waiting = hold.wait(select, 1000, FOREVER);
  assertEquals(hold.size, 1);
  supply.push("a");
  hold.poolChanged();
  assertEquals(await waiting, { kind: "ready", value: "a" });
  assertEquals([hold.size, clock.sleeping], [0, 0]);
});

Deno.test("Hold serves the request that came first", async () => {
  const { hold, supply, select } = setUp();
  const first = hold.wait(select, 1000, FOREVER);
  const second = hold.wait(select, 1000, FOREVER);
  supply.push("a");
  hold.poolChanged();
  assertEquals([await first, hold.size], [{ kind: "ready", value: "a" }, 1]);
  supply.push("b");
  hold.poolChanged();
  assertEquals(await second, { kind: "ready", value: "b" });
});

Deno.test("Hold.wait() ends after its time", async () => {
  const { hold, select, clock } = setUp();
  const waiting = hold.wait(select, 1000, FOREVER);
  await clock.advance(999);
  assertEquals(hold.size, 1);
  await clock.advance(1);
  assertEquals([await waiting, hold.size], [{ kind: "timed_out" }, 0]);
});

Deno.test("Hold refuses what does not fit", async () => {
  const { hold, select } = setUp(1);
  const waiting = hold.wait(select, 1000, FOREVER);
  assertEquals(await hold.wait(select, 1000, FOREVER), { kind: "full" });
  hold.close();
  await waiting;
});

Deno.test("K34 a waiter whose client is gone leaves the queue and is never selected", async () => {
  const { hold, supply, select, clock } = setUp();
  const client = new AbortController();
  const waiting = hold.wait(select, 1000, client.signal);
  client.abort();
  assertEquals([await waiting, hold.size, clock.sleeping], [{ kind: "client_gone" }, 0, 0]);
  supply.push("a");
  hold.poolChanged();
  assertEquals(supply, ["a"]);
  assertEquals(await hold.wait(select, 1000, client.signal), { kind: "client_gone" });
  assertEquals(supply, ["a"]);
});

Deno.test("Hold.close() ends all waits and later ones, but not what can be served", async () => {
  const { hold, supply, select, clock } = setUp();
  const waiting = [hold.wait(select, 1000, FOREVER), hold.wait(select, 1000, FOREVER)];
  hold.close();
  assertEquals(await Promise.all(waiting), [{ kind: "closed" }, { kind: "closed" }]);
  assertEquals(await hold.wait(select, 1000, FOREVER), { kind: "closed" });
  supply.push("a");
  assertEquals(await hold.wait(select, 1000, FOREVER), { kind: "ready", value: "a" });
  await settled();
  assertEquals(clock.sleeping, 0);
});
