import { assertEquals } from "@std/assert";
import type { RollEvent } from "../../../src/roll/events.ts";
import {
  begins,
  CHECK_FAILS,
  exits,
  fails,
  finds,
  good,
  instance,
  Life,
  quarantines,
  serving,
  STOPPED,
  succeeds,
  switches,
} from "./life.ts";

Deno.test("a life without trouble: found, started, found, rolled, stopped", () => {
  const life = new Life();
  assertEquals(life.goesOn(finds("v1", null), ...good(1, null, "v1", "start")), [
    "found: v1 was found",
    "started: v1 serves",
  ]);
  assertEquals(life.goesOn({ type: "check.unchanged", id: "v1" }), []);
  assertEquals(life.goesOn(finds("v2", "v1"), ...good(2, "v1", "v2", "interval")), [
    "found: v2 was found",
    "rolled: v1 → v2",
  ]);
  const { roll, from, to, running, look, text } = life.last;
  assertEquals({ roll, from, to, running, look, text }, {
    roll: 2,
    from: "v1",
    to: "v2",
    running: "v2",
    look: "show 2",
    text: ["It serves, after 3.2 s."],
  });
  assertEquals(life.goesOn(STOPPED), ["stopped: liveroll has stopped"]);
  assertEquals(life.last.text, ["v2 served last."]);
});

Deno.test("started is told once a life, however it begins", () => {
  const adopted = new Life();
  const event = { type: "instance.adopted", instance: instance(4, "v1") } as const;
  assertEquals(adopted.goesOn(event, succeeds(4, "v1")), ["started: v1 serves"]);
  const restored = new Life();
  assertEquals(restored.goesOn(...good(5, "v1", "v1", "start")), ["started: v1 serves"]);
  const moved = new Life();
  assertEquals(moved.goesOn(...good(5, "v1", "v2", "start")), ["started: v2 serves"]);
  assertEquals(moved.last.text.at(-1), "v1 ran before.");
});

Deno.test("a refused version: why, what runs instead, its last lines, and where to look", () => {
  const life = serving();
  const told = life.goesOn(finds("v2", "v1"), begins(2, "v1", "v2", "interval"), quarantines("v2"));
  assertEquals(told, ["found: v2 was found", "quarantined: v2 is in quarantine"]);
  assertEquals(life.goesOn(fails(2, "v2")), ["failed: v2 was refused"]);
  const { text, lastLines, roll, from, to, running, look, importance } = life.last;
  assertEquals({ text, lastLines, roll, from, to, running, look, importance }, {
    text: [
      "Exited with code 1.",
      "Next try in 30 s at the earliest, or when the source names another version.",
      "Running v1, wanted v2.",
    ],
    lastLines: ["Error: no module", "bye"],
    roll: 2,
    from: "v1",
    to: "v2",
    running: "v1",
    look: "show 2",
    importance: "error",
  });
});

Deno.test("a version that is refused again and again is told three times, another one anew", () => {
  const life = serving();
  const again = (roll: number, id: string) =>
    life.goesOn(begins(roll, "v1", id, "interval"), quarantines(id), fails(roll, id));
  assertEquals([2, 3, 4, 5].map((roll) => again(roll, "v2").at(-1)), [
    "failed: v2 was refused",
    "failed: v2 was refused",
    "failed: v2 was refused",
    undefined,
  ]);
  assertEquals(again(6, "v3"), [
    "quarantined: v3 is in quarantine",
    "failed: v3 was refused",
  ]);
  assertEquals(life.goesOn(...good(7, "v1", "v4", "interval")), ["rolled: v1 → v4"]);
  assertEquals(again(8, "v2"), ["failed: v2 was refused"]);
});

Deno.test("what other hosts hold up is told as that, and hides no refusal here", () => {
  const life = serving();
  const heldUp = { ...fails(2, "v2"), reason: "no_turn", lastLines: [] } as RollEvent;
  assertEquals(life.goesOn(begins(2, "v1", "v2", "interval"), heldUp), [
    "failed: v2 is not rolled to",
  ]);
  assertEquals(life.last.gist, "no turn v2");
  assertEquals(life.goesOn(begins(3, "v1", "v2", "interval"), fails(3, "v2")), [
    "failed: v2 was refused",
  ]);
  assertEquals(life.last.gist, "v2");
});

Deno.test("a refused version that is withdrawn is a recovery", () => {
  const life = serving();
  life.goesOn(begins(2, "v1", "v2", "interval"), quarantines("v2"), fails(2, "v2"));
  const quarantined = { type: "check.quarantined", id: "v2", failures: 1, retryInMs: 1 } as const;
  assertEquals(life.goesOn(quarantined), []);
  const unchanged = { type: "check.unchanged", id: "v1" } as const;
  assertEquals(life.goesOn(unchanged, unchanged), [
    "recovered: recovered: v1 runs, and is the newest version again",
  ]);
});

