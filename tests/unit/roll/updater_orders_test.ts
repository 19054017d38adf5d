import { assertEquals } from "@std/assert";
import type { Order } from "../../../src/roll/orders.ts";
import type { UpdaterOptions } from "../../../src/roll/updater_options.ts";
import { Book } from "./book.ts";
import { Life } from "./fair_world.ts";

const HOUR_MS = 3_600_000;
const UPDATE: Order = { kind: "update", id: null, force: false, by: "command" };
const WEBHOOK: Order = { ...UPDATE, by: "webhook" };

/** `v1` serves; nobody asks the source by itself. */
async function setUp(options: Partial<UpdaterOptions> = {}) {
  const book = new Book();
  const life = new Life({ intervalMs: HOUR_MS, ...options }, (world) => {
    world.journal = book;
  });
  await life.serve("v1");
  /** Gives an order that must be taken. @returns The number of its request. */
  const order = async (what: Order): Promise<number> => {
    const answer = await life.desk.order(what);
    if (!answer.accepted) throw new Error(`Cannot take the order: ${answer.detail}`);
    return answer.request;
  };
  const ended = () =>
    life.world.of("request.ended").map(({ request, outcome }) => `${request} ${outcome}`);
  const request = (number: number) => life.updater.requests.get(number);
  return { life, book, world: life.world, order, ended, request };
}

Deno.test("K31 an order is told its roll as soon as there is one, and its end once", async () => {
  const { life, order, request, ended } = await setUp();
  life.publish("v2", { healthyAfterMs: 5_000 });
  const number = await order(UPDATE);
  assertEquals(request(number)?.roll, null);
  await life.pass(2_000);
  assertEquals([request(number)?.roll, request(number)?.outcome], [2, null]);
  await life.pass(HOUR_MS);
  assertEquals(ended(), [`${number} succeeded`]);
  await life.end();
  assertEquals(ended().length, 1);
});

Deno.test("K31 with --min-healthy an order ends when its version is proven, or rolled back", async () => {
  for (const livesMs of [Infinity, 3_000]) {
    const { life, order, ended } = await setUp({ minHealthyMs: 10_000 });
    life.publish("v2", { livesMs });
    await order(UPDATE);
    await life.pass(2_000);
    assertEquals(ended(), []);
    await life.pass(15_000);
    assertEquals(ended(), livesMs === Infinity ? ["1 succeeded"] : ["1 rolled_back"]);
    await life.end();
  }
});

for (
  const [what, outcome, prepare] of [
    [
      "is refused by its gate",
      "failed",
      (life: Life) => life.publish("v2", { livesMs: 10, healthyAfterMs: 500 }),
    ],
    ["cannot be started", "failed", (life: Life) => life.publish("v2", { unstartable: true })],
    ["is not named: the source is down", "failed", (life: Life) => {
      life.world.registryDown = true;
    }],
    ["runs already", "unchanged", () => {}],
  ] as [string, string, (life: Life) => void][]
) {
  Deno.test(`K31 the version ${what}: the order ends as ${outcome}, and v1 serves on`, async () => {
    const { life, order, ended } = await setUp();
    prepare(life);
    await order(UPDATE);
    await life.pass(10_000);
    assertEquals([ended(), life.current?.key], [[`1 ${outcome}`], "i1"]);
    await life.end();
  });
}

Deno.test("K59 webhooks at the same moment are one check, and every one of them ends", async () => {
  const { life, world, order, ended } = await setUp();
  life.publish("v2");
  const before = world.of("check.started").length;
  await Promise.all([order(WEBHOOK), order(WEBHOOK), order(WEBHOOK)]);
  await life.pass(10_000);
  assertEquals([world.of("check.started").length - before, life.current?.id], [1, "v2"]);
  assertEquals(ended(), ["1 succeeded", "2 succeeded", "3 succeeded"]);
  assertEquals(world.of("roll.started").length, 2);
  await life.end();
});

Deno.test("K59 a webhook during a check is a check of its own: it may name something newer", async () => {
  const { life, world, order, ended } = await setUp();
  let answer = Promise.withResolvers<string>();
  world.source.latest = () => answer.promise;
  await order(UPDATE);
  await life.pass(100);
  const first = answer;
  answer = Promise.withResolvers();
  await order(WEBHOOK);
  life.publish("v2");
  life.publish("v3");
  first.resolve("v2");
  await life.pass(10_000);
  answer.resolve("v3");
  await life.pass(10_000);
  assertEquals([ended(), life.current?.id], [["1 succeeded", "2 succeeded"], "v3"]);
  await life.end();
});

