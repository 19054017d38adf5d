import { assertEquals, assertMatch } from "@std/assert";
import { Cli } from "../helpers/cli.ts";
import { hookLine, letGo, WAITS } from "../helpers/hooks.ts";
import { type Liveroll, withLiveroll, withStarting } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";

/** Writes down what a hook is told, one file for every run. */
const WITNESS = 'env | grep "^LIVEROLL_" | grep -v "^LIVEROLL_INSTANCE=" | sort ' +
  '> "$TOY_DIR/$LIVEROLL_HOOK-$LIVEROLL_ROLL_ID"';

const ALL = { "before-hook": WITNESS, "after-hook": WITNESS, "on-failure-hook": WITNESS };

/** What was written down by the hook of a roll; null: it did not run. */
function told({ workspace }: Liveroll, hook: string, roll: number): Record<string, string> | null {
  try {
    const text = Deno.readTextFileSync(`${workspace.dir}/${hook}-${roll}`);
    return Object.fromEntries(
      text.trim().split("\n").map((line) => {
        const [name = "", value = ""] = line.replace("LIVEROLL_", "").split(/=(.*)/);
        return [name, value];
      }),
    );
  } catch {
    return null;
  }
}

/** The names of all hooks that ran, with their rolls. */
function witnesses({ workspace }: Liveroll): string[] {
  return [...Deno.readDirSync(workspace.dir)].map(({ name }) => name)
    .filter((name) => /^(before|after|on-failure)-\d+$/.test(name)).toSorted();
}

Deno.test("before and after hooks are told about the roll", () =>
  withLiveroll({ flags: ALL }, async (liveroll) => {
    const { instance } = await liveroll.waitFor("roll.switched");
    const first = { ROLL_ID: "1", FROM_ID: "", TO_ID: "v1", TRIGGER: "start", PHASE: "" };
    assertEquals(told(liveroll, "before", 1), {
      ...first,
      HOOK: "before",
      PORT: "",
      OUTCOME: "started",
    });
    const since = liveroll.offer("v2");
    const switched = await liveroll.waitFor("roll.switched", {}, since);
    await liveroll.waitFor("hook.ended", { hook: "after", roll: 2 }, since);
    assertEquals(told(liveroll, "after", 1), {
      ...first,
      HOOK: "after",
      PORT: `${instance.port}`,
      OUTCOME: "succeeded",
    });
    const second = { ROLL_ID: "2", FROM_ID: "v1", TO_ID: "v2", TRIGGER: "forced", PHASE: "" };
    assertEquals(told(liveroll, "before", 2), {
      ...second,
      HOOK: "before",
      PORT: "",
      OUTCOME: "started",
    });
    assertEquals(told(liveroll, "after", 2), {
      ...second,
      HOOK: "after",
      PORT: `${switched.instance.port}`,
      OUTCOME: "succeeded",
    });
    assertEquals(witnesses(liveroll), ["after-1", "after-2", "before-1", "before-2"]);
  }));

Deno.test("the on-failure hook is told what was refused, and where", () =>
  withLiveroll({ flags: ALL }, async (liveroll) => {
    const since = liveroll.offer("v2", { crash: { code: 3, lastWords: ["oh no"] } });
    await liveroll.waitFor("hook.ended", { hook: "on-failure" }, since);
    assertEquals(told(liveroll, "on-failure", 2), {
      HOOK: "on-failure",
      ROLL_ID: "2",
      FROM_ID: "v1",
      TO_ID: "v2",
      PORT: "",
      PHASE: "gate",
      OUTCOME: "failed",
      TRIGGER: "forced",
    });
    assertEquals(told(liveroll, "after", 2), null);
    assertEquals((await liveroll.ask()).text, "v1");
  }));

