import { assert, assertEquals } from "@std/assert";
import { SourceError } from "../../../src/roll/effects.ts";
import { Life } from "./fair_world.ts";

Deno.test("the first version is looked for at once, started, proven and switched to", async () => {
  const life = new Life();
  await life.serve("v1");
  assertEquals(life.world.deeds, ["start v1@9101", "switch i1"]);
  assertEquals(life.world.of("check.started").map(({ trigger }) => trigger), ["start"]);
  assertEquals(life.detail, "serving v1 on port 9101");
  await life.end();
});

Deno.test("what a first start and a roll tell, in order", async () => {
  const life = new Life();
  await life.serve("v1");
  life.publish("v2");
  await life.pass(10_000);
  const told = life.world.events.filter(({ type }) => type !== "probe.failed");
  assertEquals(told.map((event) => event.type === "state" ? event.state : event.type), [
    "check.started",
    "starting",
    "update.found",
    "roll.started",
    "starting",
    "roll.candidate",
    "roll.switched",
    "serving",
    "roll.succeeded",
    "check.started",
    "update.found",
    "roll.started",
    "rolling",
    "roll.candidate",
    "roll.switched",
    "serving",
    "roll.succeeded",
    "drained",
    "instance.stopped",
  ]);
  await life.end();
});

Deno.test("the source is asked again one interval after its last answer, never two at a time", async () => {
  const life = new Life();
  let asking = 0;
  let most = 0;
  const askedAt: number[] = [];
  life.world.source.latest = async (signal) => {
    askedAt.push(life.world.clock.now());
    most = Math.max(most, ++asking);
    await life.world.clock.sleep(25_000, signal).finally(() => asking--);
    return "v1";
  };
  life.publish("v1");
  life.begin();
  await life.pass(100_000);
  assertEquals(askedAt, [0, 35_000, 70_000]);
  assertEquals(most, 1);
  await life.end();
});

Deno.test("an interval is jittered by a tenth at most", async () => {
  for (const [random, intervalMs] of [[0, 9_000], [0.999_999_9, 11_000]] as const) {
    const life = new Life();
    const asked: number[] = [];
    life.world.source.latest = () => {
      asked.push(life.world.clock.now());
      return Promise.resolve("v1");
    };
    life.publish("v1");
    life.world.random = () => random;
    life.begin();
    await life.pass(12_000);
    assertEquals(Math.round(asked[1]! - asked[0]!), intervalMs);
    await life.end();
  }
});

Deno.test("with --max-backoff a source that fails is asked less and less, and as before once it answers", async () => {
  const life = new Life({ maxBackoffMs: 60_000 });
  const asked: number[] = [];
  let isDown = false;
  life.world.source.latest = () => {
    asked.push(life.world.clock.now());
    return isDown ? Promise.reject(new SourceError("registry", "down")) : Promise.resolve("v1");
  };
  await life.serve("v1");
  isDown = true;
  await life.pass(100_000);
  isDown = false;
  await life.pass(50_000);
  const waits = asked.slice(1).map((at, i) => Math.round((at - asked[i]!) / 100) * 100);
  assertEquals(waits, [10_000, 10_000, 17_500, 32_500, 47_500, 10_000, 10_000, 10_000]);
  await life.end();
});

Deno.test("an unchanged id changes nothing", async () => {
  const life = new Life();
  await life.serve("v1");
  await life.pass(100_000);
  assertEquals(life.world.deeds, ["start v1@9101", "switch i1"]);
  assertEquals(life.world.of("check.unchanged").length, 10);
  await life.end();
});

Deno.test("versions take turns on the two ports", async () => {
  const life = new Life();
  const ports: number[] = [];
  await life.serve("v1");
  for (const id of ["v2", "v3", "v4"]) {
    ports.push(life.current!.port);
    life.publish(id);
    await life.pass(10_000);
    assertEquals(life.current?.id, id);
  }
  assertEquals(ports, [9101, 9102, 9101]);
  await life.end();
});

