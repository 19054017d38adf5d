import { assertEquals } from "@std/assert";
import { main } from "../../../../src/commands/mod.ts";
import { FakeControl } from "../fake_control.ts";
import { fakeIo } from "../fake_io.ts";
import { FakeOperator, SERVING } from "../fake_operator.ts";

Deno.test("every setting is sent, told, and answered with all settings", async () => {
  const table: [args: string[], setting: unknown, sentence: string][] = [
    [["pause"], { kind: "pause" }, "updates are paused; liveroll resume ends this"],
    [["resume"], { kind: "resume" }, "updates go on"],
    [["hold"], { kind: "hold" }, "requests are held; liveroll release ends this"],
    [["release"], { kind: "release" }, "requests pass"],
    [["unpin"], { kind: "unpin" }, "no version is pinned"],
    [["skip", "v7"], { kind: "skip", id: "v7" }, "v7 is skipped; liveroll retry forgets this"],
    [
      ["maintenance", "on", "--message", "back at 5"],
      { kind: "maintenance", message: "back at 5" },
      'maintenance is on: requests are answered 503 "back at 5"',
    ],
    [
      ["maintenance", "on"],
      { kind: "maintenance", message: "Down for maintenance" },
      'maintenance is on: requests are answered 503 "Down for maintenance"',
    ],
    [["maintenance", "off"], { kind: "maintenance", message: null }, "maintenance is off"],
  ];
  for (const [args, setting, sentence] of table) {
    const operator = new FakeOperator();
    await using control = new FakeControl(operator);
    const io = fakeIo();
    assertEquals(await main([...args, "--state-dir", control.stateDir], io), 0, args.join(" "));
    assertEquals(operator.settings, [setting]);
    assertEquals(io.printed, [sentence]);
    const machine = fakeIo();
    assertEquals(await main([...args, "--json", "--state-dir", control.stateDir], machine), 0);
    assertEquals(JSON.parse(machine.printed.join("")), operator.current.settings);
  }
});

Deno.test("a setting that cannot be written down fails with the reason", async () => {
  const operator = new FakeOperator();
  operator.trouble = "the disk is full";
  await using control = new FakeControl(operator);
  const io = fakeIo();
  assertEquals(await main(["pause", "--state-dir", control.stateDir], io), 1);
  assertEquals(io.complained, ["liveroll: the disk is full"]);
});

Deno.test("doctor --fix mends what it can, and fails if something is left", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  const doctor = async (...args: string[]) => {
    const io = fakeIo();
    const exit = await main(["doctor", ...args, "--state-dir", control.stateDir], io);
    return { exit, lines: io.printed };
  };
  assertEquals(await doctor(), { exit: 0, lines: ["all is well"] });
  operator.report.findings.push(
    { code: "leftover", severity: "warning", message: "pid 7 runs on", fix: "stop it" },
    { code: "age", severity: "info", message: "never updated", fix: null },
  );
  assertEquals(await doctor(), {
    exit: 1,
    lines: [
      "warning  pid 7 runs on (leftover)",
      "         --fix would: stop it",
      "info     never updated (age)",
    ],
  });
  assertEquals(await doctor("--fix"), {
    exit: 0,
    lines: ["fixed    pid 7 runs on", "info     never updated (age)"],
  });
});

Deno.test("stop waits until nobody listens any more", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  operator.onStop = () => {
    operator.current = { ...SERVING, state: "stopping" };
  };
  control.intercept = (_, path) => {
    if (operator.current.state === "stopping" && path === "/v1/status") control.stop();
    return null;
  };
  const io = fakeIo();
  assertEquals(await main(["stop", "--state-dir", control.stateDir], io), 0);
  assertEquals(io.printed, ["stopped (pid 100)"]);
  assertEquals(io.interruptible, 0);
});

Deno.test("stop says when something starts liveroll again", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  operator.onStop = () => {
    operator.current = { ...SERVING, pid: 101 };
  };
  const io = fakeIo();
  assertEquals(await main(["stop", "--json", "--state-dir", control.stateDir], io), 1);
  assertEquals(JSON.parse(io.printed.join("")), {
    state: "stopped",
    pid: 100,
    outcome: "started_again",
  });
});

Deno.test("stop is bounded, and Ctrl-C ends the waiting only", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  const io = fakeIo();
  const args = ["stop", "--state-dir", control.stateDir];
  assertEquals(await main([...args, "--timeout=50ms"], io), 5);
  const other = fakeIo();
  let asked = 0;
  control.intercept = (_, path) => {
    if (path === "/v1/status" && ++asked === 2) other.interrupt();
    return null;
  };
  assertEquals(await main(args, other), 130);
  assertEquals(other.complained, ["detached, it goes on to stop: liveroll status"]);
});
