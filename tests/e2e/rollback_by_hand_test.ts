import { assertEquals, assertMatch } from "@std/assert";
import { OUTLIVES, withLegacy } from "../helpers/lives.ts";
import { Latch } from "../helpers/latch.ts";
import { type Liveroll, type LiverollOptions, withLiveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed } from "../helpers/load.ts";
import { load, outcomes, replaceByV2, WATCHED } from "../helpers/rollback.ts";
import { verb, type VerbAnswer } from "../helpers/verbs.ts";

function command(liveroll: Liveroll, ...words: string[]): Promise<VerbAnswer> {
  return verb(liveroll.home.stateDir, ...words);
}

/** v1, then v2, which serves as long as it has to. */
function withTwoVersions(
  options: LiverollOptions,
  test: (liveroll: Liveroll) => Promise<void>,
): Promise<void> {
  return withLiveroll(options, async (liveroll) => {
    await liveroll.rollAndRetire("v2");
    await test(liveroll);
  });
}

Deno.test("rollback goes to the version before, loses no request, and the version left is not taken again", () =>
  withTwoVersions({ flags: { interval: "50ms" } }, async (liveroll) => {
    await using clients = load(liveroll);
    await clients.sees("v2");
    const { code, stdout } = await command(liveroll, "rollback");
    assertEquals(code, 0);
    assertMatch(stdout, /v1 serves/);
    await clients.sees("v1");
    const since = liveroll.log.mark();
    await liveroll.log.waitForLine(
      "three checks",
      () => liveroll.events("check.started", {}, since).length > 3,
    );
    assertEquals(liveroll.events("roll.started", {}, since), []);
    assertEquals((await liveroll.ask()).text, "v1");
    assertNoneFailed(await clients.stop());
    assertEquals((await outcomes(liveroll)).at(-1), "rollback v1 succeeded");
    assertEquals((await command(liveroll, "retry")).code, 0);
    assertEquals((await liveroll.ask()).text, "v2");
  }));

Deno.test("rollback ID goes to exactly that version", () =>
  withTwoVersions({}, async (liveroll) => {
    await liveroll.rollAndRetire("v3");
    assertEquals((await command(liveroll, "rollback", "v1")).code, 0);
    assertEquals((await liveroll.ask()).text, "v1");
  }));

Deno.test("a rollback while a version is watched counts it as rolled back", () =>
  withLiveroll({ flags: WATCHED }, async (liveroll) => {
    await replaceByV2(liveroll);
    assertEquals((await command(liveroll, "rollback")).code, 0);
    assertEquals((await liveroll.ask()).text, "v1");
    assertEquals(await outcomes(liveroll), [
      "start v1 succeeded",
      "forced v2 rolled_back",
      "rollback v1 succeeded",
    ]);
  }));

Deno.test("a rollback to a version that cannot start any more is refused, and what serves goes on", () =>
  withTwoVersions({}, async (liveroll) => {
    await using clients = load(liveroll);
    await clients.sees("v2");
    const crash = { code: 127, lastWords: ["v1: no such file"] };
    liveroll.workspace.setBehaviour("v1", { crash });
    const { code, stdout } = await command(liveroll, "rollback");
    assertEquals(code, 1);
    assertMatch(stdout, /v1 refused: .*127.*; v2 still serves\n.*v1: no such file/s);
    assertEquals((await liveroll.ask()).text, "v2");
    const report = await clients.stop();
    assertNoneFailed(report);
    assertEquals(Object.keys(report.byVersion), ["v2"]);
    assertEquals((await outcomes(liveroll)).at(-1), "rollback v1 failed");
  }));

Deno.test("a rollback that failed holds nothing against the version that goes on serving", () =>
  withTwoVersions({}, async (liveroll) => {
    liveroll.workspace.setBehaviour("v1", { crash: { code: 1, lastWords: [] } });
    assertEquals((await command(liveroll, "rollback")).code, 1);
    using client = liveroll.home.client();
    assertEquals((await client.status()).settings.skipped, []);
  }));

Deno.test("a rollback to what never ran here, or to nothing, says so", () =>
  withLiveroll({}, async (liveroll) => {
    const nothing = await command(liveroll, "rollback");
    assertEquals(nothing.code, 1);
    assertMatch(nothing.stderr, /there is no version before this one/);
    const unknown = await command(liveroll, "rollback", "v0");
    assertEquals(unknown.code, 1);
    assertMatch(unknown.stderr, /v0 is not remembered to have run here: give liveroll update v0/);
    assertEquals((await liveroll.ask()).text, "v1");
  }));

Deno.test("a rollback is possible after liveroll was started again", () =>
  withLegacy({ flags: OUTLIVES }, async ({ home, begin }) => {
    const second = begin();
    await second.takesUp();
    await second.rollAndRetire("v2");
    await second.stop("SIGKILL");
    const third = begin();
    await third.takesUp();
    assertEquals((await verb(home.stateDir, "rollback", "--json")).code, 0);
    assertEquals((await third.ask()).text, "v1");
  }));

Deno.test("rollback goes back at once to a child that is kept warm, even if it could not be started again", () =>
  withLiveroll({ flags: { "keep-warm": "10m", "min-healthy": "0s" } }, async (liveroll) => {
    const [pid] = liveroll.events("roll.switched").map(({ instance }) => instance.pid);
    await liveroll.roll("v2");
    liveroll.workspace.setBehaviour("v1", { crash: { code: 127, lastWords: [] } });
    await using clients = load(liveroll);
    await clients.sees("v2");
    assertEquals((await command(liveroll, "rollback")).code, 0);
    assertEquals((await liveroll.ask()).text, "v1");
    assertEquals(liveroll.events("roll.switched").at(-1)?.instance.pid, pid);
    assertNoneFailed(await clients.stop());
  }));

Deno.test("a rollback takes the pin along", () =>
  withTwoVersions({}, async (liveroll) => {
    assertEquals((await command(liveroll, "pin", "v2")).code, 0);
    assertEquals((await command(liveroll, "rollback")).code, 0);
    const { stdout } = await command(liveroll, "status", "--json");
    assertEquals(JSON.parse(stdout).settings.pinned, "v1");
  }));

Deno.test("stop, asked for twice, cuts nobody off", () =>
  withLiveroll({ flags: { "drain-timeout": "30s" } }, async (liveroll) => {
    using latch = new Latch();
    const slow = liveroll.ask(latch.path());
    const held = await latch.arrival();
    const first = command(liveroll, "stop");
    await liveroll.log.waitForLine("stopping", ({ text }) => /Stopping/.test(text));
    const second = command(liveroll, "stop", "--timeout", "1s");
    assertEquals((await second).code, 5);
    held.release();
    assertEquals((await slow).status, 200);
    assertEquals((await first).code, 0);
  }));
