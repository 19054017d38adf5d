import { assert, assertEquals, assertMatch } from "@std/assert";
import { Cli } from "../helpers/cli.ts";
import type { Home } from "../helpers/home.ts";
import { type Liveroll, withLiveroll } from "../helpers/liveroll.ts";

const OFTEN = { flags: { interval: "50ms" } };
const CRASHES = { crash: { code: 3, lastWords: ["oh no"] } };

/** Waits until the source was asked so many times more. */
async function checks(liveroll: Liveroll, count: number): Promise<void> {
  const since = liveroll.log.mark();
  const begun = () => liveroll.events("check.started", {}, since).length > count;
  await liveroll.log.waitForLine(`${count} checks`, begun, { since });
}

/** Every command has to end well. */
async function all(cli: Cli, ...lines: string[]): Promise<void> {
  for (const line of lines) {
    const { code, stderr } = await cli.run(line);
    assertEquals(code, 0, `${line}: ${stderr}`);
  }
}

/** A second life with the same state directory, after the first one was stopped in order. */
async function nextLife(
  liveroll: Liveroll,
  test: (next: Liveroll, cli: Cli, home: Home) => Promise<void>,
): Promise<void> {
  const { home } = liveroll;
  await liveroll.stop();
  await withLiveroll({ home, ...OFTEN }, (next) => test(next, new Cli(home), home));
}

Deno.test("while updates are paused nothing is checked, until they are resumed, over restarts", () =>
  withLiveroll(OFTEN, async (liveroll) => {
    await all(new Cli(liveroll.home), "pause");
    await liveroll.waitFor("state", { state: "paused" });
    liveroll.publish("v2");
    await nextLife(liveroll, async (next, cli) => {
      const { state, settings, current, nextCheckAt } = await cli.status();
      assertEquals([state, settings.paused, current?.id], ["paused", true, "v1"]);
      assertEquals(nextCheckAt, null);
      assertEquals(next.events("check.started"), []);
      next.signal("SIGHUP");
      await next.waitFor("check.declined");
      assertEquals(next.events("check.started"), []);
      await all(cli, "resume");
      await next.waitFor("roll.succeeded", { id: "v2" });
      assertEquals((await cli.status()).settings.paused, false);
    });
  }));

Deno.test("what crashes while updates are paused is started again", () =>
  withLiveroll(OFTEN, async (liveroll) => {
    await all(new Cli(liveroll.home), "pause");
    liveroll.publish("v2");
    const { instance } = await liveroll.waitFor("roll.switched");
    const since = liveroll.log.mark();
    Deno.kill(instance.pid, "SIGKILL");
    assertEquals((await liveroll.waitFor("roll.succeeded", {}, since)).id, "v1");
  }));

Deno.test("update --force goes over a pause once, and the pause stays", () =>
  withLiveroll(OFTEN, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await all(cli, "pause");
    liveroll.publish("v2");
    await all(cli, "update --force");
    assertEquals((await liveroll.ask()).text, "v2");
    liveroll.publish("v3");
    assertEquals((await cli.run("update")).code, 1);
    assertEquals((await cli.status()).settings.paused, true);
    assertEquals((await liveroll.ask()).text, "v2");
  }));

Deno.test("a pinned version stays, over restarts, until it is unpinned", () =>
  withLiveroll(OFTEN, async (liveroll) => {
    liveroll.publish("v2");
    await liveroll.waitFor("roll.succeeded", { id: "v2" });
    await all(new Cli(liveroll.home), "pin v1");
    assertEquals((await liveroll.ask()).text, "v1");
    liveroll.publish("v3");
    await nextLife(liveroll, async (next, cli) => {
      assertEquals((await next.ask()).text, "v1");
      const { settings, desired } = await cli.status();
      assertEquals([settings.pinned, desired?.id], ["v1", "v1"]);
      const { code, stderr } = await cli.run("update v3");
      assertEquals(code, 1);
      assertMatch(stderr, /^liveroll: v1 is pinned: liveroll unpin/);
      assertEquals(next.events("roll.started", ({ to }) => to !== "v1"), []);
      await all(cli, "unpin");
      await next.waitFor("roll.succeeded", { id: "v3" });
    });
  }));

