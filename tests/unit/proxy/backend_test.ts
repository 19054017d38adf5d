import { assertEquals } from "@std/assert";
import { Backend, type Claim, type CutCause } from "../../../src/proxy/backend.ts";
import { ManualClock, settled } from "./manual_clock.ts";

function setUp() {
  const clock = new ManualClock();
  const backend = new Backend({ key: "a", host: "127.0.0.1", port: 1, alive: () => true });
  const cuts: CutCause[] = [];
  const claim = (): Claim => {
    const claimed = backend.claim((cause) => cuts.push(cause));
    if (!claimed) throw new Error("Cannot claim");
    return claimed;
  };
  const drain = (timeoutMs: number, tunnelGraceMs = timeoutMs, signal?: AbortSignal) =>
    backend.drain(
      { timeoutMs, tunnelGraceMs, ...(signal && { signal }) },
      { clock, random: () => 1 },
    );
  return { clock, backend, cuts, claim, drain };
}

Deno.test("Backend counts a claim until it is released, once", () => {
  const { backend, claim } = setUp();
  const first = claim();
  claim();
  assertEquals(backend.inFlight, 2);
  first.release();
  first.release();
  assertEquals(backend.inFlight, 1);
});

Deno.test("Backend cannot be claimed any more once it has been withdrawn", () => {
  const { backend } = setUp();
  backend.withdraw();
  assertEquals(backend.claim(() => {}), null);
  assertEquals(backend.state, "draining");
  assertEquals(backend.available, false);
});

Deno.test("K17 a drain with nothing in flight returns at once", async () => {
  const { backend, clock, drain } = setUp();
  assertEquals(await drain(60_000), { finished: 0, cut: 0 });
  assertEquals(backend.state, "gone");
  assertEquals(clock.sleeping, 0);
});

Deno.test("K15 a drain waits for requests to finish by themselves", async () => {
  const { claim, clock, drain, cuts } = setUp();
  const claims = [claim(), claim(), claim()];
  const report = drain(5000);
  await clock.advance(200);
  for (const one of claims) one.release();
  assertEquals(await report, { finished: 3, cut: 0 });
  assertEquals(cuts, []);
  assertEquals(clock.sleeping, 0);
});

Deno.test("K16 a drain cuts what has not finished in time", async () => {
  const { claim, clock, drain, cuts, backend } = setUp();
  const done = claim();
  for (let i = 0; i < 19; i++) claim();
  const report = drain(10);
  done.release();
  await clock.advance(10);
  assertEquals(await report, { finished: 1, cut: 19 });
  assertEquals(cuts, Array(19).fill("drain"));
  assertEquals(backend.inFlight, 0);
});

Deno.test("Backend.drain() cuts at once when its signal aborts", async () => {
  const { claim, drain, cuts } = setUp();
  claim();
  const hurry = new AbortController();
  const report = drain(60_000, 60_000, hurry.signal);
  hurry.abort();
  assertEquals(await report, { finished: 0, cut: 1 });
  assertEquals(cuts, ["drain"]);
});

Deno.test("K18 tunnels are ended after their grace and do not hold the whole drain", async () => {
  const { claim, clock, drain, backend } = setUp();
  const ended: number[] = [];
  claim().becomeTunnel(() => ended.push(clock.now()));
  const request = claim();
  const report = drain(30_000, 5000);
  await clock.advance(5000);
  assertEquals([ended, backend.inFlight], [[5000], 1]);
  request.release();
  assertEquals(await report, { finished: 1, cut: 1 });
});

Deno.test("K19 tunnels stay for their grace", async () => {
  const { claim, clock, drain } = setUp();
  const ended: number[] = [];
  claim().becomeTunnel(() => ended.push(clock.now()));
  const report = drain(30_000, 5000);
  await clock.advance(4499);
  assertEquals(ended, []);
  await clock.advance(501);
  assertEquals(await report, { finished: 0, cut: 1 });
});

Deno.test("Backend.drain() spreads the end of tunnels over the last tenth of their grace", async () => {
  const clock = new ManualClock();
  const backend = new Backend({ key: "a", host: "127.0.0.1", port: 1, alive: () => true });
  const ended: number[] = [];
  for (let i = 0; i < 3; i++) {
    backend.claim(() => {})?.becomeTunnel(() => ended.push(Math.round(clock.now())));
  }
  const jitter = [0, 0.5, 1];
  const random = () => jitter.shift() ?? 0;
  const report = backend.drain({ timeoutMs: 9000, tunnelGraceMs: 1000 }, { clock, random });
  await clock.advance(1000);
  await report;
  assertEquals(ended, [900, 950, 1000]);
});

