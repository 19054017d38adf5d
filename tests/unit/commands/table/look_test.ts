import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { setColorEnabled, stripAnsiCode } from "@std/fmt/colors";
import { main } from "../../../../src/commands/mod.ts";
import type { OutputLine, Status } from "../../../../src/control/operator.ts";
import { FakeControl } from "../fake_control.ts";
import { fakeIo } from "../fake_io.ts";
import { at, FakeOperator, ROLL, SERVING, told } from "../fake_operator.ts";

const NOW = { date: () => Date.parse(at(11_520)) };
const EVIL = "v\x1b[31m\x1b]0;t\x07\r\n\x00\x9b2J\u202e";
// deno-lint-ignore no-control-regex -- they are what this is about
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/;

async function print(operator: FakeOperator, args: string[], io = fakeIo({}, NOW)) {
  await using control = new FakeControl(operator);
  const exit = await main([...args, "--state-dir", control.stateDir], io);
  return { exit, lines: io.printed, io };
}

const BUSY: Status = {
  ...SERVING,
  state: "rolling",
  detail: "v2 is in the gate",
  candidate: { id: "v2", pid: 4712, port: 8082, startedAt: at(11_517), healthySince: null },
  draining: [{
    id: "v0",
    pid: 4710,
    port: 8083,
    startedAt: at(-86_400),
    healthySince: at(-80_000),
  }],
  roll: { id: 3, to: "v2", trigger: "command", phase: "gate", since: at(11_517) },
  waiting: {
    id: "v3",
    obstacle: "notify_only",
    detail: "liveroll update rolls to it",
    until: null,
  },
  quarantined: [{ id: "v9", failures: 2, retryAt: at(11_580), detail: "exit code 1" }],
  settings: { paused: true, pinned: "v2", skipped: ["v7", "v8"], held: true, maintenance: "soon" },
  stateProblem: "the disk is full",
  dataProblem: "v2 has changed it",
};

Deno.test("status shows everything on short aligned lines", async () => {
  const operator = new FakeOperator();
  operator.current = BUSY;
  operator.rolls = [
    { ...ROLL, outcome: "failed", detail: "it was no good at all, ".repeat(9) },
    ROLL,
  ];
  const { exit, lines } = await print(operator, ["status"]);
  assertEquals(exit, 0);
  assertEquals(lines, [
    "blog  rolling: v2 is in the gate",
    "current     v1, pid 4711, port 8081, up 3h12m",
    "candidate   v2, pid 4712, port 8082, not healthy yet, started 3s ago",
    "draining    v0, pid 4710, port 8083, up 1d3h",
    "roll        #3 to v2 (command), gate, 3s",
    "waiting     v3, notify only: liveroll update rolls to it",
    "previous    v0",
    "last check  3h11m ago, next in 0s, unchanged",
    "quarantine  v9, 2 failures, next try in 1m at the earliest: exit code 1",
    "settings    updates are paused",
    "            pinned to v2",
    "            requests are held",
    "            maintenance: soon",
    "            skipped: v7, v8",
    "requests    1234 total, 5 failed, 6 retried, 7 in flight, 0 held",
    "rolls       2 succeeded, 1 failed, 0 rolled back, 0 interrupted; 1 crash",
    "problem     the disk is full",
    "problem     v2 has changed it",
    "listening   0.0.0.0:80",
    "sockets     opened here; passed on by liveroll upgrade, the service manager",
    "state dir   /var/lib/blog",
    "liveroll    0.1.0, pid 100, up 3h12m",
    "last rolls  #2 3h11m ago, interval: v0 -> v1, failed in 3.2s: it was no good at…",
    "            #2 3h11m ago, interval: v0 -> v1, succeeded in 3.2s",
  ]);
  assertEquals(lines.filter((line) => line.length > 80), []);
});

const CONTAINER = {
  name: "blog-i7-0-cafe12",
  id: "0123456789ab",
  port: 32_768,
  state: "well",
  startedAt: at(0),
  restarts: 0,
  lastEnd: null,
} as const;

/** The lines of `liveroll status` about containers. */
async function containerLines(replicas: Status["replicas"]): Promise<string[]> {
  const operator = new FakeOperator();
  operator.current = { ...SERVING, replicas };
  const { lines } = await print(operator, ["status"], fakeIo({}, { ...NOW, columns: 110 }));
  const from = lines.findIndex((line) => line.startsWith("containers"));
  return from < 0 ? [] : lines.slice(from, lines.findIndex((line) => line.startsWith("previous")));
}

Deno.test("status has one line about containers that are all well, and none where there are none", async () => {
  const containers = [CONTAINER, CONTAINER];
  assertEquals(await containerLines({ wanted: 2, well: 2, containers }), [
    "containers  2 of 2 well",
  ]);
  assertEquals(await containerLines(null), []);
});