Deno.test("K59 a webhook during a roll is heard after it", async () => {
  const { life, order, ended } = await setUp();
  life.publish("v2", { healthyAfterMs: 5_000 });
  await order(UPDATE);
  await life.pass(2_000);
  await order(WEBHOOK);
  life.publish("v3");
  await life.pass(20_000);
  assertEquals([ended(), life.current?.id], [["1 succeeded", "2 succeeded"], "v3"]);
  await life.end();
});

Deno.test("an order whose roll finds no port waits with it, and ends with it", async () => {
  const { life, world, order, ended, request } = await setUp();
  world.strangers.add(9102);
  life.publish("v2");
  const number = await order(UPDATE);
  await life.pass(12_000);
  assertEquals([ended(), request(number)?.roll, world.of("port.busy").length > 1], [[], 2, true]);
  world.strangers.clear();
  await life.pass(6_000);
  assertEquals([ended(), life.current?.id], [["1 succeeded"], "v2"]);
  assertEquals(world.of("roll.started").map(({ roll }) => roll).at(-1), 2);
  await life.end();
});

Deno.test("SIGHUP takes the place of a version that waits, and whoever asked for that is told", async () => {
  const { life, world, order, ended } = await setUp();
  world.strangers.add(9102);
  life.publish("v2");
  await order(UPDATE);
  await life.pass(7_000);
  life.publish("v3");
  life.updater.agenda.requestForcedUpdate();
  await life.pass(100);
  world.strangers.clear();
  await life.pass(20_000);
  assertEquals([life.current?.id, ended()], ["v3", ["1 interrupted"]]);
  assertEquals(world.of("roll.interrupted").at(-1)?.reason, "v3 came in between");
  await life.end();
});

Deno.test("G1 the disk is full: an order waits until it is written down, and v1 serves on", async () => {
  const { life, book, order, ended } = await setUp();
  life.publish("v2");
  book.problem = "disk full";
  await order(UPDATE);
  await life.pass(30_000);
  assertEquals([ended(), life.current?.id], [[], "v1"]);
  book.problem = null;
  await life.pass(6_000);
  assertEquals([ended(), life.current?.id], [["1 succeeded"], "v2"]);
  await life.end();
});

Deno.test("the disk is full, and what serves dies: it is healed all the same", async () => {
  const { life, book, world } = await setUp();
  book.problem = "disk full";
  world.instances[0]!.end({ code: 1, signal: null });
  await life.pass(3_000);
  assertEquals(life.current?.key, "i2");
  assertEquals(life.detail, "serving v1 on port 9102; nothing can be written down: disk full");
  await life.end();
});

for (
  const [when, ms] of [["before anything was done", 0], ["in the gate", 2_000]] as const
) {
  Deno.test(`TERM ${when}: an order ends as interrupted`, async () => {
    const { life, order, ended } = await setUp();
    life.publish("v2", { healthyAfterMs: 50_000 });
    await order(UPDATE);
    await life.pass(ms);
    await life.end();
    assertEquals(ended(), ["1 interrupted"]);
  });
}

Deno.test("update ID while what serves has just died: one of the two comes, never a third", async () => {
  const { life, world, order, ended } = await setUp();
  world.behave("v2");
  world.instances[0]!.end({ code: 1, signal: null });
  await order({ ...UPDATE, id: "v2" });
  await life.pass(20_000);
  assertEquals([life.current?.id, ended(), world.alive.length], ["v2", ["1 succeeded"], 1]);
  await life.end();
});

for (const isPinned of [false, true]) {
  const until = isPinned ? "for as long as it is pinned" : "until the next check";
  Deno.test(`K53 a version that somebody named and that is not the newest stays ${until}`, async () => {
    const { life, order } = await setUp();
    life.world.behave("v9");
    await order(isPinned ? { kind: "pin", id: "v9" } : { ...UPDATE, id: "v9" });
    await life.pass(5_000);
    assertEquals(life.current?.id, "v9");
    await life.pass(2 * HOUR_MS);
    assertEquals(life.current?.id, isPinned ? "v9" : "v1");
    await life.end();
  });
}
