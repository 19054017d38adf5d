import { assertEquals, assertFalse, assertMatch, assertRejects } from "@std/assert";
import type { HealthCheck } from "../../../src/config/config.ts";
import { ProcessRuntime } from "../../../src/runtime/process.ts";
import { freePort, runs, until } from "../platform/processes.ts";
import { recordingLog } from "../platform/recording_log.ts";
import { identity } from "./identity.ts";
import { sendNotice } from "./send_notice.ts";

const NEVER = new AbortController().signal;

function setUp(healthcheck: HealthCheck, exec: string, env = Deno.env.toObject()) {
  const childLog = recordingLog();
  const runtime = new ProcessRuntime({
    exec,
    stop: null,
    stopSignal: "SIGTERM",
    stopTimeoutMs: 5_000,
    childHost: "127.0.0.1",
    healthcheck,
    healthPortOffset: 0,
    childLogs: "capture",
    env,
    optionNames: [],
    log: recordingLog(),
    childLog,
    stopLog: recordingLog(),
  });
  return { runtime, childLog, [Symbol.asyncDispose]: () => runtime.stopAll() };
}

const EXEC: HealthCheck = { kind: "exec", command: "true" };
const SLEEP = "exec sleep 600";

Deno.test("run gives a command the values of its instance, by template and by environment", async () => {
  await using rig = setUp(EXEC, SLEEP);
  const instance = await rig.runtime.start({ ...identity(), id: "it's; v1", port: freePort() });
  const command = 'echo ignored; echo "$PORT <<PORT>> $LIVEROLL_ID <<ID>> $LIVEROLL_HEALTHCHECK"';
  const end = await rig.runtime.run(instance, command, NEVER);
  const { port, id } = instance;
  assertEquals(end, { code: 0, lastLine: `${port} ${port} ${id} ${id} true` });
});

Deno.test("run tells the status and the last line that says something, of either output", async () => {
  await using rig = setUp(EXEC, SLEEP);
  const instance = await rig.runtime.start({ ...identity(), id: "v1", port: freePort() });
  const command = "echo one; echo ' connection refused ' >&2; echo >&2; exit 7";
  const end = await rig.runtime.run(instance, command, NEVER);
  assertEquals(end, { code: 7, lastLine: "connection refused" });
});

Deno.test("run ends the command's whole group when its time is up, and not the instance", async () => {
  await using rig = setUp(EXEC, SLEEP);
  const instance = await rig.runtime.start({ ...identity(), id: "v1", port: freePort() });
  const file = await Deno.makeTempFile();
  const limit = new AbortController();
  const running = rig.runtime.run(
    instance,
    `sleep 600 & echo $! >${file}; wait`,
    limit.signal,
  );
  const pid = async () => Number(await Deno.readTextFile(file));
  await until(async () => await pid() > 0);
  limit.abort(new DOMException("late", "TimeoutError"));
  await assertRejects(() => running, DOMException, "late");
  const sleeper = await pid();
  await until(async () => !await runs(sleeper));
  assertEquals(instance.exit, null);
  await Deno.remove(file);
});

Deno.test("what a command has left in a session of its own ends with the instance", async () => {
  await using rig = setUp(EXEC, SLEEP);
  const instance = await rig.runtime.start({ ...identity(), id: "v1", port: freePort() });
  const file = await Deno.makeTempFile();
  const command = `setsid sh -c 'echo $$ >${file}; exec sleep 600' >/dev/null 2>&1 &
    until [ -s ${file} ]; do sleep 0.01; done; cat ${file}`;
  const daemon = Number((await rig.runtime.run(instance, command, NEVER)).lastLine);
  await rig.runtime.run(instance, "true", NEVER);
  assertEquals(runs(daemon), true);
  await instance.stop();
  assertEquals(runs(daemon), false);
  await Deno.remove(file);
});

Deno.test("run begins when nothing of the command before it is left", async () => {
  await using rig = setUp(EXEC, SLEEP);
  const instance = await rig.runtime.start({ ...identity(), id: "v1", port: freePort() });
  const limit = new AbortController();
  const stubborn = rig.runtime.run(instance, "trap '' TERM; sleep 600", limit.signal);
  limit.abort();
  await assertRejects(() => stubborn, DOMException);
  const next = new AbortController();
  const waiting = rig.runtime.run(instance, "echo never", next.signal);
  next.abort();
  await assertRejects(() => waiting, DOMException);
  assertEquals((await rig.runtime.run(instance, "echo now", NEVER)).lastLine, "now");
});

Deno.test("a stop ends the commands that run beside the instance", async () => {
  await using rig = setUp(EXEC, SLEEP);
  const instance = await rig.runtime.start({ ...identity(), id: "v1", port: freePort() });
  const running = assertRejects(
    () => rig.runtime.run(instance, "exec sleep 600", NEVER),
    Error,
    "it has been stopped",
  );
  await instance.stop();
  await running;
  await assertRejects(() => rig.runtime.run(instance, "true", NEVER), Error, "stopped");
});

Deno.test("with notify an instance has a socket of its own and never the service manager's", async () => {
  const env = { ...Deno.env.toObject(), NOTIFY_SOCKET: "/run/systemd/notify" };
  await using rig = setUp({ kind: "notify" }, `echo "to $NOTIFY_SOCKET"; ${SLEEP}`, env);
  const start = () => rig.runtime.start({ ...identity(), id: "v1", port: freePort() });
  const [a, b] = [await start(), await start()];
  await until(() => rig.childLog.entries.length === 2);
  const said = [a.lastLines()[0] ?? "", b.lastLines()[0] ?? ""];
  for (const line of said) assertMatch(line, /^to @liveroll-child-[0-9a-f]{32}$/);
  assertFalse(said[0] === said[1]);
  const notices = rig.runtime.notices(a);
  assertFalse(notices?.ready);
  await sendNotice(said[0]!.slice("to ".length), "READY=1\nSTATUS=open");
  await until(() => notices?.ready === true);
  assertEquals(rig.runtime.notices(a)?.status, "open");
  assertFalse(rig.runtime.notices(b)?.ready);
  await a.stop();
  assertEquals(rig.runtime.notices(a), null);
});

Deno.test("without notify an instance has no socket", async () => {
  const env = { ...Deno.env.toObject(), NOTIFY_SOCKET: "/run/systemd/notify" };
  await using rig = setUp({ kind: "tcp" }, `echo "to <$NOTIFY_SOCKET>"; ${SLEEP}`, env);
  const instance = await rig.runtime.start({ ...identity(), id: "v1", port: freePort() });
  await until(() => rig.childLog.entries.length === 1);
  assertEquals(instance.lastLines(), ["to <>"]);
  assertEquals(rig.runtime.notices(instance), null);
});

Deno.test("an instance that cannot be started leaves no socket behind", async () => {
  const env = { PATH: "/nowhere" };
  await using rig = setUp({ kind: "notify" }, SLEEP, env);
  // The sanitizers see it if there is one.
  await assertRejects(
    () => rig.runtime.start({ ...identity(), id: "v1", port: 1 }),
    Deno.errors.NotFound,
  );
});
