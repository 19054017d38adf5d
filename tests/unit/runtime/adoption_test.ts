import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { processesWithVariable } from "../../../src/platform/proc.ts";
import type { Instance } from "../../../src/roll/instance.ts";
import type { InstanceRecord } from "../../../src/roll/journal.ts";
import { ProcessRuntime } from "../../../src/runtime/process.ts";
import { OWNER } from "../../helpers/abandoned.ts";
import { linux, needs } from "../../helpers/skip.ts";
import { closePipes, firstLine, freePort, runs, spawn, until } from "../platform/processes.ts";
import { recordingLog } from "../platform/recording_log.ts";
import type { FormerLife } from "./former_life.ts";
import { type Chosen, runtimeOptions } from "./runtime_options.ts";
import { sendNotice } from "./send_notice.ts";

const ON_LINUX = needs(linux());
const NEVER = new AbortController().signal;
const UNKNOWN = { code: -1, signal: null };
const UP = "echo up; exec sleep 600";
const STUBBORN = "trap '' TERM; echo up; while :; do sleep 0.05; done";

/**
 * What a liveroll that was killed has written down of an instance that it had started, and that has
 * printed a line.
 */
async function leftBehind(options: Chosen): Promise<InstanceRecord> {
  const what = { key: "i7", id: "v 1", port: freePort(), token: crypto.randomUUID() };
  const life: FormerLife = { options, what };
  const program = new URL("former_life.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--frozen", program, JSON.stringify(life)],
    env: { [OWNER]: String(Deno.pid) },
    stdout: "piped",
  }).spawn();
  const lines = await twoLines(child.stdout);
  child.kill("SIGKILL");
  await child.status;
  const started = JSON.parse(lines.find((line) => line.startsWith("{"))!);
  return { ...what, ...started, roll: 7, outlives: true, stage: "current", startedAt: 0 };
}

/** What the instance prints, and what its runtime does. */
async function twoLines(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.split("\n").length > 2) break;
  }
  return text.split("\n");
}

/** A second life of liveroll, and an end for everything that carries a token of the first. */
function secondLife(options: Chosen, extra: Partial<ReturnType<typeof runtimeOptions>> = {}) {
  const [log, stopLog] = [recordingLog(), recordingLog()];
  const runtime = new ProcessRuntime({ ...runtimeOptions(options), log, stopLog, ...extra });
  const find = async (record: InstanceRecord): Promise<Instance> => {
    const instance = await runtime.find(record);
    assert(instance !== null, "Nothing was found.");
    return instance;
  };
  return { runtime, log, stopLog, find, [Symbol.asyncDispose]: () => runtime.stopAll() };
}

/** A command that answers on `PORT`, in a process below its shell. */
function server(): string {
  const script = `Deno.serve({ hostname: "127.0.0.1", port: +Deno.env.get("PORT"), ` +
    `onListen: () => console.log("up") }, () => new Response("ok"))`;
  return `cd / && ${Deno.execPath()} eval '${script}'; true`;
}

async function carriers(token: string): Promise<number[]> {
  return await processesWithVariable("LIVEROLL_INSTANCE", token);
}

Deno.test({
  name: "K53 an instance of a liveroll that was killed is found, serves on, and can be stopped",
  ...ON_LINUX,
  async fn() {
    const options = { exec: server() };
    const record = await leftBehind(options);
    await using app = secondLife(options);
    const instance = await app.find(record);
    const { key, id, port, pid, birth } = instance;
    const { key: k, id: i, port: p, pid: d, birth: b } = record;
    assertEquals([key, id, port, pid, birth], [k, i, p, d, b]);
    assertEquals([instance.exit, instance.lastLines()], [null, []]);
    assertEquals(await (await fetch(`http://127.0.0.1:${port}`)).text(), "ok");
    assertEquals(await instance.impostor(), null);
    assertEquals(await app.runtime.find(record), instance);
    assertEquals(await instance.stop(), "stopped");
    assertEquals([instance.exit, await instance.exited], [UNKNOWN, UNKNOWN]);
    assertEquals(await app.runtime.portHolder(port), null);
    assertEquals(await carriers(record.token), []);
    assertEquals(await app.runtime.find(record), null);
  },
});

