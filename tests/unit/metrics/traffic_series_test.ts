import { assertEquals } from "@std/assert";
import { TrafficSeries } from "../../../src/metrics/traffic_series.ts";
import { Counters } from "../../../src/proxy/counters.ts";

/** A series whose time only passes when told. */
function rig() {
  const clock = { ms: 1_000_000, now: () => clock.ms };
  const counters = new Counters();
  const series = new TrafficSeries({ counters: () => counters.snapshot(), clock });
  const pass = (ms: number) => {
    clock.ms += ms;
    series.sample();
  };
  return { counters, series, pass, points: () => series.picture().points };
}

Deno.test("before the first step there is nothing to tell", () => {
  assertEquals(rig().series.picture(), { stepSeconds: 5, points: [] });
});

Deno.test("a point tells the requests of its step, per second", () => {
  const { counters, pass, points } = rig();
  counters.total = 100;
  counters.failed = 5;
  pass(5_000);
  counters.total = 110;
  pass(5_000);
  assertEquals(points(), [
    { total: 20, failed: 1, p95Ms: null },
    { total: 2, failed: 0, p95Ms: null },
  ]);
});

Deno.test("what came before the series began is not counted", () => {
  const counters = new Counters();
  counters.total = 1_000;
  const clock = { ms: 0, now: () => clock.ms };
  const series = new TrafficSeries({ counters: () => counters.snapshot(), clock });
  clock.ms = 5_000;
  series.sample();
  assertEquals(series.picture().points[0]?.total, 0);
});

Deno.test("a late tick divides by the time that has really passed", () => {
  const { counters, pass, points } = rig();
  counters.total = 60;
  pass(6_000);
  assertEquals(points().map(({ total }) => total), [10]);
});

Deno.test("a stall of a minute gives the points of a minute, and no request is lost in them", () => {
  const { counters, series, pass, points } = rig();
  counters.total = 600;
  pass(60_000);
  assertEquals(points().length, 12);
  const sum = points().reduce((all, { total }) => all + total, 0);
  assertEquals(sum * series.picture().stepSeconds, 600);
});

Deno.test("the ticks that come in a bunch after a stall add nothing", () => {
  const { counters, pass, points } = rig();
  counters.total = 50;
  pass(10_000);
  counters.total = 51;
  pass(0);
  pass(3);
  assertEquals(points().length, 2);
  pass(4_997);
  assertEquals(points().at(-1)?.total, 0.2);
});

Deno.test("the 95th percentile is that of the step alone, as Prometheus estimates it", () => {
  const { counters, pass, points } = rig();
  for (let i = 0; i < 1_000; i++) counters.durations.observe(9_000);
  pass(5_000);
  for (let i = 0; i < 100; i++) counters.durations.observe(7);
  pass(5_000);
  const [first, second] = points();
  assertEquals(first?.p95Ms, 9_750);
  assertEquals(second?.p95Ms, 9.75);
});

Deno.test("above the last bound the percentile is that bound", () => {
  const { counters, pass, points } = rig();
  counters.durations.observe(600_000);
  pass(5_000);
  assertEquals(points()[0]?.p95Ms, 10_000);
});

Deno.test("only the last quarter of an hour is kept, also after a stall of a day", () => {
  const { counters, pass, points } = rig();
  for (let step = 1; step <= 200; step++) {
    counters.total = step * (step + 1) / 2 * 5;
    pass(5_000);
  }
  assertEquals(points().length, 180);
  assertEquals(Math.round(points()[0]?.total ?? 0), 21);
  assertEquals(Math.round(points().at(-1)?.total ?? 0), 200);
  pass(86_400_000);
  assertEquals(points().length, 180);
  assertEquals(points().every(({ total }) => total === 0), true);
});

Deno.test("a started series keeps no process alive", async () => {
  const module = import.meta.resolve("../../../src/metrics/traffic_series.ts");
  const counters = import.meta.resolve("../../../src/proxy/counters.ts");
  const code = `
    import { TrafficSeries } from "${module}";
    import { Counters } from "${counters}";
    const of = new Counters();
    new TrafficSeries({ counters: () => of.snapshot(), clock: performance }).start();`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", code],
    signal: AbortSignal.timeout(60_000),
    stderr: "inherit",
  });
  assertEquals((await child.output()).code, 0);
});

Deno.test("the timer of a started series ends with it, and starting twice is starting once", () => {
  using series = new TrafficSeries({
    counters: () => new Counters().snapshot(),
    clock: performance,
  });
  series.start();
  series.start();
});

Deno.test("nobody can change what is remembered", () => {
  const { pass, series } = rig();
  pass(5_000);
  series.picture().points.pop();
  assertEquals(series.picture().points.length, 1);
});
