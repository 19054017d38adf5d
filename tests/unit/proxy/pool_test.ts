import { assertEquals } from "@std/assert";
import type { Backend, BackendTarget, CutCause } from "../../../src/proxy/backend.ts";
import { Pool } from "../../../src/proxy/pool.ts";
import { ManualClock } from "./manual_clock.ts";

const FOREVER = new AbortController().signal;
const IGNORE = () => {};

function setUp(queueLimit = 10) {
  const clock = new ManualClock();
  const left: Backend[] = [];
  const onLeft = (backend: Backend) => left.push(backend);
  const pool = new Pool({ clock, random: () => 1, queueLimit, onLeft });
  const waiting = () => pool.waitForClaim(IGNORE, 1000, FOREVER);
  return { clock, pool, left, waiting };
}

function target(key: string): BackendTarget {
  return { key, host: "127.0.0.1", port: 1, alive: () => true };
}

Deno.test("Pool.replace() keeps the backend of a key that stays", () => {
  const { pool, left } = setUp();
  pool.replace([target("a")]);
  const before = pool.claim(null, IGNORE)?.backend;
  pool.replace([target("a"), target("b")]);
  assertEquals([before?.state, left], ["serving", []]);
});

Deno.test("a key that is draining is recalled with the same backend, and nothing is cut", async () => {
  const { pool, clock, left } = setUp();
  const cuts: CutCause[] = [];
  pool.replace([target("a")]);
  const claim = pool.claim(null, (cause) => cuts.push(cause));
  pool.replace([target("b")]);
  const drained = pool.drain("a", { timeoutMs: 1000, tunnelGraceMs: 1000 });
  await clock.advance(500);
  pool.replace([target("a")]);
  assertEquals(await drained, { finished: 0, cut: 0 });
  const next = pool.claim(null, IGNORE);
  assertEquals([next?.backend === claim?.backend, next?.backend.inFlight], [true, 2]);
  await clock.advance(60_000);
  assertEquals([cuts, left.map(({ key }) => key)], [[], ["a", "b"]]);
});

Deno.test("a recalled backend is still known: it can be drained and cut as any other", async () => {
  const { pool, clock } = setUp();
  const cuts: CutCause[] = [];
  pool.replace([target("a")]);
  pool.claim(null, (cause) => cuts.push(cause));
  pool.replace([target("b")]);
  const first = pool.drain("a", { timeoutMs: 1000, tunnelGraceMs: 0 });
  pool.replace([target("a")]);
  await first;
  const second = pool.drain("a", { timeoutMs: 1000, tunnelGraceMs: 0 });
  await clock.advance(1000);
  assertEquals([await second, cuts], [{ finished: 0, cut: 1 }, ["drain"]]);
});

Deno.test("a backend without anything in flight is made anew when its key comes back", () => {
  const { pool } = setUp();
  pool.replace([target("a")]);
  const first = pool.claim(null, IGNORE);
  first?.release();
  pool.replace([]);
  pool.replace([target("a")]);
  assertEquals(pool.claim(null, IGNORE)?.backend === first?.backend, false);
});

Deno.test("K28 while held nothing is claimed, and a release lets all go on in order", async () => {
  const { pool, waiting } = setUp();
  pool.replace([target("a")]);
  pool.setHeld(true);
  assertEquals([pool.claim(null, IGNORE), pool.isGated], [null, true]);
  const order: number[] = [];
  const all = [1, 2, 3].map((turn) => waiting().then(() => order.push(turn)));
  pool.replace([target("b")]);
  assertEquals(pool.held, 3);
  pool.setHeld(false);
  await Promise.all(all);
  assertEquals([order, pool.held, pool.isGated], [[1, 2, 3], 0, false]);
  assertEquals(pool.claim(null, IGNORE)?.backend.key, "b");
});

Deno.test("K31 maintenance ends all waits, and leaves a hold as it was", async () => {
  const { pool, waiting } = setUp();
  pool.replace([target("a")]);
  pool.setHeld(true);
  const before = waiting();
  pool.setMaintenance("Back soon.");
  assertEquals([await before, pool.maintenance], [{ kind: "refused" }, "Back soon."]);
  pool.setMaintenance(null);
  assertEquals([pool.isHeld, pool.isGated, pool.claim(null, IGNORE)], [true, true, null]);
});

Deno.test("W5 the queue is bounded while held", async () => {
  const { pool, waiting } = setUp(1);
  pool.replace([target("a")]);
  pool.setHeld(true);
  const first = waiting();
  assertEquals(await waiting(), { kind: "full" });
  pool.closeHold();
  assertEquals(await first, { kind: "closed" });
});