Deno.test("B10 a forced update replaces an instance of the same id and ends with exactly one", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  life.updater.agenda.requestForcedUpdate();
  await life.pass(3_000);
  assertEquals([life.current?.id, life.current?.key], ["v1", "i2"]);
  assertEquals(life.world.alive, ["i2"]);
  assertEquals(first.exit, { code: 143, signal: "SIGTERM" });
  assertEquals(life.world.of("check.started").map(({ trigger }) => trigger), ["start", "forced"]);
  await life.end();
});

Deno.test("K59 two triggers at once: serialised, the last id wins, never a third child", async () => {
  const life = new Life();
  await life.serve("v1");
  life.publish("v2", { healthyAfterMs: 2_000 });
  life.updater.agenda.requestForcedUpdate();
  await life.pass(1_000);
  life.publish("v3");
  life.updater.agenda.requestForcedUpdate();
  life.updater.agenda.requestForcedUpdate();
  await life.pass(1_000);
  assertEquals(life.world.of("roll.started").map(({ to }) => to), ["v1", "v2"]);
  await life.pass(7_000);
  assertEquals(life.world.of("roll.started").map(({ to }) => to), ["v1", "v2", "v3"]);
  assertEquals(life.current?.id, "v3");
  assertEquals(life.world.alive, ["i3"]);
  await life.end();
});

Deno.test("a forced update that comes during a check is not lost", async () => {
  const life = new Life();
  await life.serve("v1");
  let answer = Promise.withResolvers<string>();
  life.world.source.latest = () => answer.promise;
  await life.pass(10_000);
  life.updater.agenda.requestForcedUpdate();
  const { resolve } = answer;
  answer = Promise.withResolvers();
  answer.resolve("v1");
  resolve("v1");
  await life.pass(1_000);
  assertEquals(life.world.of("check.unchanged").length, 1);
  assertEquals(life.current?.key, "i2");
  await life.end();
});

Deno.test("a restart replaces the instance without asking the source", async () => {
  const life = new Life();
  await life.serve("v1");
  const checks = life.world.of("check.started").length;
  life.publish("v2");
  life.updater.agenda.requestRestart();
  await life.pass(2_000);
  assertEquals([life.current?.id, life.current?.key], ["v1", "i2"]);
  assertEquals(life.world.of("check.started").length, checks);
  assertEquals(life.world.alive, ["i2"]);
  await life.end();
});

Deno.test("a restart before anything was proven waits for the first version", async () => {
  const life = new Life();
  life.publish("v1");
  life.updater.agenda.requestRestart();
  life.begin();
  await life.pass(3_000);
  assertEquals(life.world.of("roll.started").map(({ trigger }) => trigger), ["start", "restart"]);
  assertEquals(life.world.alive, ["i2"]);
  await life.end();
});

Deno.test("a restart that fails leaves the old instance in service and the version out of quarantine", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  life.world.behave("v1", { livesMs: 10 });
  life.updater.agenda.requestRestart();
  await life.pass(2_000);
  assertEquals(life.world.of("roll.failed").map(({ retryInMs }) => retryInMs), [null]);
  assertEquals(life.current?.key, first.key);
  assertEquals(life.detail, "serving v1 on port 9101");
  await life.end();
});

Deno.test("B18 a refused version is not tried again before its back-off has ended", async () => {
  const life = new Life();
  await life.serve("v1");
  life.publish("bad", { livesMs: 10 });
  await life.pass(10_000);
  assertEquals(
    life.world.of("roll.failed").map(({ id, reason, retryInMs }) => [id, reason, retryInMs]),
    [
      ["bad", "exited", 30_000],
    ],
  );
  const failedAt = life.world.clock.now();
  await life.pass(25_000);
  assertEquals(life.world.of("roll.failed").length, 1);
  assert(life.world.of("check.quarantined").length >= 2);
  assertEquals(life.current?.id, "v1");
  assertEquals(
    life.detail,
    "serving v1 on port 9101; bad refused: it exited with code 1 before it was healthy",
  );
  await life.pass(20_000);
  assertEquals(life.world.of("roll.failed").map(({ retryInMs }) => retryInMs), [30_000, 60_000]);
  assert(life.world.clock.now() - failedAt < 50_000);
  await life.end();
});

