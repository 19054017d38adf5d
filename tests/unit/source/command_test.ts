import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { SourceError } from "../../../src/roll/effects.ts";
import { CommandSource, type CommandSourceOptions } from "../../../src/source/command.ts";
import { recordingLog } from "../platform/recording_log.ts";
import { runs, until } from "../platform/processes.ts";

function setUp(extra: Partial<CommandSourceOptions> = {}) {
  const pullLog = recordingLog();
  const idLog = recordingLog();
  const source = new CommandSource({
    pull: "true",
    id: "echo v1",
    pullTimeoutMs: 60_000,
    idTimeoutMs: 60_000,
    env: Deno.env.toObject(),
    pullLog,
    idLog,
    ...extra,
  });
  const latest = (signal = new AbortController().signal) => source.latest(signal);
  const failure = async () => {
    const error = await assertRejects(() => latest(), SourceError);
    await source.close();
    return error;
  };
  return { source, latest, failure, pullLog, idLog };
}

Deno.test("latest pulls first, then asks for the id, trimmed", async () => {
  const dir = await Deno.makeTempDir();
  const { source, latest } = setUp({
    pull: `echo v7 > ${dir}/v`,
    id: `printf '\\n  '; cat ${dir}/v; echo`,
  });
  assertEquals(await latest(), "v7");
  await source.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("latest tells what the commands print, but not the id", async () => {
  const { source, latest, pullLog, idLog } = setUp({
    pull: "echo out; sleep 0.05; echo err >&2",
    id: "echo v1; echo hint >&2",
  });
  await latest();
  await source.close();
  assertEquals(pullLog.messages(), ["out", "err"]);
  assertEquals(pullLog.entries.map(({ properties }) => properties.stream), ["stdout", "stderr"]);
  assertEquals(idLog.messages(), ["hint"]);
});

Deno.test("a pull that fails is reported with its exit status and its last words", async () => {
  const error = await setUp({ pull: "echo no such image >&2; exit 125" }).failure();
  assertEquals(error.step, "pull");
  assertEquals(
    error.message,
    "Cannot run the pull command: exit status 125; its last lines:\nno such image",
  );
});

Deno.test("a pull that is killed is reported with the signal", async () => {
  const error = await setUp({ pull: "kill -9 $$" }).failure();
  assertEquals(error.message, "Cannot run the pull command: ended by SIGKILL");
});

Deno.test("an id command that fails is reported with what it said", async () => {
  const error = await setUp({ id: "echo v1; echo broken >&2; exit 1" }).failure();
  assertEquals(error.step, "id");
  assertStringIncludes(error.message, "exit status 1; its last lines:\nbroken");
});

Deno.test("B29 an empty id is an error", async () => {
  for (const id of ["true", "echo", "printf ' \\n\\t\\n'"]) {
    const error = await setUp({ id }).failure();
    assertEquals(error.message, "Cannot read the id: the id command printed nothing");
  }
});

Deno.test("an id of several lines is an error that shows it", async () => {
  const error = await setUp({ id: "printf 'v1\\nv2\\n'" }).failure();
  assertEquals(error.message, 'Cannot read the id: 2 lines instead of one: "v1\\nv2"');
});

Deno.test("an id with control characters is an error", async () => {
  const error = await setUp({ id: "printf 'v1\\033[31m'" }).failure();
  assertStringIncludes(error.message, "control characters in");
});

Deno.test("an id with quotes and dollars is an id like any other", async () => {
  const { source, latest } = setUp({ id: `printf '%s' 'a"b $(touch x) \`y\` ü'` });
  assertEquals(await latest(), 'a"b $(touch x) `y` ü');
  await source.close();
});

Deno.test("B31c an endless id is an error and ends the command", async () => {
  const error = await setUp({ id: "yes" }).failure();
  assertStringIncludes(error.message, "more than 65536 bytes of output");
});

Deno.test("B16 a pull that hangs and ignores TERM ends with all its children", async () => {
  const { failure, pullLog } = setUp({
    pull: "trap '' TERM; sh -c 'echo $$; while :; do sleep 1; done'; true",
    pullTimeoutMs: 300,
  });
  const error = await failure();
  assertStringIncludes(error.message, "not done within 0.3s");
  assertFalse(runs(Number(pullLog.messages()[0])));
});

Deno.test("B16 an id command that hangs ends at its own limit", async () => {
  const error = await setUp({ id: "sleep 600", idTimeoutMs: 100 }).failure();
  assertEquals([error.step, error.message], [
    "id",
    "Cannot run the id command: not done within 0.1s",
  ]);
});

for (const step of ["pull", "id"] as const) {
  Deno.test(`B13 B31 an abort ends a running ${step} command at once, and leaves nothing`, async () => {
    const command = "trap '' TERM; echo $$ >&2; while :; do sleep 1; done";
    const { source, latest, pullLog, idLog } = setUp({ [step]: command });
    const log = step === "pull" ? pullLog : idLog;
    const abort = new AbortController();
    const answer = latest(abort.signal);
    await until(() => log.entries.length > 0);
    const pid = Number(log.messages()[0]);
    abort.abort(new Error("enough"));
    await assertRejects(() => answer, Error, "enough");
    assert(runs(pid), "The answer waited for the kill");
    await source.idle();
    assertFalse(runs(pid));
  });
}

Deno.test("two pulls never run at a time, not even after a hang", async () => {
  const { source, latest, pullLog } = setUp({
    pull: "trap '' TERM; echo $$; while :; do sleep 1; done",
    pullTimeoutMs: 200,
  });
  await assertRejects(() => latest(), SourceError);
  const first = Number(pullLog.messages()[0]);
  assert(runs(first));
  const second = latest();
  await until(() => pullLog.entries.length > 1);
  assertFalse(runs(first));
  await assertRejects(() => second, SourceError);
  await source.close();
});

Deno.test("close cuts short what runs", async () => {
  const { source, latest, pullLog } = setUp({ pull: "echo up; exec sleep 600" });
  const answer = latest();
  await until(() => pullLog.entries.length > 0);
  const refused = assertRejects(() => answer, DOMException, "closed");
  await source.close();
  await refused;
});

Deno.test("B31b a pull runs in a session of its own, out of reach of the terminal", async () => {
  const { source, latest } = setUp({ id: "ps -o sid= -p $$ && echo" });
  assertFalse(await latest() === await sessionOf(Deno.pid));
  await source.close();
});

async function sessionOf(pid: number): Promise<string> {
  const command = new Deno.Command("ps", { args: ["-o", "sid=", "-p", String(pid)] });
  return new TextDecoder().decode((await command.output()).stdout).trim();
}
