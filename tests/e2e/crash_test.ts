import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type Liveroll, withLiveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";

/** A source that can be switched off by the file `down` in the workspace. */
const PULL_UNLESS_DOWN = 'test ! -e "$TOY_DIR/down"';

async function killServing(liveroll: Liveroll): Promise<number> {
  const since = liveroll.log.mark();
  const pid = Number((await liveroll.ask("/pid")).text);
  Deno.kill(pid, "SIGKILL");
  await liveroll.waitFor("instance.exited", {}, since);
  return since;
}

Deno.test("B04 a crash is healed while the source is down", () =>
  withLiveroll({ flags: { pull: PULL_UNLESS_DOWN } }, async (liveroll) => {
    Deno.writeTextFileSync(`${liveroll.workspace.dir}/down`, "");
    const before = (await liveroll.ask("/pid")).text;
    const asked = liveroll.log.mark();
    liveroll.signal("SIGHUP");
    await liveroll.waitFor("check.failed", { step: "pull" }, asked);
    await killServing(liveroll);
    const after = await liveroll.ask("/pid");
    assertEquals(after.status, 200);
    assertNotEquals(after.text, before);
  }));

Deno.test("B04 a crash restarts the running id, not the newest one", () =>
  withLiveroll({}, async (liveroll) => {
    liveroll.publish("v2");
    const since = await killServing(liveroll);
    assertEquals((await liveroll.ask()).text, "v1");
    assertEquals(liveroll.events("check.started", {}, since), []);
  }));

Deno.test("B05 when the replacement of a crashed child is bad too, healing goes on", () =>
  withLiveroll({}, async (liveroll) => {
    liveroll.workspace.setBehaviour("v1", { crash: { code: 1, lastWords: ["not yet"] } });
    const since = await killServing(liveroll);
    await liveroll.waitFor("restart.scheduled", ({ crashes }) => crashes >= 2, since);
    liveroll.workspace.setBehaviour("v1", {});
    assertEquals((await liveroll.ask()).text, "v1");
  }));

Deno.test("B20 B32 requests that come while a crashed child is replaced are held, then answered", () =>
  withLiveroll({}, async (liveroll) => {
    liveroll.workspace.setBehaviour("v1", { startDelayMs: 300 });
    const since = await killServing(liveroll);
    const answers = await Promise.all(Array.from({ length: 10 }, () => liveroll.ask()));
    assertEquals(answers.map(({ status }) => status), Array(10).fill(200));
    assertEquals(liveroll.children().size, 1);
    const [exited] = liveroll.events("instance.exited", {}, since);
    assertEquals(exited?.exit.code, 137);
  }));

Deno.test("B20 R11 crashes under load lose no request that may be repeated", () =>
  withLiveroll({}, async (liveroll) => {
    await using load = new Load(liveroll.port, { keepAlive: 6, fresh: 3, pauseMs: 5 });
    await load.sees("v1");
    for (let crash = 0; crash < 3; crash++) {
      const since = await killServing(liveroll);
      await liveroll.waitFor("roll.switched", {}, since);
    }
    assertEquals((await liveroll.ask()).text, "v1");
    assertNoneFailed(await load.stop());
  }));

Deno.test("B20 a child that ends by itself with status 0 is restarted too", () =>
  withLiveroll({ behaviour: { exitAfterMs: 300 } }, async (liveroll) => {
    const { exit } = await liveroll.waitFor("instance.exited");
    assertEquals(exit.code, 0);
    liveroll.workspace.setBehaviour("v1", {});
    await liveroll.waitFor("restart.scheduled");
    assertEquals((await liveroll.ask()).text, "v1");
  }));

Deno.test("B03 a crash of the new version is healed while the old one is still being stopped", () =>
  withLiveroll({
    flags: { "stop-timeout": "20s" },
    behaviour: { onTerm: "ignore" },
  }, async (liveroll) => {
    const v1 = Number((await liveroll.ask("/pid")).text);
    const since = liveroll.log.mark();
    await liveroll.roll("v2");
    await liveroll.waitForText("toy v1 got TERM", since);
    const crash = await killServing(liveroll);
    await liveroll.waitFor("roll.switched", ({ instance }) => instance.id === "v2", crash);
    assertEquals(liveroll.events("instance.stopped", ({ instance }) => instance.id === "v1"), []);
    assertEquals((await liveroll.ask()).text, "v2");
    Deno.kill(v1, "SIGKILL");
  }));

Deno.test("B06 B07 a version that dies as soon as it is proven is never served as a corpse", () =>
  withLiveroll({}, async (liveroll) => {
    const since = liveroll.offer("v2", { health: { exitAfterMs: 0 } });
    await liveroll.log.waitForLine(
      "the end of v2",
      ({ event, id, instance }) =>
        (event === "roll.failed" && id === "v2") ||
        (event === "instance.exited" && Reflect.get(instance ?? {}, "id") === "v2"),
      { since },
    );
    liveroll.workspace.setBehaviour("v2", {});
    const answers = await Promise.all(Array.from({ length: 10 }, () => liveroll.ask()));
    assertEquals(answers.map(({ status }) => status), Array(10).fill(200));
    await liveroll.rollAndRetire("v3");
    assertEquals((await liveroll.ask()).text, "v3");
    assertEquals(liveroll.children().size, 1);
  }));

Deno.test("B17 a crash loop slows down and can be seen", () =>
  withLiveroll({ behaviour: { exitAfterMs: 50 } }, async (liveroll) => {
    await liveroll.waitFor("restart.scheduled", { crashLoop: true });
    const waits = liveroll.events("restart.scheduled").map(({ inMs }) => inMs);
    assertEquals(waits, waits.toSorted((a, b) => a - b));
    await liveroll.waitFor(
      "state",
      ({ state, detail }) => state === "degraded" && detail.includes("crash loop"),
    );
    assert(liveroll.children().size <= 1);
  }));

Deno.test("a new version ends a crash loop at once", () =>
  withLiveroll({ behaviour: { exitAfterMs: 50 } }, async (liveroll) => {
    await liveroll.waitFor("restart.scheduled", ({ crashes }) => crashes >= 3);
    await liveroll.roll("v2");
    assertEquals((await liveroll.ask()).text, "v2");
    await liveroll.rollAndRetireSame();
    assertEquals(liveroll.children().size, 1);
  }));

Deno.test("B09 what a crashed shell leaves behind is cleared away before the restart", () =>
  withLiveroll(
    { flags: { "stop-timeout": "300ms" }, behaviour: { offspring: "group" } },
    async (liveroll) => {
      const [first] = liveroll.events("roll.candidate");
      liveroll.workspace.setBehaviour("v1", {});
      await killServing(liveroll);
      await liveroll.waitFor(
        "instance.stopped",
        ({ instance }) => instance.key === first?.instance.key,
      );
      assertEquals((await liveroll.ask()).text, "v1");
      assertEquals(liveroll.children().size, 1);
    },
  ));

Deno.test("R5 a POST that a crashing child may have received is never sent twice", () =>
  withLiveroll({}, async (liveroll) => {
    const { status } = await liveroll.ask("/tally?name=post&crash", { method: "POST", body: "x" });
    assertEquals(status, 502);
    assertEquals((await liveroll.ask()).status, 200);
    assertEquals(liveroll.workspace.tally("post").length, 1);
  }));