Deno.test("nothing runs, and the first version is refused", () => {
  const life = new Life();
  life.goesOn(finds("v1", null), begins(1, null, "v1", "start"), fails(1, "v1", 1_000));
  assertEquals(life.last.text.slice(1), [
    "Next try in 1.0 s at the earliest, or when the source names another version.",
    "Nothing runs, wanted v1.",
  ]);
  assertEquals(life.goesOn(...good(2, null, "v2", "interval")), [
    "started: v2 serves",
    "recovered: recovered: v2 was taken",
  ]);
});

Deno.test("a version that is taken back is one message, not a crash and a recovery besides", () => {
  const life = serving();
  life.goesOn(begins(2, "v1", "v2", "interval"), switches(2, "v1", "v2"));
  const detail = "it exited with code 137 while it was watched";
  const told = life.goesOn(
    exits(2, "v2"),
    { type: "roll.rolled_back", roll: 2, id: "v2", to: "v1", detail, lastLines: ["oh"] },
  );
  assertEquals(told, ["rolled_back: v2 was taken back, v1 comes back"]);
  const { text, from, to, lastLines } = life.last;
  assertEquals({ text, from, to, lastLines }, {
    text: [`It served, but was not well: ${detail}.`, "Back to v1, wanted v2."],
    from: "v2",
    to: "v1",
    lastLines: ["oh"],
  });
  assertEquals(life.goesOn(switches(2, "v2", "v1")), []);
  assertEquals(life.goesOn(...good(3, "v1", "v3", "interval")), ["rolled: v1 → v3"]);
});

Deno.test("checks that fail are told three times, and their recovery by whatever shows it", () => {
  const shows: RollEvent[] = [
    { type: "check.unchanged", id: "v1" },
    { type: "check.quarantined", id: "v2", failures: 1, retryInMs: 1 },
    finds("v1", "v1"),
    begins(2, "v1", "v1", "forced"),
  ];
  for (const event of shows) {
    const life = serving();
    const told = [1, 2, 3, 4].flatMap((n) => life.goesOn({ ...CHECK_FAILS, detail: `try ${n}` }));
    assertEquals(told, Array(3).fill("check_failed: cannot look for a new version"));
    assertEquals(life.goesOn(event), ["recovered: recovered: the source answers again"]);
  }
});

Deno.test("a check that failed tells what runs", () => {
  const life = serving();
  life.goesOn(CHECK_FAILS);
  const { text, look } = life.last;
  assertEquals(text, ["The pull command failed: No route to host.", "Running v1."]);
  assertEquals(look, "why");
});

Deno.test("a version that somebody has to take is offered, with the command that takes it", () => {
  const life = serving();
  const waits = { obstacle: "notify_only", detail: "only told", until: null } as const;
  const event = { type: "update.found", id: "v 2", from: "v1", waits } as const;
  assertEquals(life.goesOn(event, event), ["offered: v 2 is there for you to take"]);
  assertEquals([life.last.importance, life.last.look], ["important", "update 'v 2'"]);
});

Deno.test("ids that change at every check are told once, not at every roll", () => {
  const life = serving();
  const told: string[] = [];
  for (let n = 2; n < 20; n++) {
    const id = `t${n}`;
    told.push(...life.goesOn(finds(id, "x")));
    if (n === 4) told.push(...life.goesOn({ type: "check.unstable_id", ids: ["t3", "t4"] }));
    told.push(...life.goesOn(...good(n, "x", id, "interval")));
    told.push(...life.goesOn(begins(100 + n, id, `u${n}`, "interval"), fails(100 + n, `u${n}`)));
  }
  const count = (event: string) => told.filter((line) => line.startsWith(event)).length;
  assertEquals(count("unstable_id"), 1);
  assertEquals(count("rolled"), 2);
  assertEquals(count("found"), 4);
  assertEquals(count("failed") < 10, true, told.join("\n"));
});

Deno.test("messages are bounded, whatever the event holds", () => {
  const life = serving();
  const long = "x\n".repeat(5_000);
  life.goesOn(
    begins(2, "v1", long, "interval"),
    {
      type: "roll.failed",
      roll: 2,
      id: long,
      reason: "exited",
      detail: long,
      lastLines: Array(1_000).fill("y".repeat(10_000)),
      retryInMs: 1,
    },
  );
  const { headline, text, lastLines } = life.last;
  assertEquals(lastLines.length, 20);
  for (const line of [headline, ...text, ...lastLines]) {
    assertEquals(line.length <= 301 && !line.includes("\n"), true, line);
  }
});
