import { assert, assertEquals, assertRejects } from "@std/assert";
import type { HookContext } from "../../../src/roll/effects.ts";
import type { HookName } from "../../../src/roll/events.ts";
import { HookCommands, type HookOptions } from "../../../src/runtime/hook_commands.ts";
import { processesWith } from "../../helpers/proc.ts";
import { until } from "../platform/processes.ts";
import { recordingLog } from "../platform/recording_log.ts";

const ROLL: HookContext = {
  roll: 17,
  trigger: "interval",
  from: "v1",
  to: "v2",
  port: null,
  outcome: "started",
  phase: "",
};

const TOLD = 'env | grep "^LIVEROLL_" | grep -v "^LIVEROLL_INSTANCE=" | sort';
const NEVER = new AbortController().signal;
const HOOKS: readonly HookName[] = ["before", "after", "on-failure"];

/** Marks everything that the hooks of one test start. */
const MARK = "HOOK_MARK";

class Rig {
  readonly log = recordingLog();
  readonly mark: string = crypto.randomUUID();
  readonly commands: HookCommands;

  constructor(options: Partial<HookOptions>) {
    this.commands = new HookCommands({
      beforeHook: null,
      afterHook: null,
      onFailureHook: null,
      hookTimeoutMs: 30_000,
      env: { PATH: Deno.env.get("PATH") ?? "", [MARK]: this.mark },
      log: this.log,
      ...options,
    });
  }

  /** What its hooks have started and what lives. */
  get living(): string[] {
    return processesWith(MARK, this.mark).map(({ command }) => command);
  }

  /** Runs the before hook. */
  before(signal: AbortSignal = NEVER) {
    return this.commands.run("before", ROLL, signal);
  }

  /** Resolves when a hook has said `text`. */
  async said(text: string): Promise<void> {
    await until(() => this.log.messages().includes(text));
  }
}

Deno.test("each hook is there if it has a command, and runs that one", async () => {
  const rig = new Rig({ beforeHook: "echo b", onFailureHook: "echo f" });
  assertEquals(HOOKS.map((hook) => rig.commands.has(hook)), [true, false, true]);
  for (const [hook, word] of [["before", "b"], ["on-failure", "f"]] as const) {
    assertEquals((await rig.commands.run(hook, ROLL, NEVER)).lastLines, [word]);
  }
  await rig.commands.idle();
});

const CONTEXTS: [HookName, Partial<HookContext>, Record<string, string>][] = [
  ["before", {}, {}],
  ["before", { from: null, trigger: "start" }, { FROM_ID: "", TRIGGER: "start" }],
  ["after", { port: 9102, outcome: "succeeded" }, { PORT: "9102", OUTCOME: "succeeded" }],
  ["on-failure", { outcome: "failed", phase: "gate" }, { OUTCOME: "failed", PHASE: "gate" }],
  ["before", { to: "$(id) `id` \"'; x\\n" }, { TO_ID: "$(id) `id` \"'; x\\n" }],
];

for (const [hook, context, differs] of CONTEXTS) {
  Deno.test(`the ${hook} hook is told ${JSON.stringify(context)} by its environment`, async () => {
    const rig = new Rig({ beforeHook: TOLD, afterHook: TOLD, onFailureHook: TOLD });
    const { outcome, lastLines } = await rig.commands.run(hook, { ...ROLL, ...context }, NEVER);
    const told = {
      FROM_ID: "v1",
      HOOK: hook,
      OUTCOME: "started",
      PHASE: "",
      PORT: "",
      ROLL_ID: "17",
      TO_ID: "v2",
      TRIGGER: "interval",
      ...differs,
    };
    const expected = Object.entries(told).map(([name, value]) => `LIVEROLL_${name}=${value}`);
    assertEquals([outcome, lastLines], ["succeeded", expected]);
    await rig.commands.idle();
  });
}

