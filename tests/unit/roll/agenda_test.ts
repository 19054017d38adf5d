import { assertEquals } from "@std/assert";
import { Agenda, type AgendaTools } from "../../../src/roll/agenda.ts";
import type { Found } from "../../../src/roll/checker.ts";
import type { LastCheck } from "../../../src/roll/checks.ts";
import { type Memory, NO_MEMORY } from "../../../src/roll/journal.ts";
import { NextUp } from "../../../src/roll/next_up.ts";
import { Recovery } from "../../../src/roll/recovery.ts";
import { Requests } from "../../../src/roll/requests.ts";
import { FairWorld } from "./fair_world.ts";

const target = (id: string, more: Partial<Found> = {}): Found => {
  return { id, trigger: "interval", force: false, requests: [], roll: null, ...more };
};

/** An agenda where `v1` is known to be good; `told` is what others were told, in order. */
function setUp(
  { settings = {}, isOneWay = false, proven = ["v1"], last = null }: {
    settings?: Partial<Memory["settings"]>;
    isOneWay?: boolean;
    proven?: readonly string[];
    last?: LastCheck["result"] | null;
  } = {},
) {
  const world = new FairWorld();
  const told: string[] = [];
  const recovery = new Recovery();
  recovery.serves("v1", 0);
  const attempts = { interrupt: () => {}, skip: () => {} };
  const nextUp = new NextUp({
    clock: world.clock,
    attempts,
    requests: new Requests(world.observe),
  });
  const rolls = { isUnderWay: false, skip: (id: string) => told.push(`skip ${id}`) };
  const turns = { awaited: null as string | null, giveWay: () => told.push("give way") };
  const checks = {
    last: last === null ? null : { at: 0, result: last },
    isWished: false as boolean,
    wish: ({ trigger }) => told.push(`check ${trigger}`),
    decline: (detail) => told.push(`decline: ${detail}`),
    keepUp: (trigger) => told.push(`keep up ${trigger}`),
    forgetWaiting: () => told.push("forget waiting"),
  } satisfies AgendaTools["checks"];
  const stage: { current: AgendaTools["stage"]["current"] } = { current: null };
  const agenda = new Agenda({
    effects: { clock: world.clock, observe: world.observe, ...isOneWay && { data: oneWay() } },
    preferences: {
      now: { ...NO_MEMORY.settings, ...settings },
      want: (id) => told.push(`want ${id}`),
    },
    proven: { has: (id) => proven.includes(id) },
    refusals: {
      release: (id) => told.push(`release ${id}`),
      forgetLatest: () => told.push("no refusal"),
    },
    recovery,
    stage,
    ...{ checks, nextUp, rolls, turns },
    onWished: () => told.push("wished"),
    onChanged: () => told.push("changed"),
  });
  return { world, agenda, recovery, nextUp, rolls, turns, checks, stage, told };
}

function oneWay(): NonNullable<AgendaTools["effects"]["data"]> {
  const data: Partial<NonNullable<AgendaTools["effects"]["data"]>> = { isOneWay: true };
  return data as NonNullable<AgendaTools["effects"]["data"]>;
}

Deno.test("a forced update asks the source", () => {
  const { agenda, told } = setUp();
  agenda.requestForcedUpdate();
  assertEquals(told, ["check forced", "wished"]);
});

Deno.test("a forced update rolls to what is pinned, also while updates are paused", () => {
  const { agenda, told } = setUp({ settings: { pinned: "v3", paused: true } });
  agenda.requestForcedUpdate();
  assertEquals(told, ["changed"]);
  assertEquals(agenda.takeFound(), target("v3", { trigger: "forced", force: true }));
});

Deno.test("a forced update is declined while updates are paused", () => {
  const { agenda, told, world } = setUp({ settings: { paused: true } });
  agenda.requestForcedUpdate();
  assertEquals([told, world.of("check.declined").length], [[], 1]);
});

Deno.test("a restart is wanted until it is taken, and is one of what is known to be good", () => {
  const { agenda, told } = setUp();
  assertEquals(agenda.wantsRestart, false);
  agenda.requestRestart();
  assertEquals([agenda.wantsRestart, told], [true, ["wished"]]);
  assertEquals(agenda.takeRestart(), target("v1", { trigger: "restart", force: true }));
  assertEquals(agenda.wantsRestart, false);
});

