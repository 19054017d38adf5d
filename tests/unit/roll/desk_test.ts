import { assert, assertEquals } from "@std/assert";
import type { Order, Setting } from "../../../src/roll/orders.ts";
import { fate, setUp, UPDATE } from "./desk_rig.ts";
import { Life } from "./fair_world.ts";

const FORCED: Order = { ...UPDATE, force: true };
const WEBHOOK: Order = { ...UPDATE, by: "webhook" };
const UPDATE_TO = (id: string, force = false): Order => ({ ...UPDATE, id, force });
const ROLLBACK: Order = { kind: "rollback", id: null };
const ROLLBACK_TO = (id: string): Order => ({ kind: "rollback", id });
const RETRY: Order = { kind: "retry" };
const PIN = (id: string): Order => ({ kind: "pin", id });

const EVERY_ORDER: [string, Order][] = [
  ["update", UPDATE],
  ["update --force", FORCED],
  ["update v9", UPDATE_TO("v9")],
  ["webhook", WEBHOOK],
  ["rollback", ROLLBACK],
  ["rollback v1", ROLLBACK_TO("v1")],
  ["retry", RETRY],
  ["pin v9", PIN("v9")],
];

for (const [name, order] of EVERY_ORDER) {
  Deno.test(`K34 stopping: ${name} is refused`, async () => {
    const { life } = await setUp();
    life.term();
    const detail = "liveroll is stopping";
    assertEquals(await life.desk.order(order), {
      accepted: false,
      reason: "conflict",
      detail,
      roll: null,
    });
    await life.end();
  });

  const isPatient = order === WEBHOOK;
  const what = isPatient ? "is taken all the same: nobody would ask again" : "is told which roll";
  Deno.test(`G2 busy: ${name} ${what}`, async () => {
    const { life } = await setUp();
    life.publish("v3", { healthyAfterMs: 5_000 });
    life.updater.agenda.check({ trigger: "interval", force: false, requests: [] });
    await life.pass(2_000);
    const answer = await life.desk.order(order);
    if (isPatient) assert(answer.accepted);
    else {
      assertEquals(answer, {
        accepted: false,
        reason: "busy",
        detail: "roll 3 is under way",
        roll: 3,
      });
    }
    await life.pass(60_000);
    assertEquals(life.current?.id, "v3");
    if (isPatient) assertEquals(fate(life, answer).outcome, "unchanged");
    await life.end();
  });

  Deno.test(`G2 right after another order ${name} ${isPatient ? "is taken" : "finds it busy"}`, async () => {
    const { life } = await setUp();
    const first = await life.desk.order(UPDATE);
    const second = await life.desk.order(order);
    assertEquals([first.accepted, second.accepted], [true, isPatient]);
    if (!second.accepted) {
      assertEquals([second.reason, second.detail], ["busy", "something else is under way"]);
    }
    await life.pass(20_000);
    assertEquals(fate(life, first).outcome, "unchanged");
    if (isPatient) assertEquals(fate(life, second).outcome, "unchanged");
    await life.end();
  });
}

const IDLE: readonly Setting[] = [];
const PAUSED: readonly Setting[] = [{ kind: "pause" }];
const SKIPPED: readonly Setting[] = [{ kind: "skip", id: "v3" }];
const RESUME_HINT = "updates are paused: liveroll resume, or update --force";

