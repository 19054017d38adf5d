import { assertEquals, assertRejects } from "@std/assert";
import { Checker } from "../../../src/roll/checker.ts";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import { SourceError } from "../../../src/roll/effects.ts";
import { NO_SETTINGS, type Settings } from "../../../src/roll/journal.ts";
import type { PolicyOptions } from "../../../src/roll/policy.ts";
import { Preferences } from "../../../src/roll/preferences.ts";
import { Quarantine } from "../../../src/roll/quarantine.ts";
import type { Wish } from "../../../src/roll/schedule.ts";
import { Book } from "./book.ts";
import { FairWorld, never } from "./fair_world.ts";

const WISH: Wish = { trigger: "interval", force: false, requests: [4] };
const FORCED: Wish = { trigger: "forced", force: true, requests: [] };

function setUp(
  { settings = {}, seen = [], policy = {} }: {
    settings?: Partial<Settings>;
    seen?: [string, number][];
    policy?: Partial<PolicyOptions>;
  } = {},
) {
  const world = new FairWorld();
  const book = new Book({ seen: new Map(seen), settings: { ...NO_SETTINGS, ...settings } });
  world.journal = book;
  world.date = () => world.clock.now() + 5_000_000;
  const chronicle = new Chronicle(book, world.observe);
  const quarantine = new Quarantine();
  const checker = new Checker({
    effects: world,
    chronicle,
    quarantine,
    preferences: new Preferences(book.memory.settings, chronicle, world.observe),
    policy: { cooldownMs: 0, notifyOnly: false, ...policy },
  });
  /** What a check comes to when the source names `id` while `running` runs. */
  const check = (id: string, running: string | null, wish: Wish = WISH) => {
    world.source.latest = () => Promise.resolve(id);
    return checker.check(wish, () => running, never());
  };
  const told = () => world.events.map(({ type }) => type).slice(1);
  return { world, book, checker, quarantine, check, told };
}

Deno.test("a version that does not run is found, with the wish that it was found for", async () => {
  const { check, world } = setUp();
  assertEquals(await check("v2", "v1"), {
    outcome: "found",
    found: { id: "v2", trigger: "interval", force: false, requests: [4], roll: null },
  });
  assertEquals(world.events, [
    { type: "check.started", trigger: "interval" },
    { type: "update.found", id: "v2", from: "v1", waits: null },
  ]);
});

Deno.test("the version that runs is unchanged", async () => {
  const { check, told } = setUp();
  assertEquals(await check("v1", "v1"), { outcome: "unchanged", id: "v1" });
  assertEquals(told(), ["check.unchanged"]);
});

Deno.test("the version that runs is found all the same when it is forced; that is no news", async () => {
  const { check, told } = setUp();
  const result = await check("v1", "v1", FORCED);
  assertEquals(result.outcome === "found" && result.found.force, true);
  assertEquals(told(), []);
});

Deno.test("G9 a refused version is told with its failures and the time to wait", async () => {
  const { check, quarantine, world } = setUp();
  quarantine.add("v2", 0, "while_serving", "it exited");
  const result = await check("v2", "v1");
  assertEquals(result.outcome === "waits" && result.wait.obstacle, "quarantined");
  assertEquals(world.events.at(-1), {
    type: "check.quarantined",
    id: "v2",
    failures: 1,
    retryInMs: 30_000,
  });
});

Deno.test("G9 a refused version is tried when its time has come, or when it is forced", async () => {
  const { check, quarantine, world } = setUp();
  quarantine.add("v2", 0, "while_serving", "it exited");
  assertEquals((await check("v2", "v1", FORCED)).outcome, "found");
  await world.await(world.clock.sleep(30_000));
  assertEquals((await check("v2", "v1")).outcome, "found");
});

Deno.test("K52 a version that has to wait is told with the moment until when", async () => {
  const { check, world } = setUp({ policy: { cooldownMs: 60_000 } });
  const result = await check("v2", "v1");
  assertEquals(result, {
    outcome: "waits",
    id: "v2",
    wait: { obstacle: "cooldown", detail: "it is not old enough", waitMs: 60_000 },
  });
  assertEquals(world.of("update.found")[0]?.waits?.until, world.date() + 60_000);
});

Deno.test("a version that waits for a person is told without a moment", async () => {
  const { check, world } = setUp({ settings: { paused: true } });
  assertEquals((await check("v2", "v1")).outcome, "waits");
  assertEquals(world.of("update.found")[0]?.waits, {
    obstacle: "paused",
    detail: "updates are paused",
    until: null,
  });
});

