import { assertEquals } from "@std/assert";
import type { BackendTarget } from "../../../src/proxy/backend.ts";
import { Counters } from "../../../src/proxy/counters.ts";
import { type Attempt, type Dispatch, Dispatcher } from "../../../src/proxy/dispatcher.ts";
import { Pool } from "../../../src/proxy/pool.ts";
import { ManualClock, settled } from "./manual_clock.ts";

const TARGET: BackendTarget = { key: "a", host: "127.0.0.1", port: 1, alive: () => true };

function setUp({ queueLimit = 10, queueTimeoutMs = 1000 } = {}) {
  const clock = new ManualClock();
  // Not zero: a back-off of no time at all would be followed by the next one for ever.
  const random = () => 0.5;
  const pool = new Pool({ clock, random, queueLimit });
  const counters = new Counters();
  const dispatcher = new Dispatcher({
    pool,
    counters,
    clock,
    random,
    queueTimeoutMs,
    retryUnsafe: false,
  });
  pool.replace([TARGET]);
  return { clock, pool, counters, dispatcher };
}

/** A GET whose attempts end as `attempts` say, in turn; the last one again and again. */
function request(...attempts: Attempt<string>[]): Dispatch<string> & { tries: number } {
  return {
    tries: 0,
    method: "GET",
    idempotencyKey: false,
    signal: new AbortController().signal,
    bodyReplayable: () => true,
    onHeld() {},
    onCut() {},
    attempt() {
      const attempt = attempts[Math.min(this.tries++, attempts.length - 1)];
      return Promise.resolve(attempt ?? { kind: "answer", answer: "hello" });
    },
  };
}

const DEAD: Attempt<string> = { kind: "failed", failure: "reused_dead", connection: "reused" };
const CUT: Attempt<string> = {
  kind: "failed",
  failure: "closed_before_head",
  connection: "fresh",
};
const REFUSED: Attempt<string> = { kind: "failed", failure: "connect_failed", connection: "fresh" };

Deno.test("Dispatcher gives the backend's answer, with its claim", async () => {
  const { dispatcher, counters } = setUp();
  const dispatched = await dispatcher.dispatch(request());
  assertEquals(dispatched.kind === "answer" && dispatched.answer, "hello");
  assertEquals(dispatched.kind === "answer" && dispatched.claim.backend.inFlight, 1);
  assertEquals([counters.retried, counters.held, dispatcher.isGated], [{}, 0, false]);
});

Deno.test("Dispatcher tries again on a fresh connection and counts why", async () => {
  const { dispatcher, counters } = setUp();
  const asked = request(DEAD, { kind: "answer", answer: "hello" });
  const dispatched = await dispatcher.dispatch(asked);
  assertEquals([dispatched.kind, asked.tries], ["answer", 2]);
  assertEquals(counters.retried, { reused_dead: 1 });
});

Deno.test("R11 Dispatcher answers all that a death has cut, known or not yet", async () => {
  const { dispatcher, pool, clock, counters } = setUp({ queueLimit: 100 });
  let alive = true;
  pool.replace([{ ...TARGET, key: "b", alive: () => alive }]);
  const all = Array.from({ length: 20 }, () => request(CUT, { kind: "answer", answer: "hello" }));
  const dispatched = all.map((asked) => dispatcher.dispatch(asked));
  await clock.advance(4);
  alive = false;
  await clock.advance(50);
  pool.replace([{ ...TARGET, key: "c" }]);
  assertEquals((await Promise.all(dispatched)).map(({ kind }) => kind), Array(20).fill("answer"));
  assertEquals([counters.activeRetries, counters.held], [0, 0]);
});

Deno.test("R5 Dispatcher gives up on a backend that lives and cuts too many", async () => {
  const { dispatcher, clock } = setUp();
  const all = Array.from({ length: 5 }, () => dispatcher.dispatch(request(CUT)));
  await clock.advance(600);
  assertEquals((await Promise.all(all)).map(({ kind }) => kind), Array(5).fill("failed"));
});

Deno.test("K28 Dispatcher waits while requests are held", async () => {
  const { dispatcher, pool, counters } = setUp();
  pool.setHeld(true);
  const asked = request();
  const dispatched = dispatcher.dispatch(asked);
  await settled();
  assertEquals([asked.tries, counters.held, dispatcher.isGated], [0, 1, true]);
  pool.setHeld(false);
  assertEquals([(await dispatched).kind, counters.held], ["answer", 0]);
});

Deno.test("K29 Dispatcher says that requests are held back when the time is up", async () => {
  const { dispatcher, pool, clock } = setUp();
  pool.setHeld(true);
  const dispatched = dispatcher.dispatch(request());
  await clock.advance(1000);
  assertEquals(await dispatched, {
    kind: "failed",
    status: 503,
    reason: "queue_timeout",
    detail: "Requests are held back for a moment, and this one has waited too long.",
  });
});

Deno.test("Dispatcher says nothing of a hold when the application is what is missing", async () => {
  const { dispatcher, pool, clock } = setUp();
  pool.replace([]);
  const dispatched = dispatcher.dispatch(request());
  await clock.advance(1000);
  assertEquals(await dispatched, { kind: "failed", status: 503, reason: "queue_timeout" });
});

Deno.test("W5 Dispatcher refuses what does not fit into the queue", async () => {
  const { dispatcher, pool } = setUp({ queueLimit: 0 });
  pool.setHeld(true);
  const dispatched = await dispatcher.dispatch(request());
  assertEquals(dispatched.kind === "failed" && dispatched.reason, "queue_full");
});

Deno.test("K30 K31 Dispatcher tells the message to new requests and to those that wait", async () => {
  const { dispatcher, pool } = setUp();
  pool.setHeld(true);
  const waiting = dispatcher.dispatch(request());
  await settled();
  pool.setMaintenance("Back soon.");
  const refused = {
    kind: "failed",
    status: 503,
    reason: "maintenance",
    detail: "Back soon.",
  } as const;
  assertEquals(await waiting, refused);
  const asked = request();
  assertEquals([await dispatcher.dispatch(asked), asked.tries], [refused, 0]);
});

Deno.test("Dispatcher does not send a request again once maintenance has begun", async () => {
  const { dispatcher, pool } = setUp();
  const asked = request(DEAD);
  const sending = asked.attempt;
  asked.attempt = function (claim, fresh) {
    pool.setMaintenance("Back soon.");
    return sending.call(this, claim, fresh);
  };
  const dispatched = await dispatcher.dispatch(asked);
  assertEquals([dispatched.kind === "failed" && dispatched.reason, asked.tries], [
    "maintenance",
    1,
  ]);
});

Deno.test("Dispatcher gives every claim back when no backend answers", async () => {
  const { dispatcher, pool, clock } = setUp();
  const claimed = new Set<{ readonly inFlight: number }>();
  const asked = request(REFUSED);
  const sending = asked.attempt;
  asked.attempt = function (claim, fresh) {
    claimed.add(claim.backend);
    return sending.call(this, claim, fresh);
  };
  const dispatched = dispatcher.dispatch(asked);
  for (let i = 0; i < 100; i++) await clock.advance(1000);
  assertEquals((await dispatched).kind, "failed");
  assertEquals([...claimed].map(({ inFlight }) => inFlight), [0]);
  assertEquals(pool.held, 0);
});
