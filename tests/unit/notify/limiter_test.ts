import { assertEquals } from "@std/assert";
import { Limiter } from "../../../src/notify/limiter.ts";
import type { Notification } from "../../../src/notify/notification.ts";
import { Scene, type Story } from "../../../src/notify/scene.ts";
import { ManualClock } from "../proxy/manual_clock.ts";

const scene = new Scene();

function crash(gist: string | null = null): Notification {
  return scene.make("crashed", { headline: "x", raises: "service", gist });
}

const recovery = scene.recovered("service", "y");

function make(event: Notification["event"], story: Partial<Story> = {}): Notification {
  return scene.make(event, { headline: "x", ...story });
}

class Rig {
  readonly clock = new ManualClock();
  #told: Notification[] = [];
  readonly limiter = new Limiter(this.clock, (notification) => this.#told.push(notification));

  take(...notifications: Notification[]): void {
    for (const notification of notifications) this.limiter.take(notification);
  }

  /** What was told since the last call. */
  told(): string[] {
    return this.#told.splice(0).map(({ event, text }) =>
      event + (text.some((line) => line.includes("not told again")) ? "!" : "")
    );
  }
}

Deno.test("equal errors are told three times, the third one says that it is the last", () => {
  const rig = new Rig();
  rig.take(crash(), crash(), crash(), crash(), crash());
  assertEquals(rig.told(), ["crashed", "crashed", "crashed!"]);
});

Deno.test("a recovery is told once, if the trouble was", () => {
  const rig = new Rig();
  rig.take(recovery);
  assertEquals(rig.told(), []);
  for (const errors of [1, 2, 3]) {
    rig.take(...Array<Notification>(errors).fill(crash()));
    rig.told();
    rig.take(recovery, recovery);
    assertEquals(rig.told(), ["recovered"]);
  }
});

Deno.test("after a recovery the next error is told again, three times", () => {
  const rig = new Rig();
  rig.take(crash(), crash(), crash(), crash(), recovery);
  rig.told();
  rig.take(crash(), crash(), crash(), crash());
  assertEquals(rig.told(), ["crashed", "crashed", "crashed!"]);
});

Deno.test("errors of another gist, another event or another trouble are not equal", () => {
  const rig = new Rig();
  rig.take(crash("a"), crash("a"), crash("a"), crash("a"));
  rig.told();
  rig.take(
    crash("b"),
    make("unhealthy", { raises: "service" }),
    make("failed", { raises: "roll" }),
  );
  assertEquals(rig.told(), ["crashed", "unhealthy", "failed"]);
});

Deno.test("the recovery of one trouble says nothing about another", () => {
  const rig = new Rig();
  rig.take(make("check_failed", { raises: "check" }), recovery);
  assertEquals(rig.told(), ["check_failed"]);
  rig.take(scene.recovered("check", "y"));
  assertEquals(rig.told(), ["recovered"]);
});

Deno.test("a crash loop is told once, as it says what goes on", () => {
  const rig = new Rig();
  const loop = make("crash_loop", { raises: "service" });
  rig.take(loop, loop, loop);
  assertEquals(rig.told(), ["crash_loop!"]);
});

Deno.test("a good roll ends its trouble by itself, and is always told", () => {
  const rig = new Rig();
  const rolled = make("rolled", { ends: "roll" });
  const failed = make("failed", { raises: "roll" });
  rig.take(rolled, failed, failed, failed, failed, rolled, failed, rolled);
  assertEquals(rig.told(), ["rolled", "failed", "failed", "failed!", "rolled", "failed", "rolled"]);
  rig.take(scene.recovered("roll", "y"));
  assertEquals(rig.told(), []);
});

Deno.test("what comes and goes is told three times, then a recovery has to last a minute", async () => {
  const rig = new Rig();
  for (let round = 0; round < 10; round++) rig.take(crash(), recovery);
  const round = ["crashed", "recovered"];
  assertEquals(rig.told(), [...round, ...round, ...round, "crashed", "crashed", "crashed!"]);
  await rig.clock.advance(59_000);
  assertEquals(rig.told(), []);
  await rig.clock.advance(1_000);
  assertEquals(rig.told(), ["recovered"]);
  assertEquals(rig.clock.sleeping, 0);
});

Deno.test("a recovery that did not last is not told, and nothing that was told is wrong", async () => {
  const rig = new Rig();
  for (let round = 0; round < 4; round++) rig.take(crash(), recovery);
  rig.told();
  await rig.clock.advance(59_000);
  rig.take(crash());
  await rig.clock.advance(120_000);
  // The last thing people heard is that it crashed, and that is so.
  assertEquals(rig.told(), ["crashed"]);
  rig.take(recovery);
  await rig.clock.advance(60_000);
  assertEquals(rig.told(), ["recovered"]);
});

Deno.test("after a calm minute everything begins anew", async () => {
  const rig = new Rig();
  for (let round = 0; round < 8; round++) {
    rig.take(crash(), recovery);
    assertEquals(rig.told(), ["crashed", "recovered"]);
    await rig.clock.advance(60_000);
  }
});

Deno.test("recoveries that wait are told at the end", () => {
  const rig = new Rig();
  for (let round = 0; round < 4; round++) rig.take(crash(), recovery);
  rig.told();
  rig.limiter.flush();
  assertEquals(rig.told(), ["recovered"]);
  assertEquals(rig.clock.sleeping, 0);
  rig.limiter.flush();
  assertEquals(rig.told(), []);
});

Deno.test("what belongs to a version is told once for it, everything else each time", () => {
  const rig = new Rig();
  const found = (gist: string) => make("found", { gist });
  rig.take(found("v1"), found("v1"), found("v2"), found("v1"), make("quarantined", { gist: "v1" }));
  assertEquals(rig.told(), ["found", "found", "quarantined"]);
  rig.take(make("paused"), make("paused"));
  assertEquals(rig.told(), ["paused", "paused"]);
});

Deno.test("ids without end fill neither the memory nor a mailbox", () => {
  const rig = new Rig();
  for (let n = 0; n < 1_000; n++) rig.take(make("failed", { raises: "roll", gist: `v${n}` }));
  assertEquals(rig.told().length, 200);
});
