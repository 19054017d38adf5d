import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async/delay";
import { Cli } from "../helpers/cli.ts";
import { Home } from "../helpers/home.ts";
import { type Liveroll, withLiveroll, withStarting } from "../helpers/liveroll.ts";

const HOUR_MS = 3_600_000;
const OFTEN = { interval: "50ms" };

/** A window in UTC that is closed now and for hours, and when it opens next. */
function closedWindow(): { window: string; opens: string } {
  const opens = new Date(Date.now() + 6 * HOUR_MS);
  opens.setUTCMinutes(0, 0, 0);
  const hour = `${opens.getUTCHours()}`.padStart(2, "0");
  return { window: `${hour}:00-${hour}:30 UTC`, opens: opens.toISOString() };
}

/** Waits until so many checks more have come to their end. */
async function checks(liveroll: Liveroll, count: number): Promise<void> {
  const since = liveroll.log.mark();
  const ended = () => liveroll.events("check.started", {}, since).length > count;
  await liveroll.log.waitForLine(`${count} checks`, ended, { since });
}

/** Fails unless only v1 was ever rolled to. */
function assertOnlyV1(liveroll: Liveroll): void {
  const others = liveroll.events("roll.started", ({ to }) => to !== "v1");
  assertEquals(others, []);
}

/** Ends of waits are reckoned from a clock that goes on meanwhile. */
function assertSoon(at: number, expected: number): void {
  assert(Math.abs(at - expected) < 1_000, `${new Date(at).toISOString()} is another time`);
}

Deno.test("outside its window a version is found and waits, and everybody is told until when", () => {
  const { window, opens } = closedWindow();
  return withLiveroll({ flags: { ...OFTEN, window } }, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    liveroll.publish("v2");
    const { waits } = await liveroll.waitFor("update.found", { id: "v2" });
    assertEquals(waits?.obstacle, "window");
    assertSoon(waits?.until ?? 0, Date.parse(opens));
    await checks(liveroll, 3);
    assertOnlyV1(liveroll);

    const { waiting, state, current, lastCheck } = await cli.status();
    assertEquals([waiting?.id, waiting?.obstacle], ["v2", "window"]);
    assertSoon(Date.parse(waiting?.until ?? ""), Date.parse(opens));
    assertEquals([state, current?.id, lastCheck?.outcome], ["serving", "v1", "waiting"]);
    assertMatch((await cli.run("status")).stdout, /^waiting +v2, window, until \S+ \S+: /m);
    const why = (await cli.run("why")).stdout;
    assertStringIncludes(why, `v2 waits for its window, until ${opens.slice(0, 19)}`);
  });
});

Deno.test("a person need not wait for a window", () => {
  const { window } = closedWindow();
  return withLiveroll({ flags: { ...OFTEN, window } }, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    liveroll.publish("v2");
    await liveroll.waitFor("update.found", { id: "v2" });
    assertEquals((await cli.run("update")).code, 0);
    assertEquals((await liveroll.ask()).text, "v2");
    assertEquals((await cli.run("rollback")).code, 0);
    assertEquals((await liveroll.ask()).text, "v1");
    await liveroll.roll("v3");
    assertEquals((await liveroll.ask()).text, "v3");
  });
});

Deno.test("what crashes outside a window is started again at once", () => {
  const { window } = closedWindow();
  return withLiveroll({ flags: { ...OFTEN, window } }, async (liveroll) => {
    liveroll.publish("v2");
    await liveroll.waitFor("update.found", { id: "v2" });
    const { instance } = await liveroll.waitFor("roll.switched");
    const since = liveroll.log.mark();
    Deno.kill(instance.pid, "SIGKILL");
    const { id } = await liveroll.waitFor("roll.succeeded", {}, since);
    assertEquals([id, (await liveroll.ask()).text], ["v1", "v1"]);
  });
});

