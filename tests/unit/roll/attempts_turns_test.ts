import { assertEquals } from "@std/assert";
import { TRIGGERS } from "../../../src/roll/events.ts";
import type { TurnAnswer, TurnEnd, Turns, TurnWish } from "../../../src/roll/turns.ts";
import { BAD_END, GOOD_END, setUp as setUpAttempts, WITHOUT_HOOKS } from "./attempts_rig.ts";

/** Attempts with turns; `answer` decides about each wish, by default it is granted. */
function setUp(
  { answer, ...options }: Parameters<typeof setUpAttempts>[0] & {
    answer?: (wish: TurnWish, signal: AbortSignal) => Promise<TurnAnswer> | TurnAnswer;
  } = {},
) {
  const rig = setUpAttempts(options);
  const wishes: Pick<TurnWish, "version" | "isOrdered" | "isUrgent">[] = [];
  const ends: string[] = [];
  const lost = new AbortController();
  const turn = (version: string) => ({
    lost: lost.signal,
    end: (end: TurnEnd) => {
      const detail = end.outcome === "failed" ? `: ${end.detail}` : "";
      return Promise.resolve(void ends.push(`${version} ${end.outcome}${detail}`));
    },
  });
  const turns: Turns = {
    take: async (wish, signal) => {
      const { version, isOrdered, isUrgent } = wish;
      wishes.push({ version, isOrdered, isUrgent });
      return await answer?.(wish, signal) ?? { outcome: "granted", turn: turn(version) };
    },
    without: turn,
  };
  rig.world.turns = turns;
  return { ...rig, wishes, told: ends, lost };
}

const BACK = [...WITHOUT_HOOKS, "rollback"];

for (const trigger of TRIGGERS) {
  const needs = !BACK.includes(trigger);
  Deno.test(`${trigger}: a turn is ${needs ? "" : "not "}needed for another version`, async () => {
    const { roll, wishes } = setUp();
    await roll("v1", "start");
    await roll("v2", trigger);
    const wish = { version: "v2", isOrdered: trigger === "retry", isUrgent: false };
    assertEquals(wishes, needs ? [wish] : []);
  });
}

Deno.test("the first version ever and the same one again need no turn", async () => {
  const { roll, wishes } = setUp();
  await roll("v1");
  await roll("v1", "forced", { force: true });
  assertEquals(wishes, []);
});

Deno.test("what a person forces is told as ordered", async () => {
  const { roll, wishes } = setUp();
  await roll("v1");
  await roll("v2", "command", { force: true });
  assertEquals(wishes, [{ version: "v2", isOrdered: true, isUrgent: false }]);
});

Deno.test("the turn comes before the hook, and ends when it is known how the roll went", async () => {
  const { roll, attempts, courses, told, hookNames, world } = setUp({
    hooks: { before: GOOD_END },
    answer: () => {
      assertEquals(hookNames(), ["before"]);
      return undefined as unknown as TurnAnswer;
    },
  });
  await roll("v1");
  await roll("v2");
  assertEquals([hookNames(), told], [["before", "before"], []]);
  attempts.succeed(courses[1]!, "");
  await world.await(Promise.resolve());
  assertEquals(told, ["v2 succeeded"]);
});

Deno.test("a version that did not have the time to prove itself says nothing to others", async () => {
  const { roll, attempts, courses, told } = setUp();
  await roll("v1");
  await roll("v2");
  attempts.succeed(courses[1]!, "liveroll was stopped");
  assertEquals(told, ["v2 interrupted"]);
});

Deno.test("a failing hook and a failing start are told to others, a busy port is not", async () => {
  const hook = setUp({ hooks: { before: BAD_END }, memory: { proven: ["v1"] } });
  await hook.roll("v1", "crash");
  await hook.roll("v2");
  assertEquals(hook.told, ["v2 failed: the before hook ended with code 7"]);
  const { roll, world, told } = setUp();
  await roll("v1");
  world.behave("v2", { unstartable: true });
  await roll("v2");
  assertEquals(told, ["v2 failed: Cannot start v2: no such program"]);
  for (const port of [9101, 9102]) world.strangers.add(port);
  assertEquals(await roll("v3"), { outcome: "postponed", roll: 3 });
  assertEquals(told.slice(1), ["v3 interrupted"]);
});

Deno.test("a roll that gave way is the same one later, and its hook runs then", async () => {
  const isGranted = [false, true];
  const { roll, turns, hookNames, world, book } = setUp({
    hooks: { before: GOOD_END },
    answer: async ({ onWaiting }, signal) => {
      if (isGranted.shift()) return undefined as unknown as TurnAnswer;
      onWaiting("web1 rolls");
      assertEquals(turns.awaited, "web1 rolls");
      await world.clock.sleep(100);
      turns.giveWay();
      assertEquals(turns.awaited, null);
      onWaiting("web2 rolls");
      assertEquals(turns.awaited, null);
      return await Promise.reject(signal.reason);
    },
  });
  await roll("v1");
  assertEquals(await roll("v2"), { outcome: "postponed", roll: 2 });
  assertEquals([hookNames(), world.instances.length], [["before"], 1]);
  assertEquals(await roll("v2", "interval", { roll: 2 }), { outcome: "switched" });
  assertEquals(hookNames(), ["before", "before"]);
  assertEquals(book.of("roll.began").map(({ roll }) => roll), [1, 2]);
  assertEquals(world.of("turn.waiting").map(({ detail }) => detail), ["web1 rolls"]);
});

Deno.test("a turn that is lost in the hook ends the roll before anything is started", async () => {
  const { roll, lost, world, told, consequences } = setUp({ hooks: { before: GOOD_END } });
  await roll("v1");
  world.clock.after(5, () => lost.abort(new Error("the turn is over")));
  assertEquals(await roll("v2"), { outcome: "failed" });
  assertEquals([world.instances.length, told], [1, ["v2 interrupted"]]);
  assertEquals(consequences.at(-1), "refused v2: the turn is over");
});

Deno.test("a roll of a former life tells others how it ends", () => {
  const { attempts, told } = setUp();
  const target = { id: "v2", trigger: "interval", force: false, requests: [], roll: 7 } as const;
  attempts.succeed(attempts.resume(target, "v1"), "");
  attempts.succeed(attempts.resume({ ...target, trigger: "crash" }, "v1"), "");
  assertEquals(told, ["v2 succeeded"]);
});
