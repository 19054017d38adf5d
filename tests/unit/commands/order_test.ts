import { assertEquals, assertStringIncludes } from "@std/assert";
import { main } from "../../../src/commands/mod.ts";
import { FakeControl, problem } from "./fake_control.ts";
import { type FakeIo, fakeIo, seen } from "./fake_io.ts";
import { at, FakeOperator, ROLL, SERVING, told } from "./fake_operator.ts";

const REFUSED = {
  ...ROLL,
  id: 3,
  trigger: "command" as const,
  from: "v1",
  to: "v2",
  outcome: "failed" as const,
  detail: "exit code 1 after 0.2s",
  lastLines: ["boom\x07", "\x1b]0;owned\x07no \x1b[31mway\x1b[0m"],
};

function run(control: FakeControl, args: string[], io: FakeIo = fakeIo()): Promise<number> {
  return main([...args, "--state-dir", control.stateDir], io);
}

Deno.test("update waits for the end of the roll and says what serves", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  operator.onOrder = () => {
    operator.tell(
      told({ type: "roll.started", roll: 3, trigger: "command", from: "v1", to: "v2" }, "v1 -> v2"),
    );
    const phase = { name: "gate", startedAt: 0, durationMs: 1_200, outcome: "succeeded" } as const;
    operator.tell(told({ type: "roll.phase_ended", roll: 3, phase }, "gate", "debug"));
    operator.rolls = [{ ...ROLL, id: 3, to: "v2", trigger: "command" }, ROLL];
    operator.end(1, "succeeded", 3, "v2 serves");
  };
  const io = fakeIo();
  assertEquals(await run(control, ["update"], io), 0);
  assertEquals(operator.orders, [{ kind: "update", id: null, force: false, by: "command" }]);
  assertEquals(io.printed, ["v2 serves (roll 3, 3.2s)"]);
  assertEquals(io.complained, ["v1 -> v2", "gate 1.2s"]);
  assertEquals(io.interruptible, 0);
});

Deno.test("every order sends what was said", async () => {
  const operator = new FakeOperator();
  operator.requests.set(1, { request: 1, outcome: "unchanged", roll: null, detail: "same" });
  await using control = new FakeControl(operator);
  for (
    const args of [
      ["update", "--force", "v9"],
      ["update", "v9"],
      ["rollback"],
      ["rollback", "v7"],
      [
        "retry",
      ],
      ["pin", "v5"],
    ]
  ) {
    assertEquals(await run(control, args), 0, args.join(" "));
  }
  assertEquals(operator.orders, [
    { kind: "update", id: "v9", force: true, by: "command" },
    { kind: "update", id: "v9", force: false, by: "command" },
    { kind: "rollback", id: null },
    { kind: "rollback", id: "v7" },
    { kind: "retry" },
    { kind: "pin", id: "v5" },
  ]);
});

Deno.test("a refused version is told with its last lines and who still serves, exit code 1", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  operator.onOrder = () => {
    operator.rolls = [REFUSED, ROLL];
    operator.end(1, "failed", 3, "refused");
  };
  const io = fakeIo();
  assertEquals(await run(control, ["update"], io), 1);
  assertEquals(io.printed, [
    "v2 refused: exit code 1 after 0.2s; v1 still serves",
    "  | boom\\u0007",
    "  | no way",
  ]);
});

Deno.test("what ends well exits with 0, everything else with 1", async () => {
  for (
    const [outcome, exit] of [
      ["succeeded", 0],
      ["unchanged", 0],
      ["failed", 1],
      ["rolled_back", 1],
      ["interrupted", 1],
      ["refused", 1],
    ] as const
  ) {
    const operator = new FakeOperator();
    await using control = new FakeControl(operator);
    operator.onOrder = () => operator.end(1, outcome, null, "so it is");
    const io = fakeIo();
    assertEquals(await run(control, ["update"], io), exit, outcome);
    assertStringIncludes(io.printed[0] ?? "", "so it is");
    const machine = fakeIo();
    assertEquals(await run(control, ["update", "--json"], machine), exit, outcome);
    assertEquals(JSON.parse(machine.printed.join("")), {
      request: 1,
      outcome,
      roll: null,
      detail: "so it is",
    });
    assertEquals(machine.complained, []);
  }
});

Deno.test("an order that is refused at once has its own exit codes", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  for (
    const [reason, exit, message] of [
      ["busy", 4, "liveroll: busy: roll 7 is under way"],
      ["conflict", 1, "liveroll: roll 7 is under way"],
      ["unknown_version", 1, "liveroll: roll 7 is under way"],
      ["unavailable", 1, "liveroll: roll 7 is under way"],
    ] as const
  ) {
    operator.answer = { accepted: false, reason, detail: "roll 7 is under way", roll: 7 };
    const io = fakeIo();
    assertEquals(await run(control, ["update", "--json"], io), exit, reason);
    assertEquals(io.complained, [message]);
    const { code, roll } = JSON.parse(io.printed.join(""));
    assertEquals([code, roll], [reason, 7]);
  }
});

Deno.test("input that the server refuses is a matter of usage", async () => {
  await using control = new FakeControl(new FakeOperator());
  control.intercept = (_, path) =>
    path === "/v1/pin" ? problem(400, "bad_request", "id is too long") : null;
  const io = fakeIo();
  assertEquals(await run(control, ["pin", "x"], io), 2);
  assertEquals(io.complained, ["liveroll: id is too long"]);
});