Deno.test("outside a window liveroll starts with what was proven, not with what waits", async () => {
  using home = new Home();
  const { window } = closedWindow();
  const flags = { window };
  // The first version ever need not wait: nothing would serve.
  await withLiveroll({ home, version: "v1", flags }, async (liveroll) => {
    liveroll.publish("v2");
    await liveroll.stop();
  });
  await withLiveroll({ home, flags }, async (liveroll) => {
    assertEquals((await liveroll.ask()).text, "v1");
    await liveroll.waitFor("update.found", { id: "v2" });
    assertOnlyV1(liveroll);
  });
});

for (
  const window of ["00:00-24:00", "daily 00:00-24:00 Europe/Berlin", "Sun-Sat 00:00-24:00 UTC"]
) {
  Deno.test(`within its window (${window}) a version is rolled to by itself`, () =>
    withLiveroll({ flags: { ...OFTEN, window } }, async (liveroll) => {
      liveroll.publish("v2");
      await liveroll.waitFor("roll.succeeded", { id: "v2" });
    }));
}

Deno.test("of several windows one that is open is enough", async () => {
  using home = new Home();
  const { window } = closedWindow();
  const file = `${home.workspace.dir}/options.yaml`;
  Deno.writeTextFileSync(file, `window: ["${window}", "00:00-24:00 UTC"]\n`);
  await withLiveroll(
    { home, version: "v1", flags: { ...OFTEN, config: file } },
    async (liveroll) => {
      liveroll.publish("v2");
      await liveroll.waitFor("roll.succeeded", { id: "v2" });
    },
  );
});

Deno.test("a version is rolled to by itself as soon as it has cooled down, and not before", () =>
  withLiveroll({ flags: { cooldown: "1s", interval: "50ms" } }, async (liveroll) => {
    liveroll.publish("v2");
    const found = await liveroll.log.waitForLine("v2", ({ event }) => event === "update.found", {
      since: liveroll.log.mark(),
    });
    assertEquals(Reflect.get(found.waits as object, "obstacle"), "cooldown");
    assertMatch((await new Cli(liveroll.home).run("why")).stdout, /v2 is too young, until /);
    const began = await liveroll.log.waitForLine(
      "roll to v2",
      ({ event, to }) => event === "roll.started" && to === "v2",
    );
    const waitedMs = Date.parse(String(began.time)) - Date.parse(String(found.time));
    assert(waitedMs >= 950, `only ${waitedMs} ms have passed`);
    await liveroll.waitFor("roll.succeeded", { id: "v2" });
  }));

Deno.test("the end of a cooldown is not slept through, however long the interval is", () =>
  withLiveroll({ flags: { cooldown: "1s", interval: "1h" } }, async (liveroll) => {
    liveroll.publish("v2");
    // A person asks for something else, and the check that comes with it sees v2.
    const cli = new Cli(liveroll.home);
    await cli.run("pause");
    await cli.run("resume");
    await liveroll.waitFor("update.found", ({ waits }) => waits?.obstacle === "cooldown");
    await liveroll.waitFor("roll.succeeded", { id: "v2" });
  }));

Deno.test("a cooldown goes on while liveroll does not run", async () => {
  using home = new Home();
  const flags = { cooldown: "5s", ...OFTEN };
  let until = 0;
  await withLiveroll({ home, version: "v1", flags }, async (liveroll) => {
    liveroll.publish("v2");
    until = (await liveroll.waitFor("update.found", { id: "v2" })).waits?.until ?? 0;
    await liveroll.stop();
    assertOnlyV1(liveroll);
  });
  await delay(Math.max(0, until - Date.now()));
  await withStarting({ home, flags }, async (liveroll) => {
    const { waits } = await liveroll.waitFor("update.found", { id: "v2" });
    assertEquals(waits, null);
    await liveroll.waitFor("roll.succeeded", { id: "v2" });
  });
});