Deno.test("the on-failure hook is told of a version that is rolled back from", () =>
  withLiveroll({ flags: ALL }, async (first) => {
    await first.stop();
    const next = { home: first.home, flags: { ...ALL, "min-healthy": "1m" } };
    await withStarting(next, async (liveroll) => {
      await liveroll.waitFor("roll.switched");
      const since = liveroll.offer("v2");
      const { instance } = await liveroll.waitFor("roll.switched", { roll: 3 }, since);
      Deno.kill(instance.pid, "SIGKILL");
      await liveroll.waitFor("hook.ended", { hook: "on-failure" }, since);
      const { PHASE, OUTCOME, TO_ID } = told(liveroll, "on-failure", 3) ?? {};
      assertEquals([PHASE, OUTCOME, TO_ID], ["watch", "failed", "v2"]);
      // The proven version comes back without asking anybody.
      await liveroll.waitFor("roll.switched", ({ instance }) => instance.id === "v1", since);
      assertEquals(witnesses(liveroll).filter((name) => name.endsWith("-4")), []);
    });
  }));

Deno.test("a failing before hook aborts the roll: the old version serves on, the reason is told", () =>
  withLiveroll({
    flags: {
      ...ALL,
      "before-hook": `test "$LIVEROLL_TO_ID" = v1 || { echo disk is full; exit 9; }`,
    },
  }, async (liveroll) => {
    await using load = new Load(liveroll.port);
    await load.sees("v1");
    const cli = new Cli(liveroll.home);
    const since = liveroll.log.mark();
    liveroll.publish("v2");
    const update = await cli.run("update");
    assertEquals(update.code, 1);
    assertEquals(
      update.stdout,
      [
        "v2 refused: the before hook ended with code 9; v1 still serves\n",
        "  | disk is full\n",
      ].join(""),
    );
    const { reason } = await liveroll.waitFor("roll.failed", { id: "v2" }, since);
    assertEquals(reason, "hook_failed");
    assertEquals(liveroll.events("roll.candidate", {}, since), []);

    const [newest] = await cli.history();
    assertEquals([newest?.to, newest?.outcome], ["v2", "failed"]);
    assertEquals(newest?.phases.map(({ name, outcome }) => [name, outcome]), [
      ["before-hook", "failed"],
    ]);
    const { quarantined } = await cli.status();
    assertEquals(quarantined.map(({ id }) => id), ["v2"]);
    await liveroll.waitFor("hook.ended", { hook: "on-failure" }, since);
    assertEquals(told(liveroll, "on-failure", 2)?.PHASE, "before-hook");
    assertEquals(told(liveroll, "after", 2), null);
    const report = await load.stop();
    assertNoneFailed(report);
    assertEquals(Object.keys(report.byVersion), ["v1"]);
  }));

Deno.test("nothing of a version is started before its before hook has ended", () =>
  withLiveroll({
    flags: { "before-hook": `test "$LIVEROLL_TO_ID" = v1 || { ${WAITS}; }` },
  }, async (liveroll) => {
    const since = liveroll.offer("v2");
    await hookLine(liveroll, "waiting", since);
    const { roll, candidate } = await new Cli(liveroll.home).status();
    assertEquals([roll?.to, roll?.phase, candidate], ["v2", "before-hook", null]);
    assertEquals(liveroll.children().size, 1);
    assertEquals((await liveroll.ask()).text, "v1");
    letGo(liveroll);
    await liveroll.waitFor("roll.succeeded", { id: "v2" }, since);
    assertEquals((await liveroll.ask()).text, "v2");
  }));

Deno.test("the after hook runs when requests have gone to the new version, and holds nothing up", () =>
  withLiveroll({
    flags: { "after-hook": `test "$LIVEROLL_TO_ID" = v1 || { ${WAITS}; }` },
  }, async (liveroll) => {
    const since = liveroll.offer("v2");
    await hookLine(liveroll, "waiting", since);
    assertEquals((await liveroll.ask()).text, "v2");
    await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === "v1", since);
    await liveroll.waitFor("roll.succeeded", { id: "v2" }, since);
    letGo(liveroll);
    const { end } = await liveroll.waitFor("hook.ended", { hook: "after", roll: 2 }, since);
    assertEquals([end.outcome, end.code], ["succeeded", 0]);
  }));

