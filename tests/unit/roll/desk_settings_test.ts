import { assertEquals, assertRejects } from "@std/assert";
import { Desk } from "../../../src/roll/desk.ts";
import type { Setting } from "../../../src/roll/orders.ts";
import { setUp } from "./desk_rig.ts";

/** Settings, what they change, and how that is told. */
const SETTINGS: [Setting, Record<string, unknown>, string][] = [
  [{ kind: "pause" }, { paused: true }, "paused"],
  [{ kind: "resume" }, { paused: false }, "resumed"],
  [{ kind: "hold" }, { held: true }, "held"],
  [{ kind: "release" }, { held: false }, "released"],
  [{ kind: "maintenance", message: "soon" }, { maintenance: "soon" }, "maintenance_on"],
  [{ kind: "maintenance", message: null }, { maintenance: null }, "maintenance_off"],
  [{ kind: "unpin" }, { pinned: null }, "unpinned"],
  [{ kind: "skip", id: "v3" }, { skipped: ["v3"] }, "skipped"],
];

/** These concern requests: they are done whatever happens to the disk. */
const FOR_REQUESTS = ["hold", "release", "maintenance"];

for (const [setting, change, what] of SETTINGS) {
  const inAnyCase = FOR_REQUESTS.includes(setting.kind);
  Deno.test(`${what}: holds, is told, and is written down`, async () => {
    const { life, book, settings } = await setUp();
    await life.desk.set(setting);
    await life.pass(0);
    assertEquals(settings(), { ...settings(), ...change });
    assertEquals(life.world.of("setting").map(({ what }) => what) as string[], [what]);
    assertEquals(book.next.settings, settings());
    await life.end();
  });

  Deno.test(`the disk is full, ${what}: ${inAnyCase ? "done all the same" : "an error, nothing changes"}`, async () => {
    const { life, book, settings } = await setUp();
    book.problem = "disk full";
    const before = settings();
    if (inAnyCase) await life.desk.set(setting);
    else await assertRejects(() => life.desk.set(setting), Error, "disk full");
    assertEquals(settings(), inAnyCase ? { ...before, ...change } : before);
    await life.end();
  });
}

Deno.test("hold, release and maintenance reach the proxy", async () => {
  const { life } = await setUp();
  const heard: unknown[] = [];
  life.world.traffic.hold = (...told: unknown[]) => void heard.push("hold", ...told);
  life.world.traffic.maintenance = (...told: unknown[]) => void heard.push("maintenance", ...told);
  const orders: Setting[] = [
    { kind: "hold" },
    { kind: "release" },
    { kind: "maintenance", message: "soon" },
    { kind: "maintenance", message: null },
  ];
  for (const setting of orders) await life.desk.set(setting);
  assertEquals(heard, ["hold", true, "hold", false, "maintenance", "soon", "maintenance", null]);
  await life.end();
});

Deno.test("the state follows what was asked for in the same moment", async () => {
  const { life } = await setUp();
  const states: string[] = [];
  const orders: Setting[] = [
    { kind: "hold" },
    { kind: "release" },
    { kind: "pause" },
    { kind: "resume" },
    { kind: "maintenance", message: "soon" },
    { kind: "maintenance", message: null },
  ];
  for (const setting of orders) {
    await life.desk.set(setting);
    states.push(life.world.of("state").at(-1)?.state ?? "");
  }
  assertEquals(states, ["holding", "serving", "paused", "serving", "holding", "serving"]);
  await life.end();
});

for (const setting of [{ kind: "hold" }, { kind: "maintenance", message: "soon" }] as const) {
  Deno.test(`${setting.kind}: refused where requests do not pass through here, and its end is not`, async () => {
    const { life, settings } = await setUp();
    const before = settings();
    const traffic = {
      hold: fail,
      maintenance: (message: string | null) => message === null || fail(),
    };
    const desk = new Desk(life.updater, traffic, { seesRequests: false });
    await assertRejects(() => desk.set(setting), Error, "requests do not pass through liveroll");
    assertEquals(settings(), before);
    await desk.set({ kind: "maintenance", message: null });
    await life.end();
  });
}

function fail(): never {
  throw new Error("the traffic was asked");
}