Deno.test({
  name: "the end of an adopted instance is heard although it is not our child",
  ...ON_LINUX,
  async fn() {
    const record = await leftBehind({ exec: UP });
    await using app = secondLife({ exec: UP });
    const instance = await app.find(record);
    Deno.kill(instance.pid, "SIGKILL");
    assertEquals(await instance.exited, UNKNOWN);
    assertEquals(await instance.stop(), "already_gone");
  },
});

Deno.test({
  name: "an instance that was started and not written down any more is found by its token",
  ...ON_LINUX,
  async fn() {
    const record = await leftBehind({ exec: UP });
    await using app = secondLife({ exec: UP });
    const instance = await app.find({ ...record, stage: "starting", pid: null, birth: null });
    assertEquals([instance.pid, instance.birth], [record.pid, record.birth]);
    assertEquals(await instance.stop(), "stopped");
    assertFalse(runs(instance.pid));
  },
});

Deno.test({
  name: "a stranger with the pid of an instance is not the instance, and is left alone",
  ...ON_LINUX,
  async fn() {
    const stranger = new Deno.Command("sleep", { args: ["600"] }).spawn();
    await using app = secondLife({ exec: UP });
    const record = await leftBehind({ exec: UP });
    const own = await app.find(record);
    await own.stop();
    for (const birth of [record.birth, null]) {
      assertEquals(await app.runtime.find({ ...record, pid: stranger.pid, birth }), null);
    }
    assert(runs(stranger.pid));
    stranger.kill();
    await stranger.status;
  },
});

Deno.test({
  name: "an adopted instance that ignores the signal is killed",
  ...ON_LINUX,
  async fn() {
    const options = { exec: STUBBORN, stopTimeoutMs: 300 };
    const record = await leftBehind(options);
    await using app = secondLife(options);
    const instance = await app.find(record);
    assertEquals(await instance.stop(), "killed");
    assertFalse(runs(instance.pid));
  },
});

Deno.test({
  name: "kill ends the stop of an adopted instance, whatever it waits for",
  ...ON_LINUX,
  async fn() {
    const options = { exec: STUBBORN, stopTimeoutMs: 600_000 };
    const record = await leftBehind(options);
    await using app = secondLife(options);
    const instance = await app.find(record);
    const stopped = instance.stop();
    instance.kill();
    assertEquals(await stopped, "killed");
  },
});

Deno.test({
  name: "an adopted instance is stopped by the stop command, with its values",
  ...ON_LINUX,
  async fn() {
    const values = 'echo "<<PORT>> $PORT $LIVEROLL_ID" <<ID>> "$LIVEROLL_INSTANCE"';
    const options = {
      exec: "trap '' TERM; trap 'exit 0' HUP; echo up; while :; do sleep 0.02; done",
    };
    const record = await leftBehind(options);
    const { port, id, token, pid } = record;
    await using app = secondLife({ ...options, stop: `${values}; kill -HUP ${pid}` });
    const instance = await app.find(record);
    assertEquals(await instance.stop(), "stopped");
    assertEquals(app.stopLog.messages(), [`${port} ${port} ${id} ${id} ${token}`]);
  },
});

Deno.test({
  name: "with a stop command an instance runs without a process of its own, if its port is held",
  ...ON_LINUX,
  async fn() {
    const record = { ...await leftBehind({ exec: "echo up" }), stage: "draining" } as const;
    const container = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        `Deno.listen({ hostname: "127.0.0.1", port: ${record.port} });` +
        "console.log(1); setInterval(() => {}, 1e6)",
      ],
      stdout: "piped",
    }).spawn();
    await firstLine(container.stdout);
    await using app = secondLife({ exec: UP, stop: `kill ${container.pid}` });
    const instance = await app.find(record);
    assertEquals([instance.pid, instance.birth, instance.exit], [0, null, null]);
    assertEquals(await instance.impostor(), null);
    assertEquals(await instance.stop(), "stopped");
    assertEquals((await container.status).signal, "SIGTERM");
    assertEquals(await instance.exited, UNKNOWN);
    await container.stdout.cancel();
  },
});