Deno.test("B18 a new id is tried at once although the last one is in quarantine", async () => {
  const life = new Life();
  await life.serve("v1");
  life.publish("bad", { livesMs: 10 });
  await life.pass(10_000);
  life.publish("v2");
  await life.pass(10_000);
  assertEquals(life.current?.id, "v2");
  assertEquals(life.detail, "serving v2 on port 9102");
  await life.end();
});

Deno.test("B18 a forced update tries a version in quarantine at once, and its failures start afresh", async () => {
  const life = new Life();
  await life.serve("v1");
  life.publish("bad", { livesMs: 10 });
  await life.pass(10_000);
  for (let i = 0; i < 3; i++) {
    life.updater.agenda.requestForcedUpdate();
    await life.pass(1_000);
  }
  assertEquals(life.world.of("roll.failed").map(({ retryInMs }) => retryInMs), [
    30_000,
    30_000,
    30_000,
    30_000,
  ]);
  life.world.behave("bad");
  life.updater.agenda.requestForcedUpdate();
  await life.pass(1_000);
  assertEquals(life.current?.id, "bad");
  await life.end();
});

Deno.test("a retry is due at the end of a back-off that is shorter than the interval", async () => {
  const life = new Life({ intervalMs: 3_600_000 });
  await life.serve("v1");
  life.publish("bad", { livesMs: 10 });
  life.updater.agenda.requestForcedUpdate();
  await life.pass(1_000);
  life.world.behave("bad");
  await life.pass(30_000);
  assertEquals(life.current?.id, "bad");
  await life.end();
});

Deno.test("a first version that is refused is tried again within seconds", async () => {
  const life = new Life({ intervalMs: 3_600_000 });
  life.publish("v1", { livesMs: 10 });
  life.begin();
  await life.pass(4_000);
  assertEquals(life.world.of("roll.failed").map(({ retryInMs }) => retryInMs), [
    1_000,
    2_000,
    4_000,
  ]);
  assertEquals(life.world.of("state").at(-1)?.state, "degraded");
  life.world.behave("v1");
  await life.pass(4_000);
  assertEquals(life.current?.id, "v1");
  assertEquals(life.detail, "serving v1 on port 9101");
  await life.end();
});

Deno.test("failures before a success are not held against a version that fails again later", async () => {
  const life = new Life();
  await life.serve("v1");
  life.publish("v2", { livesMs: 10 });
  await life.pass(9_000);
  life.world.behave("v2");
  await life.pass(40_000);
  assertEquals(life.current?.id, "v2");
  life.publish("v3");
  await life.pass(10_000);
  life.publish("v2", { livesMs: 10 });
  await life.pass(10_000);
  assertEquals(life.world.of("roll.failed").map(({ retryInMs }) => retryInMs), [30_000, 30_000]);
  await life.end();
});

Deno.test("a source that fails at the very start is asked again within seconds", async () => {
  const life = new Life({ intervalMs: 3_600_000 });
  life.publish("v1");
  life.world.registryDown = true;
  life.begin();
  await life.pass(5_000);
  life.world.registryDown = false;
  await life.pass(6_000);
  assertEquals(life.current?.id, "v1");
  const checks = life.world.of("check.started").length;
  await life.pass(1_800_000);
  assertEquals(life.world.of("check.started").length, checks);
  await life.end();
});

Deno.test("a source that fails between two tries of a first version is asked again within seconds", async () => {
  const life = new Life({ intervalMs: 3_600_000 });
  life.publish("v1", { livesMs: 10 });
  life.begin();
  await life.pass(500);
  life.world.registryDown = true;
  await life.pass(5_000);
  life.world.registryDown = false;
  life.world.behave("v1");
  await life.pass(10_000);
  assertEquals(life.current?.id, "v1");
  await life.end();
});

Deno.test("B08 a first version that finds all ports taken starts when there is room", async () => {
  const life = new Life({ intervalMs: 3_600_000 });
  life.world.strangers.add(9101).add(9102);
  life.publish("v1");
  life.begin();
  await life.pass(5_000);
  assertEquals(life.world.of("port.busy").length > 0, true);
  life.world.strangers.delete(9102);
  await life.pass(10_000);
  assertEquals(life.current?.port, 9102);
  await life.end();
});

