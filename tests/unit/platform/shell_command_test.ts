import { assert, assertEquals, assertFalse, assertRejects, assertThrows } from "@std/assert";
import { runShellCommand, type ShellCommandOptions } from "../../../src/platform/shell_command.ts";
import { runs, until } from "./processes.ts";

function options(extra: Partial<ShellCommandOptions> = {}) {
  const lines: string[] = [];
  const onLine = (line: string, stream: string) => lines.push(`${stream} ${line}`);
  return { lines, env: Deno.env.toObject(), timeoutMs: 60_000, onLine, ...extra };
}

/** A limit that runs out when a test says so, not when a command was too slow to speak. */
class HeldTimer implements Disposable {
  readonly ms = 123_457;
  readonly #setTimeout = globalThis.setTimeout;
  #runOut = () => {};

  constructor() {
    globalThis.setTimeout = Object.assign((callback: () => void, ms?: number) => {
      const timer = this.#setTimeout(callback, ms);
      if (ms === this.ms) {
        this.#runOut = () => {
          clearTimeout(timer);
          callback();
        };
      }
      return timer;
    }, this.#setTimeout);
  }

  runOut(): void {
    this.#runOut();
  }

  [Symbol.dispose](): void {
    globalThis.setTimeout = this.#setTimeout;
  }
}

Deno.test("runShellCommand tells every line and how it ended", async () => {
  const opts = options();
  const { result, idle } = runShellCommand("echo a; sleep 0.05; echo b >&2; exit 3", opts);
  const exit = { code: 3, signal: null };
  assertEquals(await result, { outcome: "exited", exit, stdout: "" });
  assertEquals(opts.lines, ["stdout a", "stderr b"]);
  await idle;
});

Deno.test("runShellCommand captures standard output and tells standard error", async () => {
  const opts = options({ captureBytes: 100 });
  const { result, idle } = runShellCommand("printf 'a\\nb'; echo c >&2", opts);
  const exit = { code: 0, signal: null };
  assertEquals(await result, { outcome: "exited", exit, stdout: "a\nb" });
  assertEquals(opts.lines, ["stderr c"]);
  await idle;
});

Deno.test("B31c output beyond the limit ends the command", async () => {
  const { result, idle } = runShellCommand("yes", options({ captureBytes: 1_000 }));
  assertEquals(await result, { outcome: "too_long" });
  await idle;
});

Deno.test("B16 a command that hangs and ignores TERM is killed with its group", async () => {
  using limit = new HeldTimer();
  const opts = options({ timeoutMs: limit.ms });
  const { result, idle } = runShellCommand(
    "trap '' TERM; sh -c 'echo $$; while :; do sleep 1; done'; true",
    opts,
  );
  await until(() => opts.lines.length > 0);
  limit.runOut();
  assertEquals(await result, { outcome: "timed_out" });
  await idle;
  const pid = Number(opts.lines[0]!.split(" ")[1]);
  assert(pid > 0);
  assertFalse(runs(pid));
});

Deno.test("B31 abort is heard at once, even by the caller of a command that ignores it", async () => {
  const abort = new AbortController();
  const opts = options({ signal: abort.signal });
  const { result, idle } = runShellCommand(
    "trap '' TERM; echo $$; while :; do sleep 1; done",
    opts,
  );
  await until(() => opts.lines.length > 0);
  const pid = Number(opts.lines[0]!.split(" ")[1]);
  abort.abort(new Error("stop it"));
  await assertRejects(() => result, Error, "stop it");
  assert(runs(pid), "The answer waited for the kill");
  await idle;
  assertFalse(runs(pid));
});

Deno.test("runShellCommand starts nothing when it is too late", () => {
  assertThrows(
    () => runShellCommand("touch /nonexistent/x", options({ signal: AbortSignal.abort() })),
    DOMException,
  );
});

Deno.test("runShellCommand does not wait for a background job, and ends it", async () => {
  const opts = options();
  const { result, idle } = runShellCommand("sleep 600 & echo $!", opts);
  assertEquals((await result).outcome, "exited");
  await idle;
  assertFalse(runs(Number(opts.lines[0]!.split(" ")[1])));
});

Deno.test("runShellCommand lets the last words of a background job arrive", async () => {
  const opts = options({ rest: { idleMs: 10_000, maxMs: 20_000 } });
  const { result, idle } = runShellCommand("(sleep 0.1; echo late) & exit 0", opts);
  await result;
  await idle;
  assertEquals(opts.lines, ["stdout late"]);
});

Deno.test({
  name: "what a command leaves in a session of its own stays, unless the command is cut short",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const dir = await Deno.makeTempDir();
    const file = `${dir}/spoken`;
    const untilThere = `until [ -e ${file} ]; do sleep 0.02; done`;
    for (const stays of [true, false]) {
      using limit = new HeldTimer();
      const opts = options({ timeoutMs: limit.ms });
      const { result, idle } = runShellCommand(
        `setsid sh -c 'echo $$; touch "$0"; exec sleep 600' ${file} & ${
          stays ? untilThere : "wait"
        }`,
        opts,
      );
      if (!stays) {
        await until(() => opts.lines.length > 0);
        limit.runOut();
      }
      assertEquals((await result).outcome, stays ? "exited" : "timed_out");
      await idle;
      const pid = Number(opts.lines[0]!.split(" ")[1]);
      assertEquals(runs(pid), stays);
      if (stays) Deno.kill(pid, "SIGKILL");
    }
    await Deno.remove(dir, { recursive: true });
  },
});