Deno.test("Backend.drain() ends tunnels with the requests when their grace is longer", async () => {
  const { claim, clock, drain } = setUp();
  let ended = 0;
  claim().becomeTunnel(() => ended++);
  const report = drain(1000, 60_000);
  await clock.advance(1000);
  assertEquals([await report, ended], [{ finished: 0, cut: 1 }, 1]);
});

Deno.test("K18 a tunnel that opens during a drain has what is left of the grace", async () => {
  const { claim, clock, drain } = setUp();
  const [early, late] = [claim(), claim()];
  const ended: number[] = [];
  const report = drain(30_000, 5000);
  await clock.advance(2000);
  early.becomeTunnel(() => ended.push(clock.now()));
  await clock.advance(4000);
  late.becomeTunnel(() => ended.push(clock.now()));
  await clock.advance(1);
  assertEquals(await report, { finished: 0, cut: 2 });
  assertEquals(ended, [5000, 6000]);
});

Deno.test("Backend.drain() also ends a tunnel that opened while it was draining", async () => {
  const { claim, clock, drain } = setUp();
  const opening = claim();
  let ended = 0;
  const report = drain(1000, 100);
  await settled();
  opening.becomeTunnel(() => ended++);
  await clock.advance(1000);
  assertEquals([await report, ended], [{ finished: 0, cut: 1 }, 1]);
});

Deno.test("a patient tunnel may stay for as long as requests, spread over the last tenth", async () => {
  const { claim, clock, cuts, backend } = setUp();
  for (let i = 0; i < 2; i++) {
    claim().becomeTunnel((cause) => cuts.push(cause), { patient: true });
  }
  claim().becomeTunnel((cause) => cuts.push(cause));
  let turn = 0;
  const report = backend.drain(
    { timeoutMs: 1000, tunnelGraceMs: 100 },
    { clock, random: () => turn++ % 2 },
  );
  await clock.advance(100);
  assertEquals(cuts.length, 1);
  await clock.advance(799);
  assertEquals(cuts.length, 1);
  await clock.advance(1);
  assertEquals(cuts.length, 2);
  await clock.advance(100);
  assertEquals(await report, { finished: 0, cut: 3 });
});

Deno.test("a recalled backend serves again, and its drain ends without cutting anything", async () => {
  const { backend, claim, clock, drain, cuts } = setUp();
  const [early, slow] = [claim(), claim()];
  const tunnel = claim();
  tunnel.becomeTunnel((cause) => cuts.push(cause));
  const report = drain(5000, 1000);
  early.release();
  await clock.advance(500);
  assertEquals(backend.recall(), true);
  const next = claim();
  assertEquals(await report, { finished: 1, cut: 0 });
  await clock.advance(60_000);
  assertEquals([backend.state, backend.inFlight, cuts, clock.sleeping], ["serving", 3, [], 0]);
  for (const one of [slow, tunnel, next]) one.release();
});

Deno.test("a backend recalled in the moment in which its time is up loses nothing", async () => {
  const { backend, claim, cuts } = setUp();
  claim().becomeTunnel((cause) => cuts.push(cause));
  claim();
  const wake: (() => void)[] = [];
  const clock = { now: () => 0, sleep: () => new Promise<void>((resolve) => wake.push(resolve)) };
  const report = backend.drain({ timeoutMs: 10, tunnelGraceMs: 10 }, { clock, random: () => 1 });
  for (const up of wake) up();
  backend.recall();
  assertEquals(await report, { finished: 0, cut: 0 });
  assertEquals([backend.state, backend.inFlight, cuts], ["serving", 2, []]);
});

Deno.test("what was cut before a backend was recalled is told", async () => {
  const { backend, claim, clock, drain } = setUp();
  claim().becomeTunnel(() => {});
  claim();
  const report = drain(5000, 100);
  await clock.advance(100);
  backend.recall();
  assertEquals(await report, { finished: 0, cut: 1 });
});

Deno.test("a recalled backend can be drained again, by its own limits", async () => {
  const { backend, claim, clock, drain, cuts } = setUp();
  claim();
  const first = drain(100);
  backend.recall();
  const second = drain(1000);
  await clock.advance(999);
  assertEquals([await first, cuts], [{ finished: 0, cut: 0 }, []]);
  await clock.advance(1);
  assertEquals([await second, backend.state], [{ finished: 0, cut: 1 }, "gone"]);
});

Deno.test("a backend that is gone cannot be recalled", async () => {
  const { backend, drain } = setUp();
  await drain(100);
  assertEquals([backend.recall(), backend.state], [false, "gone"]);
});
