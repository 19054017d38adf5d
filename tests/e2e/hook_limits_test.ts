import { assert, assertEquals } from "@std/assert";
import { Cli } from "../helpers/cli.ts";
import { hookLine, NEVER_ENDS, STUBBORN } from "../helpers/hooks.ts";
import { withLiveroll } from "../helpers/liveroll.ts";
import { testTogether } from "../helpers/together.ts";

/** The phases of the newest roll, with how they ended. */
async function phases(cli: Cli): Promise<Record<string, string>> {
  const [newest] = await cli.history();
  return Object.fromEntries((newest?.phases ?? []).map(({ name, outcome }) => [name, outcome]));
}

const beforeHook = () =>
  withLiveroll({
    flags: {
      "before-hook": `test "$LIVEROLL_TO_ID" = v1 || { ${NEVER_ENDS}; }`,
      // It has to have spoken by then.
      "hook-timeout": "6s",
    },
  }, async (liveroll) => {
    const since = liveroll.offer("v2");
    const { detail, lastLines } = await liveroll.waitFor("roll.failed", { id: "v2" }, since);
    assertEquals([detail, lastLines], ["the before hook took too long", ["waiting"]]);
    const { end } = await liveroll.waitFor("hook.ended", { hook: "before", roll: 2 }, since);
    assertEquals([end.outcome, end.code], ["timed_out", null]);
    assertEquals((await liveroll.ask()).text, "v1");
  });

const afterHook = () =>
  withLiveroll({
    flags: {
      "after-hook": `test "$LIVEROLL_TO_ID" = v1 || { ${STUBBORN}; }`,
      "hook-timeout": "300ms",
    },
  }, async (liveroll) => {
    const since = liveroll.log.mark();
    await liveroll.roll("v2");
    const { end } = await liveroll.waitFor("hook.ended", { hook: "after", roll: 2 }, since);
    assertEquals(end.outcome, "timed_out");
    const cli = new Cli(liveroll.home);
    assertEquals((await phases(cli))["after-hook"], "failed");
    assertEquals((await cli.history())[0]?.outcome, "succeeded");
  });

testTogether("a hook that takes too long is ended", {
  "a before hook, and its version is refused": beforeHook,
  "an after hook, and the roll has succeeded all the same": afterHook,
});

for (
  const [hook, command] of [
    ["before", NEVER_ENDS],
    ["before", STUBBORN],
    ["after", STUBBORN],
    ["on-failure", STUBBORN],
  ] as const
) {
  const how = command === STUBBORN ? "even one that ignores TERM" : "gently";
  Deno.test(`when liveroll stops, a hook (${hook}) is ended, ${how}`, () =>
    withLiveroll({
      flags: { [`${hook}-hook`]: `test "$LIVEROLL_TO_ID" = v1 || { ${command}; }` },
    }, async (liveroll) => {
      const bad = hook === "on-failure" ? { crash: { code: 3, lastWords: [] } } : {};
      const since = liveroll.offer("v2", bad);
      await hookLine(liveroll, "waiting", since);
      assertEquals(await liveroll.stop(), { code: 0, signal: null });
      liveroll.assertNoOrphans();
      const [newest] = await new Cli(liveroll.home).history();
      const outcome = { before: "interrupted", after: "succeeded", "on-failure": "failed" }[hook];
      assertEquals([newest?.to, newest?.outcome], ["v2", outcome]);
    }));
}

Deno.test("background jobs of a hook do not hold up the roll, and end with it", () =>
  withLiveroll({ flags: { "before-hook": "sleep 300 & echo on my way" } }, async (liveroll) => {
    await liveroll.roll("v2");
    assertEquals((await liveroll.ask()).text, "v2");
    await liveroll.stop();
    assert(!liveroll.descendants().some(({ command }) => command.startsWith("sleep")));
  }));