Deno.test("a version that was never seen can be pinned", () =>
  withLiveroll(OFTEN, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await all(cli, "pin v7");
    assertEquals((await liveroll.ask()).text, "v7");
    const { settings, current } = await cli.status();
    assertEquals([settings.pinned, current?.id], ["v7", "v7"]);
  }));

Deno.test("a version that is skipped is not rolled to, over restarts, until somebody wants it", () =>
  withLiveroll(OFTEN, async (liveroll) => {
    await all(new Cli(liveroll.home), "skip v2", "skip v4");
    liveroll.publish("v2");
    await liveroll.waitFor("update.found", ({ waits }) => waits?.obstacle === "skipped");
    await nextLife(liveroll, async (next, cli) => {
      await checks(next, 3);
      const { settings, waiting } = await cli.status();
      assertEquals([settings.skipped, waiting?.obstacle], [["v2", "v4"], "skipped"]);
      assertEquals(next.events("roll.started", ({ to }) => to !== "v1"), []);
      // A newer one is another matter.
      next.publish("v3");
      await next.waitFor("roll.succeeded", { id: "v3" });
      next.publish("v2");
      await all(cli, "update v2");
      assertEquals((await next.ask()).text, "v2");
      assertEquals((await cli.status()).settings.skipped, ["v4"]);
    });
  }));

Deno.test("retry forgets what was skipped", () =>
  withLiveroll(OFTEN, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await all(cli, "skip v2");
    liveroll.publish("v2");
    await liveroll.waitFor("update.found", ({ waits }) => waits?.obstacle === "skipped");
    await all(cli, "retry");
    assertEquals((await liveroll.ask()).text, "v2");
    assertEquals((await cli.status()).settings.skipped, []);
  }));

Deno.test("a refused version stays in quarantine, over restarts, until retry", () =>
  withLiveroll(OFTEN, async (liveroll) => {
    liveroll.publish("v2", CRASHES);
    await liveroll.waitFor("roll.failed", { id: "v2" });
    const before = (await new Cli(liveroll.home).status()).quarantined[0];
    assert(before !== undefined);
    await nextLife(liveroll, async (next, cli) => {
      await checks(next, 3);
      const { quarantined: [entry], waiting } = await cli.status();
      assertEquals([entry?.id, entry?.failures], ["v2", 1]);
      assertEquals(entry?.detail, before.detail);
      const driftMs = Date.parse(entry?.retryAt ?? "") - Date.parse(before.retryAt);
      assert(Math.abs(driftMs) < 1_000, `its end has moved by ${driftMs} ms`);
      assertEquals(waiting?.obstacle, "quarantined");
      assertEquals(next.events("roll.started", { to: "v2" }), []);
      next.workspace.setBehaviour("v2", {});
      await all(cli, "retry");
      assertEquals((await next.ask()).text, "v2");
      assertEquals((await cli.status()).quarantined, []);
    });
  }));

Deno.test("after a rollback what was left is not rolled to again, over restarts", () =>
  withLiveroll(OFTEN, async (liveroll) => {
    liveroll.publish("v2");
    await liveroll.waitFor("roll.succeeded", { id: "v2" });
    await all(new Cli(liveroll.home), "rollback");
    await nextLife(liveroll, async (next, cli) => {
      await checks(next, 3);
      assertEquals((await next.ask()).text, "v1");
      assertEquals((await cli.status()).settings.skipped, ["v2"]);
      assertEquals(next.events("roll.started", ({ to }) => to !== "v1"), []);
      const [, rollback] = await cli.history();
      assertEquals([rollback?.trigger, rollback?.from, rollback?.to], ["rollback", "v2", "v1"]);
    });
  }));

Deno.test("what was asked for is in the records of why", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await all(cli, "pause", "resume", "skip v9", "hold", "release", "maintenance on", "pin v1");
    await all(cli, "unpin", "maintenance off");
    const { stdout } = await cli.run("why -n 100");
    const words = ["paused", "go on", "v9", "held", "let go", "Maintenance", "v1", "over"];
    let rest = stdout;
    for (const word of words) {
      assert(rest.includes(word), `${word} is missing in ${rest}`);
      rest = rest.slice(rest.indexOf(word));
    }
  }));