Deno.test("a failing after hook does not fail the roll, and is told", () =>
  withLiveroll({ flags: { "after-hook": "echo purge failed >&2; exit 4" } }, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    const since = liveroll.log.mark();
    liveroll.publish("v2");
    const update = await cli.run("update");
    assertEquals([update.code, update.stdout.slice(0, 9)], [0, "v2 serves"]);
    const { end } = await liveroll.waitFor("hook.ended", { hook: "after", roll: 2 }, since);
    assertEquals([end.outcome, end.code, end.lastLines], ["failed", 4, ["purge failed"]]);
    const [newest] = await cli.history();
    assertEquals(newest?.outcome, "succeeded");
    const { quarantined, rolls } = await cli.status();
    assertEquals([quarantined, rolls.failed], [[], 0]);
    const why = await cli.run("why");
    assertMatch(why.stdout, /Roll 2: after hook failed, code 4.*\n {4}purge failed\n/);
    assertMatch((await cli.run("show 2")).stdout, /after hook failed, code 4\n +\| purge failed\n/);
  }));

Deno.test("a failing on-failure hook changes nothing either", () =>
  withLiveroll({ flags: { "on-failure-hook": "exit 5" } }, async (liveroll) => {
    const since = liveroll.offer("v2", { crash: { code: 3, lastWords: [] } });
    const { end } = await liveroll.waitFor("hook.ended", { hook: "on-failure" }, since);
    assertEquals(end.code, 5);
    await liveroll.roll("v3");
    assertEquals((await liveroll.ask()).text, "v3");
  }));

Deno.test("what hooks print is in the log, and with the roll in the records", () =>
  withLiveroll({
    flags: { "before-hook": "echo to stdout; echo to stderr >&2", "after-hook": "seq 1 60" },
  }, async (liveroll) => {
    const out = await hookLine(liveroll, "to stdout");
    const err = await hookLine(liveroll, "to stderr");
    assertEquals([out.hook, out.roll, out.stream], ["before", 1, "stdout"]);
    assertEquals([err.hook, err.stream], ["before", "stderr"]);
    await liveroll.waitFor("hook.ended", { hook: "after" });
    const cli = new Cli(liveroll.home);
    const { events } = await cli.json<{ events: { event: Record<string, unknown> }[] }>("show 1");
    const ends = events.map(({ event }) => event).filter(({ type }) => type === "hook.ended");
    const lines = ends.map(({ end }) => Reflect.get(end as object, "lastLines") as string[]);
    assertEquals(lines[0]?.toSorted(), ["to stderr", "to stdout"]);
    // The newest fifty, and no more: who prints without end must not fill the records.
    assertEquals(lines[1], Array.from({ length: 50 }, (_, n) => `${n + 11}`));
    const { stdout } = await cli.run("show 1");
    assertMatch(stdout, /before-hook +\d/);
    assertMatch(stdout, /Roll 1: before hook done in \S+\n( +\| to std(out|err)\n){2}/);
    assertMatch(stdout, /Roll 1: after hook done in \S+\n +\| 11\n/);
  }));

Deno.test("hooks run when the version changes, not when the same one is started again", () =>
  withLiveroll({ flags: ALL }, async (liveroll) => {
    const before = ["after-1", "before-1"];
    await liveroll.waitFor("hook.ended", { hook: "after" });
    await liveroll.rollAndRetireSame();
    const since = liveroll.log.mark();
    liveroll.signal("SIGUSR2");
    const { instance } = await liveroll.waitFor("roll.switched", {}, since);
    await liveroll.waitFor("roll.succeeded", {}, since);
    const crash = liveroll.log.mark();
    Deno.kill(instance.pid, "SIGKILL");
    await liveroll.waitFor("roll.succeeded", {}, crash);
    assertEquals(witnesses(liveroll), before);
    await liveroll.stop();
    await withLiveroll({ home: liveroll.home, flags: ALL }, () => {
      assertEquals(witnesses(liveroll), before);
      return Promise.resolve();
    });
  }));

Deno.test("a rollback by hand runs the hooks, with its own trigger", () =>
  withLiveroll({ flags: ALL }, async (liveroll) => {
    await liveroll.rollAndRetire("v2");
    const since = liveroll.log.mark();
    assertEquals((await new Cli(liveroll.home).run("rollback")).code, 0);
    await liveroll.waitFor("hook.ended", { hook: "after", roll: 3 }, since);
    const { FROM_ID, TO_ID, TRIGGER } = told(liveroll, "after", 3) ?? {};
    assertEquals([FROM_ID, TO_ID, TRIGGER], ["v2", "v1", "rollback"]);
  }));
