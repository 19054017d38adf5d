import { assert, assertEquals, assertFalse, assertMatch, assertNotEquals } from "@std/assert";
import { processBirth } from "../../../src/platform/proc.ts";
import type { Instance } from "../../../src/roll/instance.ts";
import { ProcessRuntime, type ProcessRuntimeOptions } from "../../../src/runtime/process.ts";
import { freePort, runs, until } from "../platform/processes.ts";
import { recordingLog } from "../platform/recording_log.ts";
import { identity } from "./identity.ts";
import { runtimeOptions } from "./runtime_options.ts";

const UP = "echo up; exec sleep 600";
const STUBBORN = "trap '' TERM; echo up; while :; do sleep 0.1; done";

/** A runtime that leaves nothing behind, even when a test fails. */
function setUp(extra: Partial<ProcessRuntimeOptions> = {}) {
  const [log, childLog, stopLog] = [recordingLog(), recordingLog(), recordingLog()];
  const runtime = new ProcessRuntime({
    ...runtimeOptions({ exec: UP, childLogs: "capture" }),
    log,
    childLog,
    stopLog,
    ...extra,
  });
  const started: Instance[] = [];
  const start = async (id = "v1", port = freePort()) => {
    const instance = await runtime.start({ ...identity(), id, port });
    started.push(instance);
    await until(() => childLog.entries.length > 0 || instance.exit !== null);
    return instance;
  };
  const dispose = async () => {
    for (const instance of started) instance.kill();
    await runtime.stopAll();
  };
  return { runtime, start, log, childLog, stopLog, [Symbol.asyncDispose]: dispose };
}

