import { assertEquals } from "@std/assert";
import { StatusBoard } from "../../../../src/commands/run/status.ts";
import type { Status } from "../../../../src/control/operator.ts";
import { Counters } from "../../../../src/proxy/counters.ts";
import type { UpdaterOptions } from "../../../../src/roll/updater_options.ts";
import { Life } from "../../roll/fair_world.ts";
import { madeOfCopies } from "../../roll/fake_copies.ts";

/** The world's clock is at zero at this moment. */
const BIRTH = Date.UTC(2026, 0, 2);

/** A moment of the world's clock, in seconds, as the API tells it. */
const at = (seconds: number) => new Date(BIRTH + seconds * 1_000).toISOString();

/** Lines that a status is read by; times that differ by chance are left out. */
function setUp(options: Partial<UpdaterOptions> = {}) {
  const life = new Life(options, (world) => {
    world.date = () => BIRTH + world.clock.now();
  });
  const counters = new Counters();
  const trouble: { problem: string | null } = { problem: null };
  const board = new StatusBoard({
    app: "blog",
    stateDir: "/var/lib/blog",
    listen: ["127.0.0.1:8080"],
    sockets: () => ({ from: ["store"], passedBy: ["store"], problem: null }),
    updater: life.updater,
    counters: () => counters.snapshot(),
    rolls: () => ({ succeeded: 5, failed: 4, rolled_back: 3, interrupted: 2, skipped: 1 }),
    stateProblem: () => trouble.problem,
    dataProblem: () => trouble.problem,
    clock: life.world.clock,
    date: life.world.date,
  });
  const { onEvent } = life.world;
  life.world.onEvent = (event) => {
    board.observe(event);
    onEvent(event);
  };
  return { life, counters, trouble, status: (): Status => board.status() };
}

Deno.test("before anything has happened everything is empty, and it is starting", async () => {
  const { life, status } = setUp();
  const { version, pid, ...rest } = status();
  assertEquals([typeof version, pid], ["string", Deno.pid]);
  assertEquals(rest, {
    app: "blog",
    state: "starting",
    detail: "looking at what runs already",
    current: null,
    candidate: null,
    draining: [],
    replicas: null,
    desired: null,
    waiting: null,
    roll: null,
    previous: null,
    lastCheck: null,
    nextCheckAt: at(0),
    quarantined: [],
    settings: { paused: false, pinned: null, skipped: [], held: false, maintenance: null },
    rolls: { succeeded: 5, failed: 4, rolledBack: 3, interrupted: 2, skipped: 1 },
    crashes: 0,
    requests: { total: 0, failed: 0, retried: 0, inFlight: 0, held: 0 },
    stateProblem: null,
    dataProblem: null,
    stateDir: "/var/lib/blog",
    listen: ["127.0.0.1:8080"],
    sockets: { from: ["store"], passedBy: ["store"], problem: null },
    startedAt: at(0),
    uptimeSeconds: 0,
  });
  life.begin();
  await life.end();
});

Deno.test("who serves, since when, and what the last check said", async () => {
  const { life, status } = setUp();
  const { pid } = await life.serve("v1");
  await life.pass(10_000);
  const { state, detail, current, desired, lastCheck, uptimeSeconds, nextCheckAt } = status();
  assertEquals([state, detail], ["serving", "serving v1 on port 9101"]);
  assertEquals([current?.id, current?.pid, current?.port], ["v1", pid, 9101]);
  const times = [current?.startedAt, current?.healthySince].map((time) => Date.parse(time ?? ""));
  assertEquals([times[0]! >= BIRTH, times[1]! > times[0]!, times[1]! < BIRTH + 2_000], [
    true,
    true,
    true,
  ]);
  assertEquals([desired, lastCheck?.outcome, lastCheck?.detail], [{ id: "v1" }, "unchanged", "v1"]);
  assertEquals(uptimeSeconds, 12);
  assertEquals(Date.parse(nextCheckAt ?? "") > life.world.date(), true);
  await life.end();
});