Deno.test("a failed check keeps the version in service and says so until one succeeds", async () => {
  const life = new Life();
  await life.serve("v1");
  life.world.registryDown = true;
  await life.pass(10_000);
  assertEquals(life.detail, "serving v1 on port 9101; last check failed: the registry is down");
  assertEquals(life.world.of("check.failed").map(({ step }) => step), ["pull"]);
  life.world.registryDown = false;
  await life.pass(10_000);
  assertEquals(life.detail, "serving v1 on port 9101");
  await life.end();
});

Deno.test("a refusal is forgotten when the source names the running version again", async () => {
  const life = new Life();
  await life.serve("v1");
  life.publish("bad", { livesMs: 10 });
  await life.pass(10_000);
  life.world.published = "v1";
  await life.pass(10_000);
  assertEquals(life.detail, "serving v1 on port 9101");
  await life.end();
});

Deno.test("a refusal is not forgotten because the running version was restarted", async () => {
  const life = new Life();
  await life.serve("v1");
  life.publish("bad", { livesMs: 10 });
  await life.pass(10_000);
  life.updater.agenda.requestRestart();
  await life.pass(3_000);
  assertEquals(
    life.detail,
    "serving v1 on port 9102; bad refused: it exited with code 1 before it was healthy",
  );
  await life.end();
});

Deno.test("B31c an id that changes at every check is told once", async () => {
  const life = new Life();
  await life.serve("v1");
  for (let i = 2; i <= 9; i++) {
    life.publish(`v${i}`);
    await life.pass(10_000);
  }
  const warnings = life.world.of("check.unstable_id");
  assertEquals(warnings.map(({ ids }) => ids), [["v1", "v2", "v3", "v4", "v5"]]);
  await life.end();
});

Deno.test("B31c a bad version that is tried again and again is not an id that changes", async () => {
  const life = new Life();
  life.publish("bad", { livesMs: 10 });
  life.begin();
  await life.pass(600_000);
  assert(life.world.of("roll.failed").length > 10);
  assertEquals(life.world.of("check.unstable_id"), []);
  await life.end();
});

Deno.test("B31c a new series of changing ids is told again", async () => {
  const life = new Life();
  await life.serve("v1");
  for (let i = 2; i <= 12; i++) {
    life.publish(`v${i}`);
    await life.pass(i === 6 ? 25_000 : 10_000);
  }
  assertEquals(life.world.of("check.unstable_id").map(({ ids }) => ids.at(-1)), ["v5", "v11"]);
  await life.end();
});

Deno.test("what defective listeners throw does not stop the updates", async () => {
  const life = new Life();
  await life.serve("v1");
  const { onEvent } = life.world;
  const unhandled: unknown[] = [];
  const listen = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  addEventListener("unhandledrejection", listen);
  for (const type of ["roll.started", "roll.candidate", "roll.switched", "roll.succeeded"]) {
    life.publish(`after ${type}`);
    life.world.onEvent = (event) => {
      onEvent(event);
      if (event.type === type) throw new TypeError(`a bug on ${type}`);
    };
    await life.pass(10_000);
    life.world.onEvent = onEvent;
    await life.pass(20_000);
    assertEquals(life.current?.id, `after ${type}`);
    assertEquals(life.world.living().length, 1);
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
  removeEventListener("unhandledrejection", listen);
  await life.end();
});

for (
  const [what, ask] of [
    ["forced update", (life: Life) => life.updater.agenda.requestForcedUpdate()],
    ["restart", (life: Life) => life.updater.agenda.requestRestart()],
  ] as const
) {
  Deno.test(`a ${what} that meets a taken port is made up for, without another check`, async () => {
    const life = new Life({ intervalMs: 3_600_000 });
    await life.serve("v1");
    life.world.strangers.add(9102);
    ask(life);
    await life.pass(1_000);
    const checks = life.world.of("check.started").length;
    life.world.strangers.clear();
    await life.pass(10_000);
    assertEquals(life.current?.key, "i2");
    assertEquals(life.world.of("check.started").length, checks);
    await life.end();
  });
}