Deno.test({
  name: "with a stop command that fails, what holds the port is a survivor, and left alone",
  ...ON_LINUX,
  async fn() {
    using stranger = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const record = { ...await leftBehind({ exec: "echo up" }), port: stranger.addr.port };
    await using app = secondLife({ exec: UP, stop: "exit 3" });
    const instance = await app.find(record);
    assertEquals(await instance.stop(), "survived");
    assertMatch(app.log.messages().join("\n"), /stop command of v 1@\d+ failed: exit status 3/);
  },
});

Deno.test({
  name: "with a stop command an instance of which nothing is seen has ended, and gets its stop",
  ...ON_LINUX,
  async fn() {
    const record = await leftBehind({ exec: "echo up" });
    await using app = secondLife({ exec: UP, stop: "echo stopped" });
    const instance = await app.find(record);
    assertEquals([instance.exit, await instance.exited], [UNKNOWN, UNKNOWN]);
    assertEquals(await instance.stop(), "already_gone");
    assertEquals(app.stopLog.messages(), ["stopped"]);
  },
});

Deno.test({
  name: "commands run beside an adopted instance, in its environment",
  ...ON_LINUX,
  async fn() {
    const options = { exec: UP, healthcheck: { kind: "exec", command: "true" } } as const;
    const record = await leftBehind(options);
    await using app = secondLife(options);
    const instance = await app.find(record);
    const end = await app.runtime.run(instance, 'echo "$PORT $LIVEROLL_ID" <<PORT>>', NEVER);
    assertEquals(end, { code: 0, lastLine: `${record.port} v 1 ${record.port}` });
  },
});

Deno.test({
  name: "a command that hung beside an instance of a former life ends when that is looked for",
  ...ON_LINUX,
  async fn() {
    const record = await leftBehind({ exec: "echo up" });
    const hung = spawn("echo up; exec sleep 600", `${record.token}/command`);
    await firstLine(hung.stdout!);
    await using app = secondLife({ exec: UP });
    assertEquals(await app.runtime.find(record), null);
    assertEquals((await hung.exited).signal, "SIGTERM");
    await closePipes(hung);
  },
});

Deno.test({
  name: "an adopted instance was ready, and goes on speaking on the same socket",
  ...ON_LINUX,
  async fn() {
    const options = {
      exec: UP,
      healthcheck: { kind: "notify" },
    } as const;
    const record = await leftBehind(options);
    await using app = secondLife(options);
    const instance = await app.find(record);
    assertEquals(app.runtime.notices(instance)?.ready, true);
    const environment = (await Deno.readTextFile(`/proc/${instance.pid}/environ`)).split("\0");
    const address = environment.find((one) => one.startsWith("NOTIFY_SOCKET="))?.split("=")[1];
    await sendNotice(address ?? "", "STATUS=leaving\nSTOPPING=1");
    await until(() => app.runtime.notices(instance)?.ready === false);
    assertEquals(app.runtime.notices(instance)?.status, "leaving");
    await instance.stop();
    const candidate = await leftBehind(options);
    const unproven = await app.find({ ...candidate, stage: "candidate" });
    assertEquals(app.runtime.notices(unproven)?.ready, false);
  },
});

Deno.test({
  name: "what has survived once is looked at anew, and is gone when it is",
  ...ON_LINUX,
  async fn() {
    const stranger = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const record = { ...await leftBehind({ exec: "echo up" }), port: stranger.addr.port };
    await using app = secondLife({ exec: UP, stop: "exit 3" });
    const instance = await app.find(record);
    assertEquals(await instance.stop(), "survived");
    assertEquals(await instance.stop(), "survived");
    const warnings = app.log.entries.filter(({ level }) => level === "warn");
    assertEquals(warnings.length, 2, "the stop command and the port are told once");
    stranger.close();
    assertEquals(await instance.stop(), "already_gone");
  },
});