/** A directory that a test may write to, and its shell-safe path. */
async function withDir(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** A command that answers on `PORT`, in a process below its shell. */
function server(before = ""): string {
  const script = `Deno.serve({ hostname: "127.0.0.1", port: +Deno.env.get("PORT") }, ` +
    `() => new Response("ok"))`;
  return `${before}${Deno.execPath()} eval '${script}'; true`;
}

Deno.test("start gives a child its values by template and by environment, and nothing of ours", async () => {
  await using app = setUp({
    exec: "echo <<PORT>> <<HEALTHCHECK>> <<ID>>;" +
      'echo "$PORT $LIVEROLL_PORT $LIVEROLL_HEALTHCHECK $LIVEROLL_ID $LIVEROLL_HEALTH_PORT";' +
      'echo "$NOTIFY_SOCKET-$LIVEROLL_INTERVAL-$KEPT"',
    healthPortOffset: 3,
    env: {
      PATH: Deno.env.get("PATH")!,
      NOTIFY_SOCKET: "/run/x",
      LIVEROLL_INTERVAL: "10s",
      PORT: "8080",
      KEPT: "yes",
    },
    optionNames: ["LIVEROLL_INTERVAL", "LIVEROLL_PORT"],
  });
  const instance = await app.start("v 1");
  await instance.exited;
  const { port } = instance;
  assertEquals(app.childLog.messages(), [
    `${port} /heathz v 1`,
    `${port} ${port} /heathz v 1 ${port + 3}`,
    "--yes",
  ]);
  await instance.stop();
});

Deno.test("an id full of shell syntax is harmless in exec and in stop", async () => {
  const id = `'; touch x; "$(touch y)"\`touch z\`\\`;
  await using app = setUp({
    exec: "printf '<%s>\\n' <<ID>> \"a:<<ID>>\" '<<ID>>b'; exec sleep 600",
    stop: "printf '<%s>\\n' <<ID>>; exit 1",
  });
  const instance = await app.start(id);
  await until(() => app.childLog.entries.length === 3);
  assertEquals(app.childLog.messages(), [`<${id}>`, `<a:${id}>`, `<${id}b>`]);
  assertEquals(await instance.stop(), "stopped");
  assertEquals(app.stopLog.messages(), [`<${id}>`]);
});

Deno.test("B47 every line of a child is logged with its version, port and stream", async () => {
  await using app = setUp({ exec: "echo out; sleep 0.05; echo err >&2" });
  const instance = await app.start("v2");
  await instance.exited;
  const { port } = instance;
  assertEquals(app.childLog.entries.map(({ message, properties }) => ({ message, properties })), [
    { message: "out", properties: { id: "v2", port, stream: "stdout" } },
    { message: "err", properties: { id: "v2", port, stream: "stderr" } },
  ]);
  await instance.stop();
});

Deno.test("the last lines are in when the exit is known", async () => {
  await using app = setUp({ exec: "seq 1 20000; echo 'panic: no database'; exit 42" });
  const instance = await app.start();
  assertEquals(await instance.exited, { code: 42, signal: null });
  assertEquals(instance.exit, { code: 42, signal: null });
  assertEquals(instance.lastLines().length, 100);
  assertEquals(instance.lastLines().at(-1), "panic: no database");
  assertEquals(await instance.stop(), "already_gone");
});

Deno.test("an instance has the key and the token that it was given", async () => {
  await using app = setUp({ exec: 'echo "$LIVEROLL_INSTANCE"; exec sleep 600' });
  const what = { key: "i7", token: "secret-1", id: "v1", port: freePort() };
  const instance = await app.runtime.start(what);
  await until(() => app.childLog.entries.length > 0);
  assertEquals([instance.key, instance.lastLines()], ["i7", ["secret-1"]]);
  await instance.stop();
});

Deno.test({
  name: "the birth of an instance tells it from others, and is known even if it ends at once",
  ignore: Deno.build.os !== "linux",
  async fn() {
    for (const exec of [UP, "exit 1"]) {
      await using app = setUp({ exec });
      const { birth, pid, exit } = await app.start();
      assertMatch(birth ?? "", /^[0-9a-f-]{36}:\d+$/);
      assertNotEquals(birth, processBirth(Deno.pid));
      if (exit === null) assertEquals(birth, processBirth(pid));
    }
  },
});

Deno.test("every line of a child is heard with its stream and its instance", async () => {
  const heard: unknown[] = [];
  await using app = setUp({
    exec: "echo out; sleep 0.05; echo err >&2",
    onLine: (...line) => heard.push(line),
  });
  const instance = await app.start("v2");
  await instance.exited;
  const { key, port } = instance;
  assertEquals(heard, [
    ["out", "stdout", { key, id: "v2", port }],
    ["err", "stderr", { key, id: "v2", port }],
  ]);
});

Deno.test("secrets are taken out of what a child prints, before it is cut and for everybody", async () => {
  const heard: string[] = [];
  await using app = setUp({
    exec: `printf '%01995dhunter2!\\n' 0`,
    redact: (line) => line.replaceAll("hunter2!", "***"),
    onLine: (line) => heard.push(line),
  });
  const instance = await app.start();
  await instance.exited;
  const everything = [...heard, ...instance.lastLines()].join("\n");
  assertEquals([everything.includes("hunt"), everything.endsWith("0***")], [false, true]);
});

Deno.test("instances outlive liveroll when nobody has to read what they print", () => {
  assertFalse(setUp().runtime.outlives);
  assert(setUp({ childLogs: "inherit" }).runtime.outlives);
});

Deno.test("B02 stop takes no longer than the child", async () => {
  await using app = setUp({ stopTimeoutMs: 600_000 });
  const instance = await app.start();
  assertEquals(await instance.stop(), "stopped");
  assertEquals(instance.exit, { code: 143, signal: "SIGTERM" });
});

Deno.test("stop sends the signal that is configured", async () => {
  await using app = setUp({
    exec: "trap 'echo quit; exit 0' QUIT; echo up; while :; do sleep 0.05; done",
    stopSignal: "SIGQUIT",
  });
  const instance = await app.start();
  assertEquals(await instance.stop(), "stopped");
  assertEquals(app.childLog.messages().at(-1), "quit");
});

Deno.test("B09 B22 stop ends a server below its shell, and its port is free afterwards", async () => {
  await using app = setUp({ exec: server("cd / && ") });
  const instance = await app.start();
  await until(async () => await app.runtime.portHolder(instance.port) !== null);
  assertEquals(await instance.stop(), "stopped");
  assertEquals(await app.runtime.portHolder(instance.port), null);
});

Deno.test("B09 K24 a child that ignores the signal is killed with its group, and said to be", async () => {
  await using app = setUp({ exec: `sh -c "${STUBBORN}"; true`, stopTimeoutMs: 200 });
  const instance = await app.start();
  assertEquals(await instance.stop(), "killed");
  assertFalse(runs(instance.pid));
});

Deno.test({
  name: "B09 stop sweeps up a server that left for a session of its own",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using app = setUp({ exec: `setsid sh -c 'echo $$; exec sleep 600' & wait` });
    const instance = await app.start();
    const pid = Number(instance.lastLines()[0]);
    assert(runs(pid));
    assertEquals(await instance.stop(), "stopped");
    assertFalse(runs(pid));
    await app.runtime.stopAll();
  },
});

Deno.test("stop is one passage however often it is asked for", async () => {
  await withDir(async (dir) => {
    await using app = setUp({ stop: `echo x >> ${dir}/stops; kill -TERM -$(cat ${dir}/pid)` });
    const instance = await app.start();
    await Deno.writeTextFile(`${dir}/pid`, String(instance.pid));
    const outcomes = await Promise.all([instance.stop(), instance.stop()]);
    assertEquals([...outcomes, await instance.stop()], ["stopped", "stopped", "stopped"]);
    assertEquals(await Deno.readTextFile(`${dir}/stops`), "x\n");
  });
});

Deno.test("the stop command runs instead of the signal, with the child's values", async () => {
  await using app = setUp({
    exec: "trap 'echo INT; exit 0' INT; trap 'echo TERM; exit 0' TERM; echo $$;" +
      "while :; do sleep 0.05; done",
    stop: 'echo "<<PORT>> $PORT <<ID>>"; kill -INT $(cat "${TMPDIR:-/tmp}/liveroll-test-$PORT")',
  });
  const instance = await app.start("v3");
  const file = `/tmp/liveroll-test-${instance.port}`;
  await Deno.writeTextFile(file, String(instance.pid));
  assertEquals(await instance.stop(), "stopped");
  await Deno.remove(file);
  assertEquals(app.childLog.messages().at(-1), "INT");
  assertEquals(app.stopLog.messages(), [`${instance.port} ${instance.port} v3`]);
});