Deno.test("status has a line for each container when one is not well", async () => {
  const lastEnd = { code: 137, outOfMemory: true, at: at(11_516) };
  const containers = [
    CONTAINER,
    { ...CONTAINER, state: "starting", restarts: 2, lastEnd: { ...lastEnd, outOfMemory: false } },
    { ...CONTAINER, state: "ended", port: null, restarts: 1, lastEnd },
    { ...CONTAINER, state: "removed", port: null, lastEnd: { ...lastEnd, at: null } },
  ] as const;
  const name = CONTAINER.name;
  assertEquals(await containerLines({ wanted: 4, well: 1, containers: [...containers] }), [
    "containers  1 of 4 well",
    `            ${name}: well, port 32768, up 3h12m`,
    `            ${name}: starting, port 32768, up 3h12m, last end 4s ago with code 137, restarted 2 times`,
    `            ${name}: ended, last end 4s ago with code 137 (out of memory), restarted once`,
    `            ${name}: removed, last end with code 137 (out of memory)`,
  ]);
});

Deno.test("status has colours on a terminal, unless NO_COLOR is set", async () => {
  setColorEnabled(true);
  // Where NO_COLOR is set for this very process, colours cannot be had at all.
  const green = Deno.noColor ? "serving" : "\x1b[32mserving\x1b[39m";
  try {
    const operator = new FakeOperator();
    const screen = { ...NOW, terminal: true };
    const { lines: colored } = await print(operator, ["status"], fakeIo({}, screen));
    const { lines: plain } = await print(operator, ["status"], fakeIo({ NO_COLOR: "1" }, screen));
    assertStringIncludes(colored[0] ?? "", green);
    assertEquals(colored.map(stripAnsiCode).slice(0, 4), plain.slice(0, 4));
    assertEquals(CONTROL.test(plain.join("\n")), false);
  } finally {
    setColorEnabled(!Deno.noColor);
  }
});

Deno.test("every look has its JSON", async () => {
  const operator = new FakeOperator();
  operator.decided = [told({ type: "journal.recovered" }, "again")];
  for (
    const [args, value] of [
      [["status"], operator.status()],
      [["history"], operator.history({ limit: 9 })],
      [["show", "2"], ROLL],
      [["why"], operator.decided],
      [["doctor"], operator.report],
    ] as const
  ) {
    const { exit, lines } = await print(operator, [...args, "--json"]);
    assertEquals(exit, 0, args[0]);
    assertEquals(JSON.parse(lines.join("")), JSON.parse(JSON.stringify(value)), args[0]);
  }
});

Deno.test("history is a table that fits, the newest at the bottom", async () => {
  const operator = new FakeOperator();
  const long = "f".repeat(64);
  operator.rolls = [
    { ...ROLL, id: 12, outcome: null, durationMs: null, from: long, to: `e${long}` },
    { ...ROLL, id: 11, trigger: "automatic-rollback", outcome: "rolled_back", detail: long },
    ROLL,
  ];
  const { lines } = await print(operator, ["history", "-n", "2"]);
  assertEquals(lines.length, 3);
  assertEquals(lines.filter((line) => line.length > 80), []);
  assert(lines[0]?.startsWith("ROLL  AT"), lines[0]);
  assert(/^11 .*automatic-rollback .*rolled back .*3\.2s/.test(lines[1] ?? ""), lines[1]);
  assert(/^12 .*f….*under way/.test(lines[2] ?? ""), lines[2]);
  const wide = fakeIo({}, { ...NOW, terminal: true, columns: 300 });
  assertStringIncludes((await print(operator, ["history"], wide)).lines.join("\n"), long);
  operator.rolls = [];
  assertEquals((await print(operator, ["history"])).lines, ["no rolls yet"]);
});

Deno.test("show tells a roll phase by phase", async () => {
  const operator = new FakeOperator();
  operator.rolls = [{
    ...ROLL,
    outcome: "failed",
    detail: "exit code 1",
    lastLines: ["boom"],
    events: [told({ type: "journal.recovered" }, "something")],
  }];
  const { lines } = await print(operator, ["show", "2"]);
  assertEquals(lines.filter((line) => !line.includes("2026-")), [
    "roll 2",
    "by        interval",
    "from      v0",
    "to        v1",
    "outcome   failed in 3.2s",
    "detail    exit code 1",
    "",
    "phases:",
    "  start     40ms",
    "  gate      2.1s",
    "",
    "last lines:",
    "  | boom",
    "",
    "events:",
  ]);
  const missing = await print(operator, ["show", "77"]);
  assertEquals(missing.exit, 1);
  assertEquals(missing.io.complained, ["liveroll: There is no roll 77"]);
});

const LINE: OutputLine = { at: at(1), roll: 2, id: "v1", port: 8081, stream: "stdout", line: "hi" };