Deno.test("what serves is made of containers, and each is told", async () => {
  const { life, status } = setUp();
  const lastEnd = { code: 137, isOutOfMemory: true, at: BIRTH + 5_000 };
  const known = { id: "0123456789ab", port: 20_001, state: "well", startedAt: BIRTH } as const;
  const all = [
    { ...known, name: "web-0", restarts: 0, lastEnd: null },
    { ...known, name: "web-1", restarts: 2, lastEnd: { ...lastEnd, at: null } },
    { name: "web-2", id: "fed", port: null, state: "ended", startedAt: null, restarts: 1, lastEnd },
  ] as const;
  madeOfCopies(life.world, (copies) => Object.assign(copies, { all, well: 2 }));
  await life.serve("v1");
  assertEquals(status().detail, "serving v1 on port 9101; 2 of 3 are well");
  const well = { ...known, startedAt: at(0) };
  const end = { code: 137, outOfMemory: true };
  assertEquals(status().replicas, {
    wanted: 3,
    well: 2,
    containers: [
      { ...well, name: "web-0", restarts: 0, lastEnd: null },
      { ...well, name: "web-1", restarts: 2, lastEnd: { ...end, at: null } },
      { ...all[2], lastEnd: { ...end, at: at(5) } },
    ],
  });
  await life.end();
  assertEquals(status().replicas, null);
});

Deno.test("a roll under way: its phase, its candidate, and who still serves", async () => {
  const { life, status } = setUp();
  await life.serve("v1");
  life.publish("v2", { healthyAfterMs: 5_000 });
  await life.pass(10_000);
  const { state, roll, candidate, current, desired } = status();
  assertEquals([state, roll?.id, roll?.to, roll?.trigger, roll?.phase], [
    "rolling",
    2,
    "v2",
    "interval",
    "gate",
  ]);
  assertEquals([candidate?.id, candidate?.healthySince, current?.id, desired?.id], [
    "v2",
    null,
    "v1",
    "v2",
  ]);
  await life.end();
});

Deno.test("after the switch the old one drains, and can be gone back to", async () => {
  const { life, status } = setUp();
  await life.serve("v1");
  life.world.traffic.drain = async (_, timeoutMs, signal) => {
    await life.world.clock.sleep(timeoutMs, signal).catch(() => {});
    return { finished: 0, cut: 0 };
  };
  life.publish("v2");
  await life.pass(10_000);
  const { current, draining, previous, roll, lastCheck } = status();
  assertEquals([current?.id, draining.map(({ id }) => id)], ["v2", ["v1"]]);
  assertEquals([previous, roll], [{ id: "v1" }, null]);
  assertEquals([lastCheck?.outcome, lastCheck?.detail], ["found", "v2"]);
  await life.end();
});

Deno.test("a refused version is in quarantine until a moment", async () => {
  const { life, status } = setUp();
  await life.serve("v1");
  life.publish("v2", { livesMs: 10, healthyAfterMs: 500 });
  await life.pass(9_000);
  const [entry] = status().quarantined;
  assertEquals([entry?.id, entry?.failures], ["v2", 1]);
  assertEquals(entry?.detail, "it exited with code 1 before it was healthy");
  const waitMs = Date.parse(entry?.retryAt ?? "") - life.world.date();
  assertEquals(waitMs > 28_000 && waitMs <= 30_000, true);
  await life.end();
});

Deno.test("K52 a version that waits: for what, and until when", async () => {
  const { life, status } = setUp({ cooldownMs: 60_000 });
  await life.serve("v1");
  life.publish("v2");
  await life.pass(10_000);
  const { waiting, lastCheck, desired } = status();
  assertEquals([waiting?.id, waiting?.obstacle, waiting?.detail], [
    "v2",
    "cooldown",
    "it is not old enough",
  ]);
  const waitMs = Date.parse(waiting?.until ?? "") - life.world.date();
  assertEquals(waitMs > 50_000 && waitMs <= 60_000, true);
  assertEquals([lastCheck?.outcome, lastCheck?.detail], ["waiting", "v2: it is not old enough"]);
  assertEquals(desired?.id, "v2");
  await life.end();
});

