import { assertEquals } from "@std/assert";
import { type Obstacle, type Trigger, TRIGGERS } from "../../../src/roll/events.ts";
import { NO_SETTINGS, type Settings } from "../../../src/roll/journal.ts";
import { type Candidacy, obstacle, type PolicyOptions } from "../../../src/roll/policy.ts";

const NOW = 1_000_000;
const OPENS_IN_MS = 7_000;
const COOLS_IN_MS = 3_000;

/** A person said so: they need not wait for windows and the like. */
const BY_PEOPLE: readonly Trigger[] = ["forced", "command", "rollback", "pin", "retry", "restart"];

/** Everything that can stand in the way of a version. */
interface Restraints {
  skipped: boolean;
  quarantined: boolean;
  pinned: boolean;
  paused: boolean;
  notify_only: boolean;
  cooldown: boolean;
  window: boolean;
}

const FREE: Restraints = {
  skipped: false,
  quarantined: false,
  pinned: false,
  paused: false,
  notify_only: false,
  cooldown: false,
  window: false,
};

/** What is told of a version that several things stand in the way of: the first of these. */
const ORDER = Object.keys(FREE) as (keyof Restraints & Obstacle)[];

/** These hold even what a person asks for, unless it is forced. */
const FOR_ALL: readonly Obstacle[] = ["skipped", "quarantined"];

/** What stands in the way of `v2`. */
function ask(
  trigger: Trigger,
  restraints: Partial<Restraints>,
  candidacy: Partial<Candidacy> = {},
) {
  const { skipped, quarantined, pinned, paused, notify_only, cooldown, window } = {
    ...FREE,
    ...restraints,
  };
  const settings: Settings = {
    ...NO_SETTINGS,
    skipped: skipped ? ["v0", "v2"] : ["v0"],
    pinned: pinned ? "v1" : null,
    paused,
  };
  const entry = { id: "v2", failures: 3, retryAt: 60_000, detail: "it exited" };
  const options: PolicyOptions = { notifyOnly: notify_only, cooldownMs: 10_000 };
  return obstacle(
    {
      id: "v2",
      trigger,
      force: false,
      settings,
      quarantined: quarantined ? entry : null,
      provenBefore: true,
      seenAt: cooldown ? NOW - 10_000 + COOLS_IN_MS : NOW - 10_000,
      ...candidacy,
    },
    options,
    {
      clock: { now: () => 20_000, sleep: () => Promise.reject(new Error("nobody waits here")) },
      date: () => NOW,
      windows: { openAt: (at) => window ? at + OPENS_IN_MS : at },
    },
  );
}

/** Every combination of restraints. */
function* combinations(): Generator<Restraints> {
  for (let bits = 0; bits < 2 ** ORDER.length; bits++) {
    const chosen = ORDER.map((name, index) => [name, (bits & (1 << index)) !== 0]);
    yield Object.fromEntries(chosen) as unknown as Restraints;
  }
}

for (const trigger of TRIGGERS) {
  const isByPerson = BY_PEOPLE.includes(trigger);
  const who = isByPerson ? "only what is skipped or refused holds it" : "everything holds it";
  Deno.test(`${trigger}: ${who}, and the obstacle that lasts longest is told`, () => {
    for (const restraints of combinations()) {
      const expected = ORDER.find((name) =>
        restraints[name] && (!isByPerson || FOR_ALL.includes(name))
      );
      const told = ask(trigger, restraints)?.obstacle;
      assertEquals(told, expected, JSON.stringify(restraints));
    }
  });
}

Deno.test("nothing holds what is forced, whoever asks for it", () => {
  for (const trigger of TRIGGERS) {
    for (const restraints of combinations()) {
      assertEquals(ask(trigger, restraints, { force: true }), null);
    }
  }
});

Deno.test("the very first version waits for nothing but what was said against it", () => {
  for (const restraints of combinations()) {
    const expected = FOR_ALL.find((name) => restraints[name as keyof Restraints]);
    const told = ask("start", restraints, { provenBefore: false })?.obstacle;
    assertEquals(told, expected, JSON.stringify(restraints));
  }
});

Deno.test("the version that is pinned is not held by the pin", () => {
  const settings = { ...NO_SETTINGS, pinned: "v2" };
  assertEquals(ask("interval", {}, { settings }), null);
  assertEquals(ask("interval", { window: true }, { settings })?.obstacle, "window");
});

for (
  const [name, detail, waitMs] of [
    ["skipped", "somebody does not want it", null],
    ["quarantined", "it failed 3 times: it exited", 40_000],
    ["pinned", "v1 is pinned", null],
    ["paused", "updates are paused", null],
    ["notify_only", "versions are only told about; liveroll update rolls to it", null],
    ["cooldown", "it is not old enough", COOLS_IN_MS],
    ["window", "no window is open", OPENS_IN_MS],
  ] as const
) {
  const wait = waitMs === null ? "until a person changes it" : "for a known time";
  Deno.test(`${name}: it waits ${wait}, and is told why`, () => {
    assertEquals(ask("interval", { [name]: true }), { obstacle: name, detail, waitMs });
  });
}

for (
  const [what, seenAt, waitMs] of [
    ["seen just now: the whole cooldown", NOW, 10_000],
    ["one millisecond too young", NOW - 9_999, 1],
    ["exactly old enough", NOW - 10_000, null],
    ["long known", 0, null],
    ["the clock was set back: never longer than the cooldown", NOW + 86_400_000, 10_000],
  ] as const
) {
  Deno.test(`cooldown, ${what}`, () => {
    assertEquals(ask("interval", {}, { seenAt })?.waitMs ?? null, waitMs);
  });
}

Deno.test("without a cooldown a version from the future need not wait", () => {
  const options = { cooldownMs: 0, notifyOnly: false };
  const effects = {
    clock: { now: () => 0, sleep: () => Promise.resolve() },
    date: () => NOW,
    windows: { openAt: (at: number) => at },
  };
  const candidacy = {
    id: "v2",
    trigger: "interval",
    force: false,
    settings: NO_SETTINGS,
    quarantined: null,
    provenBefore: true,
    seenAt: NOW + 1,
  } as const;
  assertEquals(obstacle(candidacy, options, effects), null);
});
