import { assertEquals } from "@std/assert";
import type { Order, Setting } from "../../../src/roll/orders.ts";
import type { UpdaterOptions } from "../../../src/roll/updater_options.ts";
import { Book } from "./book.ts";
import { fate } from "./desk_rig.ts";
import { type FairWorld, Life } from "./fair_world.ts";

const HOUR_MS = 3_600_000;

/** `v1` serves; the source is asked every ten seconds. */
async function setUp(
  options: Partial<UpdaterOptions> = {},
  prepare: (world: FairWorld) => void = () => {},
) {
  const book = new Book();
  const life = new Life(options, (world) => {
    world.journal = book;
    prepare(world);
  });
  await life.serve("v1");
  const found = () =>
    life.world.of("update.found").map(({ id, waits }) => `${id} ${waits?.obstacle ?? "now"}`);
  const checks = () => life.world.of("check.started").length;
  return { life, book, world: life.world, found, checks };
}

/** A source that takes its time. */
function slowly(world: { clock: FairWorld["clock"] }, latest: FairWorld["source"]["latest"]) {
  return async (...asked: Parameters<typeof latest>) => {
    await world.clock.sleep(5_000);
    return await latest(...asked);
  };
}

/** A window that opens once, at `opensAt`. */
function closedUntil(opensAt: number) {
  return (world: FairWorld) => {
    world.windows = { openAt: (at) => Math.max(at, opensAt) };
  };
}

Deno.test("K34 paused: the source is not even asked, and a crash is healed all the same", async () => {
  const { life, world, checks } = await setUp();
  await life.desk.set({ kind: "pause" });
  const before = checks();
  life.publish("v2");
  await life.pass(HOUR_MS);
  assertEquals([life.current?.id, checks(), world.of("state").at(-1)?.state], [
    "v1",
    before,
    "paused",
  ]);
  world.instances[0]!.end({ code: 1, signal: null });
  await life.pass(3_000);
  assertEquals([life.current?.id, life.current?.key], ["v1", "i2"]);
  await life.end();
});

Deno.test("K34 resumed: the source is asked at once", async () => {
  const { life, checks } = await setUp({ intervalMs: HOUR_MS });
  await life.desk.set({ kind: "pause" });
  life.publish("v2");
  await life.pass(1_000);
  const before = checks();
  await life.desk.set({ kind: "resume" });
  await life.pass(1_000);
  assertEquals([checks() - before, life.current?.id], [1, "v2"]);
  await life.end();
});

Deno.test("K34 paused in the middle of a roll: the roll goes on, the next one does not begin", async () => {
  const { life } = await setUp();
  life.publish("v2", { healthyAfterMs: 5_000 });
  await life.pass(10_000);
  await life.desk.set({ kind: "pause" });
  life.publish("v3");
  await life.pass(HOUR_MS);
  assertEquals([life.current?.id, life.world.of("state").at(-1)?.state], ["v2", "paused"]);
  await life.end();
});

Deno.test("K34 paused while a version waits for its turn: it does not come", async () => {
  const { life, world } = await setUp();
  for (const port of [9101, 9102]) world.strangers.add(port);
  world.strangers.delete(life.current!.port);
  life.publish("v2");
  await life.pass(9_000);
  assertEquals(world.of("port.busy").length > 0, true);
  await life.desk.set({ kind: "pause" });
  world.strangers.clear();
  await life.pass(60_000);
  assertEquals([life.current?.id, world.of("roll.interrupted").at(-1)?.reason], [
    "v1",
    "updates were paused",
  ]);
  await life.end();
});

/** Each waits behind a roll, or behind a check, when updates are paused. */
const WISHES: [string, Order, "roll" | "check"][] = [
  ["webhook", { kind: "update", id: null, force: false, by: "webhook" }, "roll"],
  ["webhook", { kind: "update", id: null, force: false, by: "webhook" }, "check"],
  ["update", { kind: "update", id: null, force: false, by: "command" }, "check"],
];

for (const [name, order, behind] of WISHES) {
  Deno.test(`K34 paused while ${name} waits behind a ${behind}: the source is not asked for it`, async () => {
    const { life, checks } = await setUp({ intervalMs: HOUR_MS });
    if (behind === "check") life.world.source.latest = slowly(life.world, life.world.source.latest);
    life.publish("v2", { healthyAfterMs: 5_000 });
    life.updater.agenda.check({ trigger: "interval", force: false, requests: [] });
    await life.pass(2_000);
    const answer = await life.desk.order(order);
    await life.desk.set({ kind: "pause" });
    const before = checks();
    life.publish("v3");
    await life.pass(HOUR_MS);
    assertEquals([checks(), life.current?.id], [before, behind === "roll" ? "v2" : "v1"]);
    assertEquals(fate(life, answer), { outcome: "refused", detail: "updates were paused" });
    assertEquals(life.world.of("check.declined").map(({ trigger }) => trigger), [
      name === "update" ? "command" : name,
    ]);
    await life.desk.set({ kind: "resume" });
    await life.pass(20_000);
    assertEquals(life.current?.id, "v3");
    await life.end();
  });
}