/** What is asked for, in which state, how it ends, and what serves then. */
const TABLE: [string, readonly Setting[], string, Order, string, string, string][] = [
  ["update", IDLE, "v2", UPDATE, "unchanged", "v2 is the newest version", "v2"],
  ["update", IDLE, "v3", UPDATE, "succeeded", "", "v3"],
  ["update by webhook", IDLE, "v3", WEBHOOK, "succeeded", "", "v3"],
  ["update", PAUSED, "v3", UPDATE, "conflict", RESUME_HINT, "v2"],
  ["update by webhook", PAUSED, "v3", WEBHOOK, "conflict", RESUME_HINT, "v2"],
  ["update --force", PAUSED, "v3", FORCED, "succeeded", "", "v3"],
  ["update --force", IDLE, "v2", FORCED, "succeeded", "", "v2"],
  [
    "update",
    SKIPPED,
    "v3",
    UPDATE,
    "refused",
    "v3 has to wait: somebody does not want it",
    "v2",
  ],
  ["update --force", SKIPPED, "v3", FORCED, "succeeded", "", "v3"],
  ["update v3", IDLE, "v2", UPDATE_TO("v3"), "succeeded", "", "v3"],
  ["update v3", PAUSED, "v2", UPDATE_TO("v3"), "conflict", RESUME_HINT, "v2"],
  ["update --force v3", PAUSED, "v2", UPDATE_TO("v3", true), "succeeded", "", "v3"],
  ["update v2", PAUSED, "v2", UPDATE_TO("v2"), "unchanged", "v2 runs already", "v2"],
  ["update v3", SKIPPED, "v2", UPDATE_TO("v3"), "succeeded", "", "v3"],
  ["update v2", IDLE, "v2", UPDATE_TO("v2"), "unchanged", "v2 runs already", "v2"],
  ["update --force v2", IDLE, "v2", UPDATE_TO("v2", true), "succeeded", "", "v2"],
  ["rollback", IDLE, "v2", ROLLBACK, "succeeded", "", "v1"],
  ["rollback", PAUSED, "v2", ROLLBACK, "succeeded", "", "v1"],
  ["rollback v1", IDLE, "v2", ROLLBACK_TO("v1"), "succeeded", "", "v1"],
  ["rollback v2", IDLE, "v2", ROLLBACK_TO("v2"), "conflict", "v2 runs already", "v2"],
  [
    "rollback v9",
    IDLE,
    "v2",
    ROLLBACK_TO("v9"),
    "unknown_version",
    "v9 is not remembered to have run here: give liveroll update v9",
    "v2",
  ],
  ["retry", IDLE, "v2", RETRY, "unchanged", "v2 is the newest version", "v2"],
  ["retry", SKIPPED, "v3", RETRY, "succeeded", "", "v3"],
  ["retry", PAUSED, "v3", RETRY, "conflict", "updates are paused: liveroll resume", "v2"],
  ["pin v2", IDLE, "v3", PIN("v2"), "unchanged", "v2 runs already", "v2"],
  ["pin v9", IDLE, "v3", PIN("v9"), "succeeded", "", "v9"],
  ["pin v9", PAUSED, "v3", PIN("v9"), "succeeded", "", "v9"],
  ["pin v3", SKIPPED, "v2", PIN("v3"), "succeeded", "", "v3"],
];

for (const [name, state, newest, what, outcome, detail, serves] of TABLE) {
  const how = state.map(({ kind }) => kind).join(", ") || "idle";
  Deno.test(`${name} (${how}; ${newest} is the newest): ${outcome}, ${serves} serves`, async () => {
    const { life, order } = await setUp(state);
    life.world.published = newest;
    const { outcome: came, detail: told } = await order(what);
    assertEquals([came, told, life.current?.id], [outcome, detail, serves]);
    await life.end();
  });
}

/** What may be done while `v1` is pinned and serves. */
const WHILE_PINNED: [string, Order, string, string][] = [
  ["update", UPDATE, "conflict", "v1"],
  ["update by webhook", WEBHOOK, "conflict", "v1"],
  ["update --force", FORCED, "succeeded", "v2"],
  ["update v3", UPDATE_TO("v3"), "conflict", "v1"],
  ["update --force v3", UPDATE_TO("v3", true), "succeeded", "v3"],
  ["update v1", UPDATE_TO("v1"), "unchanged", "v1"],
  ["rollback", ROLLBACK, "succeeded", "v2"],
  ["retry", RETRY, "conflict", "v1"],
  ["pin v3", PIN("v3"), "succeeded", "v3"],
];

for (const [name, what, outcome, serves] of WHILE_PINNED) {
  Deno.test(`K53 v1 is pinned, ${name}: ${outcome}, ${serves} serves`, async () => {
    const { life, order } = await setUp();
    await order(PIN("v1"));
    const { outcome: came, detail } = await order(what);
    assertEquals([came, life.current?.id], [outcome, serves]);
    if (outcome === "conflict") assert(detail.startsWith("v1 is pinned: liveroll unpin"), detail);
    await life.end();
  });
}