Deno.test("the first version ever waits for nothing, whatever the rules are", async () => {
  const { check } = setUp({ settings: { paused: true }, policy: { notifyOnly: true } });
  assertEquals((await check("v1", null)).outcome, "found");
});

for (
  const [what, error, step, detail] of [
    ["by its id command", new SourceError("id", "exit status 3"), "id", "exit status 3"],
    ["by its pull command", new SourceError("pull", "timed out"), "pull", "timed out"],
    ["unexpectedly", new Error("no such host"), "pull", "no such host"],
    ["in an odd way", "odd", "pull", "odd"],
  ] as const
) {
  Deno.test(`a source that fails ${what} is told, and the check has failed`, async () => {
    const { world, checker } = setUp();
    world.source.latest = () => Promise.reject(error);
    assertEquals(await checker.check(WISH, () => "v1", never()), { outcome: "failed", detail });
    assertEquals(world.events.at(-1), { type: "check.failed", step, detail });
  });
}

for (const answers of ["with an error", "with a version"] as const) {
  Deno.test(`a check that is called off throws, even if the source answers ${answers}`, async () => {
    const { world, checker, told } = setUp();
    const end = new AbortController();
    world.source.latest = () => {
      end.abort(new Error("stopping"));
      return answers === "with a version" ? Promise.resolve("v2") : Promise.reject(new Error("x"));
    };
    await assertRejects(() => checker.check(WISH, () => "v1", end.signal), Error, "stopping");
    assertEquals(told(), []);
  });
}

Deno.test("what runs is asked for when the answer is in, not before", async () => {
  const { world, checker } = setUp();
  let running = "v1";
  world.source.latest = () => {
    running = "v2";
    return Promise.resolve("v2");
  };
  assertEquals((await checker.check(WISH, () => running, never())).outcome, "unchanged");
});

Deno.test("K52 a version is as old as its first sight, which is written down once", async () => {
  const { check, book, world, checker } = setUp();
  const firstSight = world.date();
  await check("v2", "v1");
  await world.await(world.clock.sleep(1_000));
  await check("v2", "v1");
  assertEquals(book.of("version.seen"), [{ step: "version.seen", id: "v2", at: firstSight }]);
  assertEquals([checker.hasSeen("v2"), checker.hasSeen("v9")], [true, false]);
});

Deno.test("K52 a version that was seen in a former life has waited since then", async () => {
  const { check, book, checker } = setUp({
    seen: [["v2", 4_990_000]],
    policy: { cooldownMs: 10_000 },
  });
  assertEquals(checker.hasSeen("v2"), true);
  assertEquals((await check("v2", "v1")).outcome, "found");
  assertEquals(book.of("version.seen"), []);
});

Deno.test("the version that runs need not be remembered as seen", async () => {
  const { check, checker } = setUp();
  await check("v1", "v1");
  assertEquals(checker.hasSeen("v1"), false);
});

Deno.test("a hundred versions are remembered as seen, the oldest is forgotten first", async () => {
  const seen = Array.from({ length: 100 }, (_, index): [string, number] => [`v${index}`, index]);
  const { check, checker } = setUp({ seen });
  await check("v100", "v99");
  assertEquals([checker.hasSeen("v0"), checker.hasSeen("v1")], [false, true]);
});

Deno.test("five new ids in a row from five checks are a defect of the id command: told once", async () => {
  const { check, world } = setUp();
  for (let i = 1; i <= 8; i++) await check(`${i}`, `${i - 1}`);
  assertEquals(world.of("check.unstable_id"), [
    { type: "check.unstable_id", ids: ["1", "2", "3", "4", "5"] },
  ]);
});

Deno.test("releases in quick succession are none: one unchanged check in between tells", async () => {
  const { check, world } = setUp();
  for (let i = 1; i <= 8; i++) {
    await check(`${i}`, `${i - 1}`);
    if (i === 4) await check("4", "4");
  }
  assertEquals(world.of("check.unstable_id").length, 0);
  await check("9", "8");
  assertEquals(world.of("check.unstable_id")[0]?.ids, ["5", "6", "7", "8", "9"]);
});

Deno.test("the next try of a version is not a new id", async () => {
  const { check, world } = setUp();
  for (let i = 0; i < 10; i++) await check(`${i % 3}`, "running");
  assertEquals(world.of("check.unstable_id"), []);
});