Deno.test("K34 paused while SIGHUP waits behind a roll: it is declined, as it would be now", async () => {
  const { life, checks } = await setUp({ intervalMs: HOUR_MS });
  life.publish("v2", { healthyAfterMs: 5_000 });
  life.updater.agenda.check({ trigger: "interval", force: false, requests: [] });
  await life.pass(2_000);
  life.updater.agenda.requestForcedUpdate();
  await life.desk.set({ kind: "pause" });
  const before = checks();
  await life.pass(HOUR_MS);
  assertEquals([checks(), life.current?.key], [before, "i2"]);
  assertEquals(life.world.of("check.declined").map(({ trigger }) => trigger), ["forced"]);
  await life.end();
});

Deno.test("K34 paused while update --force waits behind a check: it goes on", async () => {
  const { life } = await setUp({ intervalMs: HOUR_MS });
  life.world.source.latest = slowly(life.world, life.world.source.latest);
  life.publish("v2");
  life.updater.agenda.check({ trigger: "interval", force: false, requests: [] });
  await life.pass(2_000);
  const answer = await life.desk.order({ kind: "update", id: null, force: true, by: "command" });
  await life.desk.set({ kind: "pause" });
  await life.pass(60_000);
  assertEquals([life.current?.id, fate(life, answer).outcome], ["v2", "succeeded"]);
  await life.end();
});

for (
  const [what, kind] of [["hold", "hold"], ["maintenance", "maintenance"]] as const
) {
  Deno.test(`K34 ${what} concerns requests, not updates: a roll goes on`, async () => {
    const { life, world } = await setUp();
    const setting: Setting = kind === "hold" ? { kind } : { kind, message: "soon" };
    await life.desk.set(setting);
    life.publish("v2");
    await life.pass(20_000);
    assertEquals([life.current?.id, world.of("state").at(-1)?.state], ["v2", "holding"]);
    await life.end();
  });
}

Deno.test("K53 pinned: the source is not asked, and SIGHUP rolls to what is pinned", async () => {
  const { life, checks } = await setUp();
  life.world.behave("v9");
  await life.desk.order({ kind: "pin", id: "v9" });
  await life.pass(5_000);
  const before = checks();
  life.publish("v2");
  await life.pass(HOUR_MS);
  assertEquals([life.current?.id, checks()], ["v9", before]);
  life.updater.agenda.requestForcedUpdate();
  await life.pass(5_000);
  assertEquals([life.current?.id, life.current?.key, checks()], ["v9", "i3", before]);
  await life.end();
});

Deno.test("K34 paused: SIGHUP is declined, and told why", async () => {
  const { life, world } = await setUp();
  await life.desk.set({ kind: "pause" });
  life.updater.agenda.requestForcedUpdate();
  await life.pass(10_000);
  assertEquals(life.current?.key, "i1");
  assertEquals(world.of("check.declined").map(({ trigger }) => trigger), ["forced"]);
  await life.end();
});

Deno.test("skipped: passed over until something newer comes", async () => {
  const { life, found } = await setUp();
  await life.desk.set({ kind: "skip", id: "v2" });
  life.publish("v2");
  await life.pass(60_000);
  assertEquals([life.current?.id, new Set(found().slice(1))], ["v1", new Set(["v2 skipped"])]);
  life.publish("v3");
  await life.pass(10_000);
  assertEquals(life.current?.id, "v3");
  await life.end();
});

Deno.test("skipped: what serves is not taken away, but does not come back", async () => {
  const { life } = await setUp();
  await life.desk.set({ kind: "skip", id: "v1" });
  await life.pass(60_000);
  assertEquals(life.current?.key, "i1");
  life.publish("v2");
  await life.pass(10_000);
  life.publish("v1");
  await life.pass(60_000);
  assertEquals(life.current?.id, "v2");
  await life.end();
});

Deno.test("K52 cooldown: a version is rolled to when it is old enough, not at the next interval", async () => {
  const { life, world, found } = await setUp({ cooldownMs: 60_000, intervalMs: HOUR_MS });
  life.publish("v2");
  life.updater.agenda.check({ trigger: "interval", force: false, requests: [] });
  await life.pass(59_000);
  assertEquals([life.current?.id, found().at(-1)], ["v1", "v2 cooldown"]);
  assertEquals(life.detail, "serving v1 on port 9101; v2 waits: it is not old enough");
  await life.pass(3_000);
  assertEquals([life.current?.id, world.of("roll.started").at(-1)?.trigger], ["v2", "interval"]);
  await life.end();
});