Deno.test("a version that waits for a person waits without an end", async () => {
  const { life, status } = setUp({ notifyOnly: true });
  await life.serve("v1");
  life.publish("v2");
  await life.pass(10_000);
  assertEquals([status().waiting?.obstacle, status().waiting?.until], ["notify_only", null]);
  await life.end();
});

Deno.test("a check that failed is told with its reason, and what runs is what should run", async () => {
  const { life, status } = setUp();
  await life.serve("v1");
  life.world.registryDown = true;
  await life.pass(10_000);
  assertEquals([status().lastCheck?.outcome, status().lastCheck?.detail], [
    "failed",
    "the registry is down",
  ]);
  assertEquals(status().desired, { id: "v1" });
  await life.end();
});

Deno.test("crashes are counted, planned ends are not", async () => {
  const { life, status } = setUp();
  const first = await life.serve("v1");
  life.updater.agenda.requestRestart();
  await life.pass(5_000);
  assertEquals([first.exit !== null, status().crashes], [true, 0]);
  life.world.instances.at(-1)!.end({ code: 1, signal: null });
  await life.pass(3_000);
  assertEquals([status().crashes, status().state], [1, "serving"]);
  await life.end();
});

Deno.test("requests are counted, and retries of every reason together", async () => {
  const { life, counters, status } = setUp();
  counters.total = 9;
  counters.failed = 1;
  counters.inFlight = 2;
  counters.held = 3;
  counters.countRetry("connect_failed");
  counters.countRetry("connect_failed");
  counters.countRetry("cut");
  assertEquals(status().requests, { total: 9, failed: 1, retried: 3, inFlight: 2, held: 3 });
  life.begin();
  await life.end();
});

Deno.test("trouble with the state directory is told as it is now", async () => {
  const { life, trouble, status } = setUp();
  trouble.problem = "disk full";
  assertEquals([status().stateProblem, status().dataProblem], ["disk full", "disk full"]);
  trouble.problem = null;
  assertEquals(status().stateProblem, null);
  life.begin();
  await life.end();
});

/** What should run, and when the source is asked next. */
const STEERED: [string, (life: Life) => Promise<unknown>, string, boolean][] = [
  ["nothing was asked for", () => Promise.resolve(), "v2", true],
  ["paused", (life) => life.desk.set({ kind: "pause" }), "v2", false],
  ["the newest is skipped", (life) => life.desk.set({ kind: "skip", id: "v2" }), "v1", true],
  ["another one is pinned", (life) => life.desk.order({ kind: "pin", id: "v9" }), "v9", false],
];

for (const [what, steer, id, asksByItself] of STEERED) {
  Deno.test(`${what}: ${id} should run, and the source is ${asksByItself ? "" : "not "}asked by itself`, async () => {
    const { life, status } = setUp({ notifyOnly: true });
    await life.serve("v1");
    life.world.behave("v9");
    life.publish("v2");
    await life.pass(10_000);
    await steer(life);
    assertEquals(status().desired, { id });
    assertEquals(status().nextCheckAt !== null, asksByItself);
    await life.end();
  });
}

Deno.test("on demand the source is not asked by itself", async () => {
  const { life, status } = setUp({ onDemand: true });
  await life.serve("v1");
  assertEquals(status().nextCheckAt, null);
  await life.end();
});

Deno.test("K28 the version to go back to is none that somebody skipped", async () => {
  const { life, status } = setUp();
  await life.serve("v1");
  for (const id of ["v2", "v3"]) {
    life.publish(id);
    await life.pass(10_000);
  }
  assertEquals(status().previous, { id: "v2" });
  await life.desk.set({ kind: "skip", id: "v2" });
  assertEquals([status().previous, status().settings.skipped], [{ id: "v1" }, ["v2"]]);
  await life.end();
});

Deno.test("a status is a picture: it does not change with what it shows", async () => {
  const { life, status } = setUp();
  await life.serve("v1");
  const picture = status();
  const text = JSON.stringify(picture);
  await life.desk.set({ kind: "skip", id: "v9" });
  life.publish("v2");
  await life.pass(20_000);
  assertEquals(JSON.stringify(picture), text);
  await life.end();
});