Deno.test("Ctrl-C detaches, the roll goes on", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  for (const json of [[], ["--json"]]) {
    const io = fakeIo();
    control.intercept = (_, path) => {
      if (path.startsWith("/v1/requests/")) io.interrupt();
      return null;
    };
    assertEquals(await run(control, ["update", ...json], io), 130);
    assertEquals(io.complained.at(-1), "detached, the roll goes on: liveroll status");
    assertEquals(io.printed.length, json.length);
    assertEquals(io.interruptible, 0);
  }
});

Deno.test("--timeout ends the waiting with 5", async () => {
  await using control = new FakeControl(new FakeOperator());
  const io = fakeIo();
  assertEquals(await run(control, ["update", "--timeout", "50ms"], io), 5);
  assertEquals(io.complained, ["liveroll: timed out after 50ms; it goes on: liveroll status"]);
});

Deno.test("the end is found without events, too", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  control.intercept = (_, path) => {
    if (path === "/v1/events") return problem(503, "unavailable", "too many readers");
    const asked = control.asked.get("/v1/requests/1") ?? 0;
    if (asked === 1) {
      const roll = { id: 3, to: "v2", trigger: "command", phase: "gate", since: at(0) } as const;
      operator.current = { ...SERVING, state: "rolling", roll };
    }
    if (asked === 2) operator.end(1, "succeeded", null, "v2 serves");
    return null;
  };
  const io = fakeIo();
  assertEquals(await run(control, ["update"], io), 0);
  assertEquals(io.complained, ["roll 3 to v2: gate"]);
  assertEquals(io.printed, ["v2 serves"]);
});

/** A roll begins, and liveroll is killed; it comes back when that was noticed. */
async function updateAcrossRestart(control: FakeControl, after: FakeOperator) {
  const io = fakeIo();
  const asked = Promise.withResolvers<void>();
  const noticed = Promise.withResolvers<void>();
  control.intercept = (_, path) => {
    if (path.startsWith("/v1/requests/")) asked.resolve();
    return null;
  };
  const err = (text: string) => {
    io.err(text);
    if (text.includes("waiting for liveroll to come back")) noticed.resolve();
  };
  const exit = run(control, ["update"], { ...io, err });
  await asked.promise;
  await control.stop();
  await noticed.promise;
  control.operator = after;
  after.current = { ...SERVING, pid: 101, startedAt: at(100) };
  control.start();
  return { io, exit: await exit };
}

Deno.test("after a restart of liveroll the history tells what became of the roll", async () => {
  const after = new FakeOperator();
  // Its requests begin anew: number 1 is somebody else's.
  after.requests.set(1, { request: 1, outcome: "refused", roll: null, detail: "not ours" });
  after.rolls = [{ ...REFUSED, outcome: "interrupted", detail: "liveroll was killed" }, ROLL];
  await using control = new FakeControl(new FakeOperator());
  const { io, exit } = await updateAcrossRestart(control, after);
  assertEquals(exit, 1);
  assertEquals(io.printed[0], "v2 interrupted: liveroll was killed; v1 still serves");
});

Deno.test("who tells of the end may be gone then: the version was heard before", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  control.intercept = (_, path) =>
    path.startsWith("/v1/rolls") ? problem(503, "unavailable", "stopping") : null;
  operator.onOrder = () => {
    operator.tell(
      told({ type: "roll.started", roll: 3, trigger: "command", from: "v1", to: "v2" }, "v1 -> v2"),
    );
    operator.end(1, "interrupted", 3, "liveroll is stopping");
  };
  const io = fakeIo();
  assertEquals(await run(control, ["update"], io), 1);
  assertEquals(io.printed, ["v2 interrupted: liveroll is stopping; v1 still serves"]);
});

Deno.test("after a restart nothing is guessed: rolls of others are not ours", async () => {
  const after = new FakeOperator();
  after.rolls = [{ ...REFUSED, trigger: "start" }, ROLL];
  await using control = new FakeControl(new FakeOperator());
  const { io, exit } = await updateAcrossRestart(control, after);
  assertEquals(exit, 1);
  assertEquals(
    io.complained.at(-1),
    "liveroll: what became of it is not known: liveroll was started again before it began " +
      "to roll for this; see liveroll history",
  );
});

Deno.test("on a terminal one line is drawn over itself and removed at the end", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  const to = "v2-\x1b[2J-".padEnd(100, "x");
  const roll = { id: 3, to, trigger: "command", phase: "gate", since: at(0) } as const;
  operator.onOrder = () => {
    operator.current = { ...SERVING, state: "rolling", roll };
  };
  control.intercept = () => {
    const asked = control.asked.get("/v1/requests/1") ?? 0;
    if (asked === 2) operator.tell(told({ type: "journal.recovered" }, "odd\x07", "warn"));
    if (asked === 2) operator.end(1, "unchanged", null, "same");
    return null;
  };
  const io = fakeIo({ NO_COLOR: "1" }, {
    terminal: true,
    columns: 40,
    date: () => Date.parse(at(3)),
  });
  assertEquals(await run(control, ["update"], io), 0);
  const pieces = io.drawn.err.split("\r\x1b[K");
  assertEquals(pieces.at(-1), "");
  assertEquals(pieces.includes("odd\\u0007\n"), true, JSON.stringify(pieces));
  assertEquals(pieces.some((piece) => /^roll 3 to v2--x+…$/.test(piece)), true, seen(io));
  assertEquals(pieces.filter((piece) => piece.replace("\n", "").length > 39), []);
  assertEquals(io.printed, ["same"]);
});