Deno.test("logs prints the lines of all rolls or of one", async () => {
  const operator = new FakeOperator();
  operator.lines = [LINE, { ...LINE, roll: 3, line: "ho" }, { ...LINE, roll: 3, line: "hu" }];
  assertEquals((await print(operator, ["logs"])).lines.map((line) => line.slice(-2)), [
    "hi",
    "ho",
    "hu",
  ]);
  assertEquals((await print(operator, ["logs", "2"])).lines, [`${at(1)} v1@8081 | hi`]);
  const { lines } = await print(operator, ["logs", "-n", "1", "--json"]);
  assertEquals(lines, [JSON.stringify({ ...LINE, roll: 3, line: "hu" })]);
});

Deno.test("logs -f goes on with the lines that come, until liveroll stops", async () => {
  const operator = new FakeOperator();
  operator.lines = [LINE];
  await using control = new FakeControl(operator);
  const io = fakeIo();
  let count = 0;
  const out = (text: string) => {
    io.out(text);
    count++;
    if (count === 1) operator.print({ ...LINE, line: "ho" });
    else control.stop();
  };
  assertEquals(await main(["logs", "-f", "--state-dir", control.stateDir], { ...io, out }), 0);
  assertEquals(io.printed.map((line) => line.slice(-2)), ["hi", "ho"]);
});

Deno.test("nothing that came from an application reaches the terminal as a command", async () => {
  const operator = new FakeOperator();
  const instance = { id: EVIL, pid: 1, port: 1, startedAt: at(0), healthySince: at(0) };
  operator.current = {
    ...BUSY,
    app: EVIL,
    detail: EVIL,
    current: instance,
    candidate: instance,
    draining: [instance],
    desired: { id: EVIL },
    waiting: { id: EVIL, obstacle: "window", detail: EVIL, until: EVIL },
    roll: { id: 3, to: EVIL, trigger: "command", phase: EVIL, since: EVIL },
    previous: { id: EVIL },
    lastCheck: { at: EVIL, outcome: "failed", detail: EVIL },
    quarantined: [{ id: EVIL, failures: 1, retryAt: EVIL, detail: EVIL }],
    settings: { paused: true, pinned: EVIL, skipped: [EVIL], held: true, maintenance: EVIL },
    stateProblem: EVIL,
    dataProblem: EVIL,
    listen: [EVIL],
    version: EVIL,
  };
  const event = { ...told({ type: "journal.recovered" }, EVIL), at: EVIL };
  operator.rolls = [{
    ...ROLL,
    at: EVIL,
    from: EVIL,
    to: EVIL,
    outcome: "failed",
    detail: EVIL,
    lastLines: [EVIL],
    phases: [{ name: EVIL, startedAt: EVIL, durationMs: 1, outcome: "failed" }],
    events: [event],
  }];
  operator.decided = [event];
  operator.lines = [{ at: EVIL, roll: 1, id: EVIL, port: 1, stream: "stderr", line: EVIL }];
  operator.report = {
    findings: [{ code: EVIL, severity: "error", message: EVIL, fix: EVIL }],
    fixed: [],
  };
  operator.onOrder = () => operator.end(1, "failed", 2, EVIL);
  for (
    const args of [
      ["status"],
      ["history"],
      ["show", "2"],
      ["why"],
      ["logs"],
      ["doctor"],
      [
        "doctor",
        "--fix",
      ],
      ["update"],
      ["skip", EVIL],
      ["maintenance", "on", "--message", EVIL],
      ["resume"],
    ]
  ) {
    for (const json of [[], ["--json"]]) {
      const { lines, io } = await print(operator, [...args, ...json]);
      const text = [...lines, ...io.complained].join("\n");
      assertEquals(CONTROL.exec(text), null, `${args}: ${JSON.stringify(text)}`);
    }
  }
});

Deno.test("status --watch prints a block per change when nobody looks at a terminal", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  const io = fakeIo({}, NOW);
  let rounds = 0;
  const sleep = async () => {
    rounds++;
    const { requests } = operator.current;
    if (rounds === 1) operator.current = { ...SERVING, requests: { ...requests, total: 9999 } };
    if (rounds === 2) operator.current = { ...SERVING, state: "paused" };
    if (rounds === 3) await control.stop();
  };
  const clock = { ...io.clock, sleep };
  const args = ["status", "--watch", "--state-dir", control.stateDir];
  assertEquals(await main(args, { ...io, clock }), 3);
  const heads = io.printed.filter((line) => line.startsWith("blog"));
  assertEquals(heads, ["blog  serving: v1 serves", "blog  paused: v1 serves"]);
});

Deno.test("status --watch draws over itself on a terminal, and is never taller than it", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  const io = fakeIo({ NO_COLOR: "1" }, { ...NOW, terminal: true, rows: 4 });
  let rounds = 0;
  const sleep = async () => {
    if (++rounds === 2) await control.stop();
  };
  const clock = { ...io.clock, sleep };
  const args = ["status", "--watch", "--state-dir", control.stateDir];
  assertEquals(await main(args, { ...io, clock }), 3);
  const [, first = "", second = ""] = io.drawn.out.split("\r\x1b[J");
  assertEquals(first, second.replace("\x1b[3A", "") + "\x1b[3A");
  assertEquals(second.split("\n").length, 4);
});