Deno.test("K52 cooldown: a version that is withdrawn in time is never rolled to", async () => {
  const { life, world } = await setUp({ cooldownMs: 60_000 });
  life.publish("v2");
  await life.pass(30_000);
  life.publish("v3");
  await life.pass(50_000);
  assertEquals(life.current?.id, "v1");
  await life.pass(30_000);
  assertEquals(world.of("roll.started").map(({ to }) => to), ["v1", "v3"]);
  await life.end();
});

Deno.test("K52 window: rolled to when it opens, not at the next interval", async () => {
  const { life, found } = await setUp({ intervalMs: HOUR_MS }, closedUntil(600_000));
  life.publish("v2");
  life.updater.agenda.check({ trigger: "webhook", force: false, requests: [] });
  await life.pass(597_000);
  assertEquals([life.current?.id, found().at(-1)], ["v1", "v2 window"]);
  await life.pass(5_000);
  assertEquals(life.current?.id, "v2");
  await life.end();
});

Deno.test("K52 window: a person need not wait for it", async () => {
  const { life } = await setUp({}, closedUntil(HOUR_MS));
  life.publish("v2");
  await life.pass(60_000);
  assertEquals(life.current?.id, "v1");
  await life.desk.order({ kind: "update", id: null, force: false, by: "command" });
  await life.pass(5_000);
  assertEquals(life.current?.id, "v2");
  await life.end();
});

Deno.test("K52 window: it closes while a version waits for its port: that comes when it opens again", async () => {
  let opensAt = 0;
  const { life, world } = await setUp({ intervalMs: HOUR_MS }, (world) => {
    world.windows = { openAt: (at) => Math.max(at, opensAt) };
  });
  world.strangers.add(9102);
  life.publish("v2");
  const order = { kind: "update", id: null, force: false, by: "webhook" } as const;
  const answer = await life.desk.order(order);
  await life.pass(1_000);
  assertEquals(world.of("port.busy").length > 0, true);
  opensAt = 600_000;
  world.strangers.clear();
  await life.pass(590_000);
  assertEquals([life.current?.id, world.of("roll.interrupted").map(({ reason }) => reason)], [
    "v1",
    ["v2 has to wait: no window is open"],
  ]);
  const request = answer.accepted ? life.updater.requests.get(answer.request) : null;
  assertEquals(request?.outcome, "interrupted");
  await life.pass(10_000);
  assertEquals(life.current?.id, "v2");
  await life.end();
});

Deno.test("K52 a crash is healed outside of every window and whatever the cooldown is", async () => {
  const { life, world } = await setUp({ cooldownMs: HOUR_MS }, closedUntil(10 * HOUR_MS));
  world.instances[0]!.end({ code: 1, signal: null });
  await life.pass(3_000);
  assertEquals(life.current?.key, "i2");
  await life.end();
});

Deno.test("K52 notify-only: a version is told about and stays out, until a person wants it", async () => {
  const { life, found } = await setUp({ notifyOnly: true });
  life.publish("v2");
  await life.pass(HOUR_MS);
  assertEquals([life.current?.id, found().at(-1)], ["v1", "v2 notify_only"]);
  await life.desk.order({ kind: "update", id: null, force: false, by: "command" });
  await life.pass(5_000);
  assertEquals(life.current?.id, "v2");
  await life.end();
});

Deno.test("K52 on demand: the source is asked only by command and webhook", async () => {
  const { life, checks } = await setUp({ onDemand: true });
  life.publish("v2");
  await life.pass(HOUR_MS);
  assertEquals([checks(), life.current?.id], [1, "v1"]);
  await life.desk.order({ kind: "update", id: null, force: false, by: "webhook" });
  await life.pass(5_000);
  assertEquals([checks(), life.current?.id], [2, "v2"]);
  await life.end();
});

Deno.test("K52 on demand: a version that waits for its window comes when that opens", async () => {
  const { life, checks } = await setUp({ onDemand: true }, closedUntil(600_000));
  life.publish("v2");
  await life.desk.order({ kind: "update", id: null, force: false, by: "webhook" });
  await life.pass(590_000);
  assertEquals([life.current?.id, checks()], ["v1", 2]);
  await life.pass(20_000);
  assertEquals([life.current?.id, checks()], ["v2", 3]);
  await life.end();
});

for (const trigger of ["cooldown", "window"] as const) {
  Deno.test(`K34 resumed: what waits for its ${trigger} goes on waiting`, async () => {
    const options = trigger === "cooldown" ? { cooldownMs: 100_000 } : {};
    const { life, found } = await setUp(
      options,
      trigger === "window" ? closedUntil(100_000) : () => {},
    );
    life.publish("v2");
    await life.pass(20_000);
    await life.desk.set({ kind: "pause" });
    await life.desk.set({ kind: "resume" });
    await life.pass(10_000);
    assertEquals([life.current?.id, found().at(-1)], ["v1", `v2 ${trigger}`]);
    await life.pass(100_000);
    assertEquals(life.current?.id, "v2");
    await life.end();
  });
}