Deno.test("what was found is forgotten when it is concerned; who waits for others begins again", () => {
  const { agenda, told, nextUp } = setUp();
  agenda.found(target("v2"));
  agenda.forgetFound("paused", ({ force }) => force);
  assertEquals(nextUp.target?.id, "v2");
  agenda.forgetFound("paused");
  assertEquals([nextUp.target, agenda.foundAt], [null, null]);
  const one = ["give way", "forget waiting", "changed"];
  assertEquals(told, [...one, "keep up interval", ...one]);
});

Deno.test("when updates do not go on, what is wished and what was found are given up", () => {
  const { agenda, told, nextUp } = setUp();
  agenda.found(target("v2"));
  agenda.halt("v1 was pinned");
  assertEquals(nextUp.target, null);
  assertEquals(told.slice(0, 2), ["decline: v1 was pinned", "keep up interval"]);
});

Deno.test("what nobody wants is not waited for, and does not go on; others wait on", () => {
  const { agenda, told, nextUp } = setUp();
  agenda.rollTo(target("v2"));
  agenda.skip("v3");
  assertEquals(nextUp.target?.id, "v2");
  agenda.skip("v2");
  assertEquals(nextUp.target, null);
  assertEquals(told.filter((what) => what.startsWith("skip")), ["skip v3", "skip v2"]);
});

Deno.test("only what was found by force is wanted after all", () => {
  const { agenda, told } = setUp();
  agenda.found(target("v2"));
  assertEquals(told, []);
  agenda.found(target("v2", { force: true }));
  assertEquals(told, ["want v2", "release v2"]);
});

for (
  const [last, crashed, serves, isWanted, told] of [
    [{ outcome: "unchanged", id: "v1" }, false, false, true, ["no refusal"]],
    [{ outcome: "failed", detail: "no" }, false, false, true, []],
    // Its healing was called off: whoever did that has decided.
    [{ outcome: "unchanged", id: "v1" }, true, false, false, ["no refusal"]],
    [{ outcome: "unchanged", id: "v1" }, false, true, false, ["no refusal"]],
  ] as const
) {
  const how = `crashed: ${crashed}, serves: ${serves}`;
  Deno.test(`a check came to nothing (${last.outcome}, ${how}): v1 is ${isWanted ? "" : "not "}brought back`, async () => {
    const { agenda, recovery, stage, told: now, world } = setUp({ last });
    if (crashed) {
      recovery.crashed(1_000);
      recovery.begin();
      recovery.end();
    }
    const dueAt = recovery.dueAt;
    if (serves) stage.current = await world.launch("v1", 9101);
    agenda.nothingFound();
    assertEquals(recovery.dueAt, isWanted ? world.clock.now() : dueAt);
    assertEquals(now, [...told]);
  });
}

for (
  const [pinned, proven, isOneWay, isTried] of [
    [null, ["v1"], false, false],
    ["v1", ["v1"], false, false],
    ["v2", ["v1"], false, true],
    ["v2", ["v2", "v1"], false, false],
    // With data that goes one way only, it was not started from memory.
    ["v2", ["v2", "v1"], true, true],
  ] as const
) {
  const how = `${proven.join(" and ")} proven${isOneWay ? ", one way" : ""}`;
  Deno.test(`after a start ${pinned} is pinned, ${how}: it is ${isTried ? "" : "not "}rolled to`, () => {
    const { agenda, nextUp } = setUp({ settings: { pinned }, proven, isOneWay });
    agenda.resumePin();
    assertEquals(nextUp.target, isTried ? target(pinned!, { trigger: "pin" }) : null);
  });
}

Deno.test("what is due, wished or under way is in the way; what has to wait is not", () => {
  const { agenda, nextUp, checks, rolls, turns } = setUp();
  assertEquals(agenda.isBusy, false);
  nextUp.put(target("v2"), 1_000);
  assertEquals(agenda.isBusy, false);
  nextUp.put(target("v3"));
  assertEquals(agenda.isBusy, true);
  agenda.takeFound();
  rolls.isUnderWay = true;
  assertEquals(agenda.isBusy, true);
  turns.awaited = "host b rolls";
  assertEquals(agenda.isBusy, false);
  checks.isWished = true;
  assertEquals(agenda.isBusy, true);
});
