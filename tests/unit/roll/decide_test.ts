import { assertEquals } from "@std/assert";
import { decide, type Decision, type Situation } from "../../../src/roll/decide.ts";

/** One version serves, and the next check is four seconds away. */
const IDLE: Situation = {
  now: 1_000,
  stopping: false,
  suspended: false,
  exclusive: false,
  serving: true,
  provenBefore: true,
  healAt: null,
  healing: false,
  rolling: false,
  waitsForTurn: false,
  checking: false,
  foundAt: null,
  checkWished: false,
  checksByItself: true,
  sick: false,
  restartRequested: false,
  nextCheckAt: 5_000,
};

const DOWN: Partial<Situation> = { serving: false, healAt: 1_000 };
/** The roll under way waits for other hosts. */
const WAITS: Partial<Situation> = { rolling: true, waitsForTurn: true };
/** Everything is wanted at once. */
const EVERYTHING: Partial<Situation> = {
  ...DOWN,
  stopping: true,
  foundAt: 0,
  checkWished: true,
  restartRequested: true,
  nextCheckAt: 0,
};

const STOP: Decision = { do: "stop" };
const HEAL: Decision = { do: "heal" };
const ROLL: Decision = { do: "roll" };
const RESTART: Decision = { do: "restart" };
const GIVE_WAY: Decision = { do: "give_way" };
const CHECK: Decision = { do: "check" };
const wait = (until: number): Decision => ({ do: "wait", until });