Deno.test("a person need not wait for a cooldown", () =>
  withLiveroll({ flags: { cooldown: "2h", ...OFTEN } }, async (liveroll) => {
    liveroll.publish("v2");
    await liveroll.waitFor("update.found", { id: "v2" });
    assertEquals((await new Cli(liveroll.home).run("update")).code, 0);
    assertEquals((await liveroll.ask()).text, "v2");
  }));

Deno.test("with --notify-only versions are told about, and rolled to only when somebody asks", () =>
  withLiveroll({ flags: { ...OFTEN, "notify-only": "true" } }, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    liveroll.publish("v2");
    const { waits } = await liveroll.waitFor("update.found", { id: "v2" });
    assertEquals([waits?.obstacle, waits?.until], ["notify_only", null]);
    await checks(liveroll, 3);
    assertOnlyV1(liveroll);
    const { waiting } = await cli.status();
    assertEquals([waiting?.id, waiting?.obstacle, waiting?.until], ["v2", "notify_only", null]);
    assertMatch((await cli.run("why")).stdout, /v2 was found: .*liveroll update rolls to it/);
    assertEquals((await cli.run("update")).code, 0);
    assertEquals((await liveroll.ask()).text, "v2");
    await checks(liveroll, 2);
    assertEquals((await cli.status()).waiting, null);
  }));

for (
  const [what, flags] of Object.entries({
    "a window": { window: closedWindow().window },
    "the end of its cooldown": { cooldown: "2h" },
    "somebody to ask for it": { "notify-only": "true" },
  })
) {
  Deno.test(`a version that waits for ${what} is told of once, not with every check`, () =>
    withLiveroll({ flags: { ...OFTEN, ...flags } }, async (liveroll) => {
      liveroll.publish("v2");
      await liveroll.waitFor("update.found", { id: "v2" });
      await checks(liveroll, 5);
      const { stdout } = await new Cli(liveroll.home).run("why -n 100");
      const told = stdout.split("\n").filter((line) => / v2 (was|waits|is too) /.test(line));
      assertEquals(told.length, 1, stdout);
    }));
}

Deno.test("with --on-demand nobody asks the source but when somebody wants it", () =>
  withLiveroll({
    flags: { ...OFTEN, "on-demand": "true", pull: 'echo pulled >> "$TOY_DIR/pulls"' },
  }, async (liveroll) => {
    const pulls = () =>
      Deno.readTextFileSync(`${liveroll.workspace.dir}/pulls`).trim().split("\n").length;
    const cli = new Cli(liveroll.home);
    assertEquals(pulls(), 1);
    liveroll.publish("v2");
    // Meanwhile many intervals pass.
    for (let n = 0; n < 5; n++) {
      const { nextCheckAt, current, waiting } = await cli.status();
      assertEquals([nextCheckAt, current?.id, waiting], [null, "v1", null]);
    }
    assertEquals(pulls(), 1);
    assertEquals((await cli.run("update")).code, 0);
    assertEquals([pulls(), (await liveroll.ask()).text], [2, "v2"]);
    await liveroll.roll("v3");
    assertEquals([pulls(), (await liveroll.ask()).text], [3, "v3"]);
  }));

Deno.test("with --on-demand liveroll starts with what was proven, without asking the source", async () => {
  using home = new Home();
  const flags = { "on-demand": "true", pull: 'echo pulled >> "$TOY_DIR/pulls"' };
  await withLiveroll({ home, version: "v1", flags }, async (liveroll) => {
    liveroll.publish("v2");
    await liveroll.stop();
  });
  await withLiveroll({ home, flags }, async (liveroll) => {
    assertEquals((await liveroll.ask()).text, "v1");
    assertEquals(Deno.readTextFileSync(`${home.workspace.dir}/pulls`), "pulled\n");
    assertEquals((await new Cli(home).run("update")).code, 0);
    assertEquals((await liveroll.ask()).text, "v2");
  });
});
