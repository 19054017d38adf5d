import { assertEquals } from "@std/assert";
import type { Found } from "../../../src/roll/checker.ts";
import type { Order, Setting } from "../../../src/roll/orders.ts";
import { phasesOf } from "../../../src/roll/plan.ts";
import { setUp, UPDATE } from "./desk_rig.ts";

const ROLLBACK: Order = { kind: "rollback", id: null };
const RETRY: Order = { kind: "retry" };
const TO = (id: string, force = false): Order => ({ ...UPDATE, id, force });
const PIN = (id: string): Order => ({ kind: "pin", id });

/** Settings, an order, and what its plan says; v1 ran, v2 serves and is the newest version. */
const TABLE: [Setting[], Order, string, string | null, string][] = [
  [
    [],
    UPDATE,
    "check",
    "v2",
    "asks the source; as of the last check it names v2, which runs already",
  ],
  [
    [],
    { ...UPDATE, force: true },
    "check",
    "v2",
    "asks the source; as of the last check it names v2",
  ],
  [[], TO("v9"), "roll", "v9", "rolls to v9"],
  [[], TO("v2"), "unchanged", "v2", "v2 runs already"],
  [[], TO("v2", true), "roll", "v2", "rolls to v2"],
  [[], ROLLBACK, "roll", "v1", "rolls to v1"],
  [
    [],
    { kind: "rollback", id: "v9" },
    "refused",
    null,
    "v9 is not remembered to have run here: give liveroll update v9",
  ],
  [
    [],
    RETRY,
    "check",
    "v2",
    "asks the source; as of the last check it names v2, which runs already",
  ],
  [[], PIN("v2"), "unchanged", "v2", "v2 runs already"],
  [[], PIN("v9"), "roll", "v9", "rolls to v9"],
  [
    [{ kind: "pause" }],
    UPDATE,
    "refused",
    null,
    "updates are paused: liveroll resume, or update --force",
  ],
  [
    [{ kind: "pause" }],
    TO("v9"),
    "refused",
    null,
    "updates are paused: liveroll resume, or update --force",
  ],
  [[{ kind: "pause" }], TO("v9", true), "roll", "v9", "rolls to v9"],
  [[{ kind: "pause" }], RETRY, "refused", null, "updates are paused: liveroll resume"],
];

for (const [settings, order, action, to, detail] of TABLE) {
  const words = JSON.stringify(order);
  Deno.test(`the plan of ${words} with ${JSON.stringify(settings)} is ${action}, and changes nothing`, async () => {
    const { life, book, settings: preferences } = await setUp(settings);
    const [before, kept] = [JSON.stringify(book), JSON.stringify(preferences())];
    const plan = life.desk.plan(order);
    assertEquals([plan.action, plan.to, plan.detail], [action, to, detail]);
    assertEquals(
      plan.phases.length > 0,
      action === "roll" || plan.to === "v2" && "force" in order && order.force,
    );
    await life.pass(5_000);
    assertEquals([JSON.stringify(book), JSON.stringify(preferences())], [before, kept]);
    assertEquals(life.world.events, []);
    assertEquals(life.current?.id, "v2");
    await life.end();
  });
}

Deno.test("the plan of an order while a roll is under way is a refusal that names it", async () => {
  const { life } = await setUp();
  life.publish("v3", { healthyAfterMs: 5_000 });
  life.updater.agenda.check({ trigger: "interval", force: false, requests: [] });
  await life.pass(2_000);
  const { action, detail } = life.desk.plan(TO("v9"));
  assertEquals([action, detail], [
    "refused",
    `roll ${life.updater.rollUnderWay?.number} is under way`,
  ]);
  await life.end();
});

const NEW: Found = { id: "v2", trigger: "command", force: true, requests: [], roll: null };
const EVERYTHING = {
  artifacts: { has: () => false },
  turns: {},
  hooks: { has: () => true },
  data: { steps: ["snapshot", "migrate"] },
  exchange: {},
} as unknown as Parameters<typeof phasesOf>[2];
const NOTHING = { hooks: { has: () => false } } as unknown as Parameters<typeof phasesOf>[2];

/** What there is, the roll, the options; the phases. */
const PHASES: [string, Parameters<typeof phasesOf>, string][] = [
  [
    "with everything",
    [NEW, "v1", EVERYTHING, { exclusive: false, minHealthyMs: 1 }],
    "fetch turn before-hook snapshot migrate port start gate exchange switch drain stop watch after-hook",
  ],
  [
    "recreate",
    [NEW, "v1", EVERYTHING, { exclusive: true, minHealthyMs: 0 }],
    "fetch turn before-hook drain stop snapshot migrate port start gate exchange switch after-hook",
  ],
  [
    "with nothing",
    [NEW, "v1", NOTHING, { exclusive: false, minHealthyMs: 0 }],
    "port start gate switch drain stop",
  ],
  [
    "the first version",
    [NEW, null, NOTHING, { exclusive: false, minHealthyMs: 1 }],
    "port start gate switch",
  ],
  [
    "back",
    [{ ...NEW, trigger: "rollback" }, "v1", EVERYTHING, { exclusive: false, minHealthyMs: 1 }],
    "fetch before-hook port start gate exchange switch drain stop after-hook",
  ],
  [
    "the same version",
    [{ ...NEW, id: "v1" }, "v1", EVERYTHING, { exclusive: false, minHealthyMs: 1 }],
    "fetch port start gate exchange switch drain stop",
  ],
];

for (const [name, args, phases] of PHASES) {
  Deno.test(`the phases of a roll ${name} are planned in their order`, () => {
    assertEquals(phasesOf(...args).join(" "), phases);
  });
}
