import { assert, assertEquals, assertFalse, assertLess, assertThrows } from "@std/assert";
import { ProcessGroup } from "../../../src/platform/process_group.ts";
import { closePipes, firstLine, runs, spawn, until } from "./processes.ts";

const IS_LINUX = Deno.build.os === "linux";
const GENTLE = { signal: "SIGTERM", timeoutMs: 20_000 } as const;
const IMPATIENT = { signal: "SIGTERM", timeoutMs: 200 } as const;

Deno.test("ProcessGroup tells how its leader ended", async () => {
  for (const [command, code, signal] of [["exit 7", 7, null], ["kill -9 $$", 137, "SIGKILL"]]) {
    const group = spawn(String(command));
    assertEquals(await group.exited, { code, signal } as never);
    assertEquals(group.exit, { code, signal } as never);
    assert(await group.isGone());
    await closePipes(group);
  }
});

Deno.test("ProcessGroup gives the child its environment and nothing else", async () => {
  const env = { PATH: Deno.env.get("PATH")!, COLOR: "red" };
  const group = ProcessGroup.spawn("echo $COLOR-$LIVEROLL_INSTANCE-$HOME", { env, token: "t1" });
  assertEquals(await firstLine(group.stdout!), "red-t1-");
  await group.exited;
  await closePipes(group);
});

Deno.test("B02 a child that dies of the signal itself is gone at once, not after the limit", async () => {
  const group = spawn("sleep 600");
  const startedAt = performance.now();
  assertEquals(await group.terminate(GENTLE), "stopped");
  assertLess(performance.now() - startedAt, GENTLE.timeoutMs / 2);
  assertEquals(group.exit?.signal, "SIGTERM");
  await closePipes(group);
});

Deno.test("B09 a child that ignores TERM is killed with its whole group", async () => {
  const group = spawn("trap '' TERM; sh -c 'echo $$; while :; do sleep 1; done'; true");
  const grandchild = Number(await firstLine(group.stdout!));
  assert(runs(grandchild));
  assertEquals(await group.terminate(IMPATIENT), "killed");
  assertFalse(runs(grandchild));
  assertFalse(runs(group.pid));
  await closePipes(group);
});

Deno.test("B09 a compound command leaves no orphan", async () => {
  const group = spawn("cd / && sh -c 'echo $$; exec sleep 600'; true");
  const app = Number(await firstLine(group.stdout!));
  assertEquals(await group.terminate(GENTLE), "stopped");
  assertFalse(runs(app));
  await closePipes(group);
});

Deno.test("terminate waits for the app that finishes its work after its shell has died", async () => {
  const app = "trap 'sleep 0.3; echo drained; exit 0' TERM; echo up; while :; do sleep 0.05; done";
  const group = spawn(`sh -c "${app}"; true`);
  await firstLine(group.stdout!);
  assertEquals(await group.terminate(GENTLE), "stopped");
  assertEquals(group.exit?.signal, "SIGTERM");
  assertEquals(await firstLine(group.stdout!), "drained");
  await closePipes(group);
});

Deno.test({
  name: "terminate sweeps up a process that left for a session of its own",
  ignore: !IS_LINUX,
  async fn() {
    const group = spawn("setsid sh -c 'echo $$; exec sleep 600' & wait");
    const escapee = Number(await firstLine(group.stdout!));
    assert(runs(escapee));
    assertEquals(await group.terminate(GENTLE), "stopped");
    assertFalse(runs(escapee));
    await closePipes(group);
  },
});

Deno.test({
  name: "terminate kills an escapee that ignores TERM, and says so",
  ignore: !IS_LINUX,
  async fn() {
    const group = spawn(
      `setsid sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done' & sleep 600`,
    );
    const escapee = Number(await firstLine(group.stdout!));
    assertEquals(await group.terminate(IMPATIENT), "killed");
    assertFalse(runs(escapee));
    await closePipes(group);
  },
});

Deno.test({
  name: "terminate sweeps up after a leader that ended long ago",
  ignore: !IS_LINUX,
  async fn() {
    const group = spawn("setsid sh -c 'echo $$; exec sleep 600' & sleep 0.1");
    const escapee = Number(await firstLine(group.stdout!));
    await group.exited;
    await until(() => group.isGone());
    assertEquals(await group.terminate(GENTLE), "stopped");
    assertFalse(runs(escapee));
    await closePipes(group);
  },
});

Deno.test({
  name: "terminate leaves alone what carries another token, or has shed its own",
  ignore: !IS_LINUX,
  async fn() {
    const bystander = spawn("echo up; exec sleep 600", "another");
    await firstLine(bystander.stdout!);
    const group = spawn("LIVEROLL_INSTANCE= setsid sh -c 'echo $$; exec sleep 600' & wait");
    const emigrant = Number(await firstLine(group.stdout!));
    assertEquals(await group.terminate(GENTLE), "stopped");
    assert(runs(emigrant));
    assert(runs(bystander.pid));
    Deno.kill(emigrant, "SIGKILL");
    await bystander.terminate(GENTLE);
    await closePipes(group);
    await closePipes(bystander);
  },
});

Deno.test({
  name: "a group of zombies is gone",
  ignore: !IS_LINUX,
  async fn() {
    // The parent of the zombie leaves the group and never waits for its child.
    const parentCommand = "echo $$; sh -c true & exec setsid sleep 600";
    const group = spawn(`LIVEROLL_INSTANCE= sh -c '${parentCommand}' & exit 0`);
    const parent = Number(await firstLine(group.stdout!));
    await group.exited;
    await until(() => group.isGone());
    Deno.kill(-group.pid, 0);
    assertEquals(await group.terminate(GENTLE), "already_gone");
    Deno.kill(parent, "SIGKILL");
    await until(() => !runs(parent));
    await closePipes(group);
  },
});

Deno.test("terminate wakes a stopped process to hear the signal", async () => {
  const group = spawn("trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done");
  await firstLine(group.stdout!);
  group.signalGroup("SIGSTOP");
  assertEquals(await group.terminate(GENTLE), "stopped");
  await closePipes(group);
});

Deno.test("terminate finds nothing to do after the end", async () => {
  const group = spawn("exit 0");
  await group.exited;
  assertEquals(await group.terminate(GENTLE), "already_gone");
  group.signalGroup("SIGTERM");
  await closePipes(group);
});

Deno.test("terminate stops being gentle when it is forced", async () => {
  const group = spawn("trap '' TERM; echo up; while :; do sleep 0.05; done");
  await firstLine(group.stdout!);
  const force = new AbortController();
  const ended = group.terminate({ signal: "SIGTERM", timeoutMs: 600_000, force: force.signal });
  force.abort();
  assertEquals(await ended, "killed");
  await closePipes(group);
});

Deno.test("terminate without a signal waits for somebody else's", async () => {
  const group = spawn("echo up; exec sleep 600");
  await firstLine(group.stdout!);
  const ended = group.terminate({ signal: null, timeoutMs: 20_000 });
  assertEquals(group.exit, null);
  Deno.kill(group.pid, "SIGINT");
  assertEquals(await ended, "stopped");
  await closePipes(group);
});

Deno.test("spawn throws where there is no shell", () => {
  assertThrows(
    () => ProcessGroup.spawn("true", { env: { PATH: "/nowhere" }, token: "t" }),
    Deno.errors.NotFound,
  );
});
