import { assertEquals } from "@std/assert";
import { JOURNAL_STEPS, PHASES } from "../../src/roll/journal.ts";
import {
  crashAndReturn,
  type CrashCase,
  describeCase,
  type Ending,
  type Look,
  type Loss,
  type Story,
} from "../helpers/journal_crash.ts";
import { type CrashPoint, describePoint } from "../helpers/journal_crash_point.ts";
import type { Liveroll } from "../helpers/liveroll.ts";

const WHEN = ["before", "after"] as const;

type When = CrashPoint["when"];
type Point = Pick<CrashPoint, "step" | "phase">;
type Expected = (when: When, loss: Loss) => Ending;

/** Rows of the table that have a step in common. */
interface Rows {
  /** What goes on when it is killed. */
  during: string;
  story: Story;
  point: Point;
  expected: Expected;
  look?: (when: When) => Look;
}

const TABLE: Rows[] = [];

function killed(
  during: string,
  story: Story,
  points: readonly [Point, Expected][],
  look?: Rows["look"],
): void {
  for (const [point, expected] of points) {
    TABLE.push({ during, story, point, expected, ...(look && { look }) });
  }
}

/** A power cut is the same before an entry as after the one before it. */
const LOSSES: Record<When, readonly Loss[]> = {
  before: ["capture", "inherit"],
  after: ["capture", "inherit", "power cut"],
};

/** All rows of a step at the same time; what fails is told with the name of its row. */
async function play({ story, point, expected, look }: Rows): Promise<void> {
  // Nothing happens after the end of a phase but what the next step is about.
  const moments = point.phase === undefined ? WHEN : ["before"] as const;
  const table = moments.flatMap((when) =>
    LOSSES[when].filter((loss) => loss !== "power cut" || story === ROLL)
      .map((loss): CrashCase => ({ ...point, when, loss, ...expected(when, loss) }))
  );
  const ends = await Promise.allSettled(
    table.map((row) => crashAndReturn(story, row, look?.(row.when))),
  );
  const failures = ends.flatMap((end, index) =>
    end.status === "fulfilled" ? [] : [`${describeCase(table[index]!)}: ${end.reason}`]
  );
  if (failures.length > 0) throw new Error(failures.join("\n\n"));
}

/** Of rolls to `v1`, `v2` …; with `inherit`, who was adopted need not be started again. */
function ending(serves: string, outcomes: string, adopts: string | null = null): Ending {
  return { serves, adopts, outcomes };
}

// The first start. Nobody has ever served.

const START: Story = { fromStart: true };
const ONCE = ending("v1", "v1 succeeded");
const TWICE = ending("v1", "v1 interrupted, v1 succeeded");
const onceOrTwice: Expected = (_, loss) => loss === "inherit" ? { ...ONCE, adopts: "v1" } : TWICE;

killed("at its first start", START, [
  [{ step: "roll.began" }, (when) => when === "before" ? ONCE : TWICE],
  [{ step: "instance.starting" }, () => TWICE],
  [{ step: "instance.started" }, () => TWICE],
  [
    { step: "switch.intended" },
    (when, loss) => when === "before" ? TWICE : onceOrTwice(when, loss),
  ],
  [{ step: "switch.done" }, onceOrTwice],
  [
    { step: "roll.ended" },
    (when, loss) =>
      when === "after" && loss !== "inherit"
        ? ending("v1", "v1 succeeded, v1 succeeded")
        : onceOrTwice(when, loss),
  ],
]);

// A good version takes the place of another one.

const ROLL: Story = {
  flags: { "min-healthy": "1h" },
  laterFlags: { "min-healthy": "300ms" },
  provoke: (liveroll) => liveroll.offer("v2"),
};
const UNKNOWN = ending("v2", "v1 succeeded, v2 succeeded", "v1");
const UNDONE = ending("v2", "v1 succeeded, v2 interrupted, v2 succeeded", "v1");

/** The new version was about to serve, or did: it goes on where it can live without liveroll. */
const forward: Expected = (_, loss) => loss === "inherit" ? { ...UNKNOWN, adopts: "v2" } : UNDONE;

killed("in a roll", ROLL, [
  [{ step: "version.seen" }, () => UNKNOWN],
  [{ step: "roll.began" }, (when) => when === "before" ? UNKNOWN : UNDONE],
  [{ step: "phase.ended", phase: "port" }, () => UNDONE],
  [{ step: "instance.starting" }, () => UNDONE],
  [{ step: "phase.ended", phase: "start" }, () => UNDONE],
  [{ step: "instance.started" }, () => UNDONE],
  [{ step: "phase.ended", phase: "gate" }, () => UNDONE],
  [{ step: "switch.intended" }, (when, loss) => when === "before" ? UNDONE : forward(when, loss)],
  [{ step: "switch.done" }, forward],
  [{ step: "phase.ended", phase: "switch" }, forward],
  [{ step: "drain.intended" }, forward],
  [{ step: "phase.ended", phase: "drain" }, forward],
  [{ step: "stop.intended" }, forward],
  [{ step: "instance.gone" }, forward],
  [{ step: "phase.ended", phase: "stop" }, forward],
]);

// The same with hooks around the roll; the second life has none, they are not what it is about.

const HOOKED: Story = {
  ...ROLL,
  flags: { "min-healthy": "1h", "before-hook": "true", "after-hook": "true" },
};

killed("in a roll with hooks", HOOKED, [
  [{ step: "phase.ended", phase: "before-hook" }, () => UNDONE],
  [{ step: "phase.ended", phase: "after-hook" }, forward],
]);