Deno.test("a hook sees the environment that was built for it, and nothing of ours", async () => {
  const rig = new Rig({ beforeHook: "env | cut -d= -f1 | grep -v LIVEROLL_ | sort" });
  const { lastLines } = await rig.before();
  // What the shell itself adds.
  const shells = ["OLDPWD", "PWD", "SHLVL", "_"];
  assertEquals(lastLines.filter((name) => !shells.includes(name)), [MARK, "PATH"]);
  await rig.commands.idle();
});

Deno.test("how a hook ended is what its exit code says", async () => {
  for (
    const [command, outcome, code] of [
      ["true", "succeeded", 0],
      ["exit 7", "failed", 7],
      ["kill -9 $$", "failed", 137],
      ["no-such-command-anywhere", "failed", 127],
    ] as const
  ) {
    const rig = new Rig({ beforeHook: command });
    const end = await rig.before();
    assertEquals([end.outcome, end.code], [outcome, code], command);
    assert(end.durationMs >= 0);
    await rig.commands.idle();
  }
});

Deno.test("every line of both streams is logged, with the hook and the roll", async () => {
  const rig = new Rig({ afterHook: "echo out; echo err >&2; printf rest" });
  await rig.commands.run("after", ROLL, NEVER);
  const seen = rig.log.entries.map((
    { level, message, properties },
  ) => [level, message, properties]);
  const line = (
    text: string,
    stream: string,
  ) => ["info", text, { hook: "after", roll: 17, stream }];
  assertEquals(seen.filter(([, message]) => message !== "err"), [
    line("out", "stdout"),
    line("rest", "stdout"),
  ]);
  assertEquals(seen.filter(([, message]) => message === "err"), [line("err", "stderr")]);
  await rig.commands.idle();
});

Deno.test("only the newest lines are kept, all are logged", async () => {
  const rig = new Rig({ beforeHook: "seq 1 500" });
  const { lastLines } = await rig.before();
  assertEquals(lastLines, Array.from({ length: 50 }, (_, n) => `${n + 451}`));
  assertEquals(rig.log.entries.length, 500);
  await rig.commands.idle();
});

Deno.test("a hook that takes too long is ended with all that it started", async () => {
  const script = 'trap "" TERM; sleep 600 & echo begun; while :; do sleep 600; done';
  const rig = new Rig({ beforeHook: script, hookTimeoutMs: 300 });
  const { outcome, code, lastLines } = await rig.before();
  assertEquals([outcome, code, lastLines], ["timed_out", null, ["begun"]]);
  await rig.commands.idle();
  assertEquals(rig.living, []);
});

Deno.test("a hook is ended when the signal aborts, and says whose reason that was", async () => {
  const rig = new Rig({ beforeHook: "echo begun; exec sleep 600" });
  const stop = new AbortController();
  const running = rig.before(stop.signal);
  await rig.said("begun");
  stop.abort(new Error("liveroll is stopping"));
  await assertRejects(() => running, Error, "liveroll is stopping");
  await rig.commands.idle();
  assertEquals(rig.living, []);
});

Deno.test("nothing is started when the signal has aborted before", async () => {
  const rig = new Rig({ beforeHook: "echo begun" });
  await assertRejects(
    () => rig.before(AbortSignal.abort(new Error("too late"))),
    Error,
    "too late",
  );
  await rig.commands.idle();
  assertEquals(rig.log.entries, []);
});

Deno.test("background jobs do not hold up a hook, and end with it", async () => {
  const rig = new Rig({ beforeHook: "sleep 600 & echo done" });
  assertEquals((await rig.before()).outcome, "succeeded");
  await rig.commands.idle();
  assertEquals(rig.living, []);
});

Deno.test("a hook is told where the files of the new version are", async () => {
  const dirs: Readonly<Record<string, string>> = { v2: "/srv/releases/2" };
  const releaseDir = (id: string) => dirs[id] ?? null;
  const rig = new Rig({ beforeHook: 'echo "in $LIVEROLL_RELEASE_DIR"', releaseDir });
  assertEquals((await rig.before()).lastLines, ["in /srv/releases/2"]);
  const other = await rig.commands.run("before", { ...ROLL, to: "v3" }, NEVER);
  assertEquals(other.lastLines, ["in "]);
});