Deno.test("B09 the stop command runs after a crash too, once", async () => {
  await withDir(async (dir) => {
    await using app = setUp({ exec: "exit 1", stop: `echo x >> ${dir}/stops` });
    const instance = await app.start();
    await instance.exited;
    assertEquals([await instance.stop(), await instance.stop()], ["already_gone", "already_gone"]);
    assertEquals(await Deno.readTextFile(`${dir}/stops`), "x\n");
    assertEquals(app.log.messages(), []);
  });
});

Deno.test("a stop command that fails is followed by the signal", async () => {
  await using app = setUp({ stop: "echo daemon is down >&2; exit 1" });
  const instance = await app.start();
  assertEquals(await instance.stop(), "stopped");
  assertEquals(instance.exit?.signal, "SIGTERM");
  assertEquals(app.log.messages(), [
    `The stop command of v1@${instance.port} failed: exit status 1`,
  ]);
  assertEquals(app.log.entries[0]!.properties.detail, "exit status 1");
});

Deno.test("a stop command that hangs is ended with the child", async () => {
  await using app = setUp({ stop: "echo $$; exec sleep 600", stopTimeoutMs: 300 });
  const instance = await app.start();
  assertEquals(await instance.stop(), "killed");
  assertFalse(runs(Number(app.stopLog.messages()[0])));
});

Deno.test({
  name: "B09 what the stop command leaves in a session of its own ends with the instance",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await withDir(async (dir) => {
      const leave = `setsid sh -c 'echo $$ > ${dir}/pid; exec sleep 600' &`;
      await using app = setUp({
        stop: `${leave} until test -s ${dir}/pid; do sleep 0.01; done; exit 1`,
      });
      const instance = await app.start();
      await instance.stop();
      assertFalse(runs(Number(await Deno.readTextFile(`${dir}/pid`))));
    });
  },
});

Deno.test("a stop command that does nothing leads to KILL in the end", async () => {
  await using app = setUp({ stop: "true", stopTimeoutMs: 200 });
  const instance = await app.start();
  assertEquals(await instance.stop(), "killed");
  assertEquals(instance.exit?.signal, "SIGKILL");
});

Deno.test("a port that stays held is a survivor", async () => {
  using stranger = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using app = setUp();
  const instance = await app.start("v1", stranger.addr.port);
  assertEquals(await instance.stop(), "survived");
  assertMatch(app.log.messages().join(), /^Port \d+ is still held after v1 was stopped: /);
  assertMatch(String(app.log.entries[0]!.properties.holder), /pid|another process/);
});

Deno.test("kill ends a stop that is in progress, whatever it waits for", async () => {
  for (const stop of [null, "exec sleep 600"]) {
    await using app = setUp({ exec: STUBBORN, stop, stopTimeoutMs: 600_000 });
    const instance = await app.start();
    const stopped = instance.stop();
    instance.kill();
    assertEquals(await stopped, "killed");
    assertFalse(runs(instance.pid));
  }
});

Deno.test("B12 B13 stopAll ends every instance from the moment it was started", async () => {
  await using app = setUp({ exec: "exec sleep 600" });
  const instances = await Promise.all(
    ["a", "b", "c"].map((id) => app.runtime.start({ ...identity(), id, port: freePort() })),
  );
  await app.runtime.stopAll();
  assert(instances.every((instance) => instance.exit !== null && !runs(instance.pid)));
});

Deno.test("B31b a child is out of reach of the terminal", async () => {
  await using app = setUp({ exec: "ps -o pid=,sid=,pgid= -p $$; exec sleep 600" });
  const instance = await app.start();
  const [pid, session, group] = app.childLog.messages()[0]!.trim().split(/\s+/).map(Number);
  assertEquals([pid, session, group], [instance.pid, instance.pid, instance.pid]);
  await instance.stop();
});

Deno.test("B08 portHolder looks at the health port too", async () => {
  using stranger = Deno.listen({ hostname: "127.0.0.1", port: freePort() });
  await using app = setUp({ healthPortOffset: 3 });
  const holder = await app.runtime.portHolder(stranger.addr.port - 3);
  assertMatch(holder!, new RegExp(`on health port ${stranger.addr.port}$`));
});

Deno.test("start fails where there is no shell", async () => {
  await using app = setUp({ env: { PATH: "/nowhere" } });
  const error = await app.runtime.start({ ...identity(), id: "v1", port: 1 }).catch((error) =>
    error
  );
  assert(error instanceof Deno.errors.NotFound);
});

Deno.test("a child whose output is inherited keeps no lines", async () => {
  await using app = setUp({ exec: "exit 3", childLogs: "inherit" });
  const instance = await app.start();
  assertEquals((await instance.exited).code, 3);
  assertEquals(instance.lastLines(), []);
  assertEquals(app.childLog.entries, []);
  assertEquals(await instance.stop(), "already_gone");
});