Deno.test("K53 a pin holds against checks until it is taken away", async () => {
  const { life, order } = await setUp();
  await order(PIN("v1"));
  life.publish("v3");
  await life.pass(7_200_000);
  assertEquals(life.current?.id, "v1");
  await life.desk.set({ kind: "unpin" });
  await life.pass(10_000);
  assertEquals(life.current?.id, "v3");
  await life.end();
});

Deno.test("K28 there is nothing to go back to before a second version was good", async () => {
  const life = new Life();
  await life.serve("v1");
  assertEquals(await life.desk.order(ROLLBACK), {
    accepted: false,
    reason: "conflict",
    detail: "there is no version before this one",
    roll: null,
  });
  await life.end();
});

Deno.test("K28 what was rolled back from does not come back by itself, and goes back further next", async () => {
  const { life, order, settings } = await setUp();
  life.publish("v3");
  await order(UPDATE);
  await order(ROLLBACK);
  assertEquals([life.current?.id, settings().skipped], ["v2", ["v3"]]);
  await life.pass(7_200_000);
  assertEquals(life.current?.id, "v2");
  await order(ROLLBACK);
  assertEquals([life.current?.id, settings().skipped], ["v1", ["v3", "v2"]]);
  const { outcome } = await order(ROLLBACK);
  assertEquals([outcome, life.current?.id], ["conflict", "v1"]);
  await life.end();
});

Deno.test("K28 a version that ran a hundred versions ago can be gone back to", async () => {
  const { life, order } = await setUp();
  for (let n = 3; n <= 130; n++) {
    life.publish(`v${n}`);
    await order(UPDATE, 3_000);
  }
  assertEquals(life.current?.id, "v130");
  const { outcome } = await order(ROLLBACK_TO("v5"));
  assertEquals([outcome, life.current?.id], ["succeeded", "v5"]);
  await life.end();
});

Deno.test("K28 a rollback to a version that does not start any more leaves what serves alone", async () => {
  const { life, order } = await setUp();
  life.world.behave("v1", { unstartable: true });
  const { outcome } = await order(ROLLBACK);
  assertEquals([outcome, life.current?.id], ["failed", "v2"]);
  await life.end();
});

Deno.test("G9 update ID, retry and pin take a refused version out of quarantine", async () => {
  for (const what of [UPDATE_TO("v3"), RETRY, PIN("v3")]) {
    const { life, order } = await setUp();
    // A person may ask for what nobody should do by itself.
    life.world.onEvent = () => {};
    life.publish("v3", { livesMs: 10, healthyAfterMs: 1_000 });
    await order(UPDATE);
    assertEquals(life.updater.quarantine.list().map(({ id }) => id), ["v3"]);
    life.world.behave("v3");
    const { outcome } = await order(what);
    assertEquals([outcome, life.current?.id], ["succeeded", "v3"]);
    assertEquals(life.updater.quarantine.list(), []);
    assertEquals(life.world.of("quarantine.released").map(({ id }) => id), ["v3"]);
    await life.end();
  }
});

Deno.test("a plain update does not try a refused version again, and says why", async () => {
  const { life, order } = await setUp();
  life.publish("v3", { livesMs: 10, healthyAfterMs: 1_000 });
  assertEquals((await order(UPDATE, 3_000)).outcome, "failed");
  const { outcome, detail } = await order(UPDATE, 3_000);
  assertEquals(outcome, "refused");
  assertEquals(
    detail,
    "v3 has to wait: it failed 1 times: it exited with code 1 before it was healthy",
  );
  await life.end();
});

Deno.test("a pin that cannot be written down is refused, and nothing is rolled", async () => {
  const { life, book, order, settings } = await setUp();
  book.problem = "disk full";
  const { answer } = await order(PIN("v9"));
  assertEquals(answer, {
    accepted: false,
    reason: "unavailable",
    detail: "disk full",
    roll: null,
  });
  assertEquals([settings().pinned, life.current?.id], [null, "v2"]);
  await life.end();
});

Deno.test("whoever waits for a roll that liveroll's end cuts short is told", async () => {
  const { life } = await setUp();
  life.publish("v3", { healthyAfterMs: 50_000 });
  const answer = await life.desk.order(UPDATE);
  await life.pass(2_000);
  assertEquals(fate(life, answer).outcome, null);
  await life.end();
  assertEquals(fate(life, answer).outcome, "interrupted");
});