killed("when a version has proven itself", { ...ROLL, flags: { "min-healthy": "300ms" } }, [
  [{ step: "phase.ended", phase: "watch" }, forward],
  [{ step: "version.proven" }, forward],
  [
    { step: "roll.ended" },
    (when, loss) =>
      when === "after" && loss !== "inherit"
        ? ending("v2", "v1 succeeded, v2 succeeded, v2 succeeded")
        : forward(when, loss),
  ],
]);

// It stops in order.

const STOP: Story = { provoke: (liveroll) => liveroll.signal("SIGTERM") };
const STARTED_AGAIN = ending("v1", "v1 succeeded, v1 succeeded");

killed("in its stop", STOP, [
  [
    { step: "stop.intended" },
    (when, loss) =>
      when === "before" && loss === "inherit" ? { ...ONCE, adopts: "v1" } : STARTED_AGAIN,
  ],
  [{ step: "instance.gone" }, () => STARTED_AGAIN],
]);

// A version is refused at the gate.

const REFUSAL: Story = {
  provoke: (liveroll) => liveroll.offer("v2", { crash: { code: 1, lastWords: ["no"] } }),
};

/** `history` goes on with the proven version where that has to be started again. */
function refused(history: string): Expected {
  return (_, loss) => ending("v1", loss !== "inherit" ? `${history}, v1 succeeded` : history, "v1");
}

killed("when a version is refused", REFUSAL, [
  [
    { step: "quarantine.changed" },
    (when, loss) =>
      when === "before"
        ? refused("v1 succeeded, v2 interrupted, v2 failed")(when, loss)
        : refused("v1 succeeded, v2 interrupted")(when, loss),
  ],
  [
    { step: "roll.ended" },
    (when, loss) =>
      refused(`v1 succeeded, v2 ${when === "before" ? "interrupted" : "failed"}`)(when, loss),
  ],
]);

// A version dies while it is watched, and the one before comes back.

const RETURN: Story = {
  flags: { "min-healthy": "1h" },
  laterFlags: { "min-healthy": "300ms" },
  prepare: async (liveroll) => {
    const since = liveroll.offer("v2");
    await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === "v1", since);
  },
  provoke: killServing,
};

const BACK = ending("v1", "v1 succeeded, v2 rolled_back, v1 succeeded");
const BACK_AGAIN = ending("v1", "v1 succeeded, v2 rolled_back, v1 interrupted, v1 succeeded");
const UNFINISHED = ending("v1", "v1 succeeded, v2 interrupted, v1 succeeded");

/** It came back, and goes on where it can live without liveroll. */
const returned: Expected = (_, loss) => loss === "inherit" ? { ...BACK, adopts: "v1" } : BACK_AGAIN;

async function killServing(liveroll: Liveroll): Promise<void> {
  Deno.kill(Number((await liveroll.ask("/pid")).text), "SIGKILL");
}

killed("when a version is rolled back", RETURN, [
  [
    { step: "quarantine.changed" },
    (when) =>
      when === "before"
        // Nobody has heard what it died of: it gets another try.
        ? ending("v2", "v1 succeeded, v2 interrupted, v2 succeeded")
        : UNFINISHED,
  ],
  [{ step: "roll.ended" }, (when) => when === "before" ? UNFINISHED : BACK],
  [{ step: "roll.began" }, (when) => when === "before" ? BACK : BACK_AGAIN],
  [{ step: "instance.starting" }, () => BACK_AGAIN],
  [{ step: "instance.started" }, () => BACK_AGAIN],
  [
    { step: "switch.intended" },
    (when, loss) => when === "before" ? BACK_AGAIN : returned(when, loss),
  ],
  [{ step: "switch.done" }, returned],
]);

// It was killed in a roll, and is killed again while it sorts out what is left.

function again(diedBefore: CrashPoint): Story {
  return { ...ROLL, diedBefore };
}

killed("after having been killed in a drain", again({ step: "drain.intended", when: "after" }), [
  [{ step: "stop.intended" }, forward],
  [{ step: "instance.gone" }, forward],
  [{ step: "roll.ended" }, forward],
]);

killed("after having been killed at a switch", again({ step: "switch.intended", when: "after" }), [
  [
    { step: "switch.done" },
    (_, loss) =>
      loss === "inherit"
        ? forward("after", loss)
        : ending("v2", "v1 succeeded, v2 interrupted, v2 interrupted, v2 succeeded"),
  ],
]);

// Somebody asks for something that holds.

const PAUSE: Story = { provoke: pause };

async function pause({ home }: Liveroll): Promise<void> {
  using client = home.client();
  // It dies of it, so there is no answer.
  await client.set({ kind: "pause" }).catch(() => {});
}

const isPaused = (when: When): Look => async ({ home }) => {
  using client = home.client();
  assertEquals((await client.status()).settings.paused, when === "after");
};

killed("when updates are paused", PAUSE, [
  [
    { step: "settings.changed" },
    (_, loss) => loss === "inherit" ? { ...ONCE, adopts: "v1" } : STARTED_AGAIN,
  ],
], isPaused);

for (const rows of TABLE) {
  const name = describePoint({ ...rows.point, when: "after" }).replace("after ", "");
  Deno.test(`G1 G13 killed ${rows.during}: ${name}`, () => play(rows));
}

Deno.test("every step of the journal and every phase of a roll without files, data and fleet has its rows", () => {
  const steps = new Set(TABLE.map(({ point }) => point.step));
  assertEquals(JOURNAL_STEPS.filter((step) => !steps.has(step)), []);
  const phases = new Set(TABLE.map(({ point }) => point.phase));
  const apart = [
    "fetch",
    "turn",
    "snapshot",
    "migrate",
    "exchange",
    "restore",
  ];
  assertEquals(PHASES.filter((phase) => !phases.has(phase)), apart);
});