const TABLE: [string, Partial<Situation>, Decision][] = [
  ["stopping comes before everything", EVERYTHING, STOP],
  ["stopping does not wait for what is under way", {
    stopping: true,
    healing: true,
    rolling: true,
    checking: true,
  }, STOP],

  ["nothing is begun while somebody else may go on", {
    suspended: true,
    foundAt: 0,
    checkWished: true,
    restartRequested: true,
    nextCheckAt: 0,
  }, wait(Infinity)],
  ["... but healing", { ...EVERYTHING, stopping: false, suspended: true }, HEAL],
  ["... when it is due", { ...DOWN, suspended: true, healAt: 9_000 }, wait(9_000)],

  ["healing comes before all but stopping", { ...EVERYTHING, stopping: false }, HEAL],
  ["healing waits for its back-off", { ...DOWN, healAt: 1_001 }, wait(1_001)],
  ["healing never waits for a check", { ...DOWN, checking: true }, HEAL],
  ["healing never waits for a roll", { ...DOWN, rolling: true }, HEAL],
  ["healing waits for a roll if two may not coexist", {
    ...DOWN,
    rolling: true,
    exclusive: true,
  }, wait(Infinity)],
  ["nothing is healed twice at a time", { ...DOWN, healing: true }, wait(5_000)],
  ["nothing is healed while an instance serves", { healAt: 0 }, wait(5_000)],
  ["what was never proven is not healed", { ...DOWN, provenBefore: false }, wait(5_000)],
  ["nothing is healed that has not crashed", { serving: false }, wait(5_000)],

  ["a found version comes before a restart and a check", {
    foundAt: 0,
    restartRequested: true,
    checkWished: true,
    nextCheckAt: 0,
  }, ROLL],
  ["a found version rolls beside a check", { foundAt: 0, checking: true }, ROLL],
  ["a found version rolls beside a healing", { foundAt: 0, healing: true, serving: false }, ROLL],
  ["a found version waits for a healing if two may not coexist", {
    foundAt: 0,
    healing: true,
    serving: false,
    exclusive: true,
  }, wait(Infinity)],
  ["a found version waits for the roll before it", { foundAt: 0, rolling: true }, wait(Infinity)],
  ["a found version rolls during the back-off of a crashed one", {
    ...DOWN,
    healAt: 9_000,
    foundAt: 0,
  }, ROLL],

  ["a restart comes before a check", {
    restartRequested: true,
    checkWished: true,
    nextCheckAt: 0,
  }, RESTART],
  [
    "a restart cuts the back-off short",
    { ...DOWN, healAt: 9_000, restartRequested: true },
    RESTART,
  ],
  ["a restart needs something proven", {
    serving: false,
    provenBefore: false,
    restartRequested: true,
  }, wait(5_000)],
  ["a restart waits for a healing", {
    serving: false,
    healing: true,
    restartRequested: true,
  }, wait(5_000)],
  ["a restart waits for a roll", { rolling: true, restartRequested: true }, wait(Infinity)],

  ["a check is due exactly at its time", { nextCheckAt: 1_000 }, CHECK],
  ["a check is not due before its time", { nextCheckAt: 1_001 }, wait(1_001)],
  ["a forced check does not wait for its time", { checkWished: true }, CHECK],
  ["a check goes on beside a healing", { healing: true, serving: false, nextCheckAt: 0 }, CHECK],
  ["K59 two checks never run at a time", {
    checking: true,
    checkWished: true,
    nextCheckAt: 0,
  }, wait(Infinity)],
  ["nothing is checked during a roll", {
    rolling: true,
    checkWished: true,
    nextCheckAt: 0,
  }, wait(Infinity)],
  ["nothing is checked while a found version waits for its roll", {
    foundAt: 0,
    healing: true,
    serving: false,
    exclusive: true,
    checkWished: true,
    nextCheckAt: 0,
  }, wait(Infinity)],

  ["nothing due: a roll waits for its turn", WAITS, wait(Infinity)],
  ["a turn is not waited for beside a found version", { ...WAITS, foundAt: 0 }, GIVE_WAY],
  ["... that is due later", { ...WAITS, foundAt: 9_000 }, wait(Infinity)],
  ["... beside a check that somebody wants", { ...WAITS, checkWished: true }, GIVE_WAY],
  ["... unless one is under way", { ...WAITS, checkWished: true, checking: true }, wait(Infinity)],
  ["... beside a check by itself", { ...WAITS, nextCheckAt: 0 }, wait(Infinity)],
  ["... beside a restart", { ...WAITS, restartRequested: true }, GIVE_WAY],
  ["... which waits for a healing", {
    ...WAITS,
    ...DOWN,
    restartRequested: true,
    healing: true,
  }, wait(Infinity)],
  ["a turn is waited for beside a healing", { ...WAITS, ...DOWN }, HEAL],
  ["... unless two may not coexist", { ...WAITS, ...DOWN, exclusive: true }, GIVE_WAY],
  ["... and until it is due", { ...WAITS, ...DOWN, exclusive: true, healAt: 9_000 }, wait(9_000)],
  ["stopping comes before whoever waits for a turn", { ...WAITS, ...EVERYTHING }, STOP],

  ["a roll that was put off waits for its time", { foundAt: 2_000 }, wait(2_000)],
  ["meanwhile a newer version may be found", { foundAt: 2_000, nextCheckAt: 0 }, CHECK],

  ["idle, it waits for the next check", {}, wait(5_000)],
  ["it waits for whatever is due first: the check", { ...DOWN, healAt: 6_000 }, wait(5_000)],
  ["it waits for whatever is due first: the healing", { ...DOWN, healAt: 4_000 }, wait(4_000)],
  ["during a check it waits for the healing alone", {
    ...DOWN,
    healAt: 6_000,
    checking: true,
  }, wait(6_000)],
];

for (const [name, situation, decision] of TABLE) {
  Deno.test(`decide: ${name}`, () => {
    assertEquals(decide({ ...IDLE, ...situation }), decision);
  });
}

Deno.test("decide: every wait ends in the future, whatever the situation", () => {
  const flags = [
    "stopping",
    "exclusive",
    "serving",
    "provenBefore",
    "healing",
    "rolling",
    "checking",
    "checkWished",
    "restartRequested",
  ] as const;
  for (let bits = 0; bits < 2 ** flags.length; bits++) {
    const set = flags.map((flag, i) => [flag, (bits >> i & 1) === 1] as const);
    for (const healAt of [null, 0, 1_000, 1_001]) {
      for (const foundAt of [null, 0, 1_001]) {
        for (const nextCheckAt of [0, 1_000, 1_001]) {
          const situation = { ...IDLE, ...Object.fromEntries(set), healAt, foundAt, nextCheckAt };
          const decision = decide(situation);
          if (decision.do !== "wait") continue;
          assertEquals(decision.until > situation.now, true, JSON.stringify(situation));
        }
      }
    }
  }
});
