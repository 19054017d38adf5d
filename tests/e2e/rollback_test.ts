import { assertEquals, assertNotEquals } from "@std/assert";
import { Latch } from "../helpers/latch.ts";
import { servingChild } from "../helpers/lives.ts";
import { type Liveroll, withLiveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed } from "../helpers/load.ts";
import { inspect } from "../helpers/proc.ts";
import {
  assertOnlyInFlightFailed,
  killServing,
  load,
  outcomes,
  quarantined,
  replaceByV2,
  switchToV2,
  WATCHED,
} from "../helpers/rollback.ts";
import { verb } from "../helpers/verbs.ts";

/** A child on a port for which there is such a file is not well. */
const HEALTH_BY_FILE = 'exec:test ! -e "$TOY_DIR/sick-$PORT"';

/** New versions are looked at every second. */
const LOOKED_AT = {
  ...WATCHED,
  "min-healthy": "10s",
  "liveness-threshold": "1",
  healthcheck: HEALTH_BY_FILE,
};

/** What serves says from now on that it is not well. */
async function sicken(liveroll: Liveroll): Promise<void> {
  const { port } = await servingChild(liveroll);
  Deno.writeTextFileSync(`${liveroll.workspace.dir}/sick-${port}`, "");
}

async function comesBack(liveroll: Liveroll, since: number): Promise<void> {
  const { to } = await liveroll.waitFor("roll.rolled_back", { id: "v2" }, since);
  assertEquals(to, "v1");
  await liveroll.waitFor("roll.switched", ({ instance }) => instance.id === "v1", since);
  assertEquals((await liveroll.ask()).text, "v1");
}

Deno.test("a version that dies while it is watched gives way to the one that still drains", () =>
  withLiveroll({ flags: WATCHED }, async (liveroll) => {
    using latch = new Latch();
    const { pid } = await servingChild(liveroll);
    const asked = liveroll.ask(latch.path());
    const held = await latch.arrival();
    await using clients = load(liveroll);
    await clients.sees("v1");
    const since = await switchToV2(liveroll);
    await clients.sees("v2");
    await killServing(liveroll);
    await comesBack(liveroll, since);
    assertEquals((await servingChild(liveroll)).pid, pid);
    held.release();
    assertEquals((await asked).text, "v1");
    assertOnlyInFlightFailed(await clients.stop());
    assertEquals(liveroll.events("instance.stopped", ({ instance }) => instance.id === "v1"), []);
    assertEquals(await outcomes(liveroll), ["start v1 succeeded", "forced v2 rolled_back"]);
    assertEquals([await quarantined(liveroll), liveroll.children().size], [["v2"], 1]);
  }));

Deno.test("the version before that was called back is drained like any other by the next roll", () =>
  withLiveroll({ flags: WATCHED }, async (liveroll) => {
    using latch = new Latch();
    const asked = liveroll.ask(latch.path());
    const held = await latch.arrival();
    const since = await switchToV2(liveroll);
    await killServing(liveroll);
    await comesBack(liveroll, since);
    const rolled = liveroll.offer("v3");
    await liveroll.waitFor("roll.switched", ({ instance }) => instance.id === "v3", rolled);
    held.release();
    assertEquals((await asked).text, "v1");
    await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === "v1", rolled);
    assertEquals((await liveroll.ask()).text, "v3");
    assertEquals(liveroll.children().size, 1);
  }));

Deno.test("with --keep-warm the process of the version before takes over at once", () =>
  withLiveroll({ flags: { ...WATCHED, "keep-warm": "1h" } }, async (liveroll) => {
    const { pid } = await servingChild(liveroll);
    await using clients = load(liveroll);
    await clients.sees("v1");
    const since = await switchToV2(liveroll);
    await liveroll.waitFor("instance.warm", ({ instance }) => instance.id === "v1", since);
    await clients.sees("v2");
    await killServing(liveroll);
    await comesBack(liveroll, since);
    assertEquals((await servingChild(liveroll)).pid, pid);
    assertOnlyInFlightFailed(await clients.stop());
    assertEquals(await outcomes(liveroll), ["start v1 succeeded", "forced v2 rolled_back"]);
    assertEquals(liveroll.children().size, 1);
  }));

Deno.test("a version before that is gone is started again, and requests wait for it", () =>
  withLiveroll({ flags: WATCHED }, async (liveroll) => {
    const { pid } = await servingChild(liveroll);
    await using clients = load(liveroll);
    await clients.sees("v1");
    const since = await replaceByV2(liveroll);
    await clients.sees("v2");
    liveroll.workspace.setBehaviour("v1", { startDelayMs: 300 });
    await killServing(liveroll);
    await comesBack(liveroll, since);
    assertNotEquals((await servingChild(liveroll)).pid, pid);
    assertOnlyInFlightFailed(await clients.stop());
    assertEquals(await outcomes(liveroll), [
      "start v1 succeeded",
      "forced v2 rolled_back",
      "automatic-rollback v1 succeeded",
    ]);
    assertEquals(await quarantined(liveroll), ["v2"]);
  }));

Deno.test("a watched version that is not well any more serves until the one before is proven again", () =>
  withLiveroll({ flags: LOOKED_AT }, async (liveroll) => {
    await using clients = load(liveroll);
    await clients.sees("v1");
    const since = await replaceByV2(liveroll);
    await clients.sees("v2");
    await sicken(liveroll);
    await comesBack(liveroll, since);
    await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === "v2", since);
    assertNoneFailed(await clients.stop());
    assertEquals(await outcomes(liveroll), [
      "start v1 succeeded",
      "forced v2 rolled_back",
      "automatic-rollback v1 succeeded",
    ]);
  }));

Deno.test("a watched version that is not well any more costs nothing while the one before is warm", () =>
  withLiveroll({ flags: { ...LOOKED_AT, "keep-warm": "1h" } }, async (liveroll) => {
    const { pid } = await servingChild(liveroll);
    await using clients = load(liveroll);
    await clients.sees("v1");
    const since = await switchToV2(liveroll);
    await liveroll.waitFor("instance.warm", {}, since);
    await clients.sees("v2");
    await sicken(liveroll);
    await comesBack(liveroll, since);
    assertEquals((await servingChild(liveroll)).pid, pid);
    assertNoneFailed(await clients.stop());
  }));

Deno.test("with the strategy recreate a version that dies while it is watched gives way, too", () =>
  withLiveroll({ flags: { ...WATCHED, strategy: "recreate" } }, async (liveroll) => {
    const since = await switchToV2(liveroll);
    await killServing(liveroll);
    await comesBack(liveroll, since);
    assertEquals([await quarantined(liveroll), liveroll.children().size], [["v2"], 1]);
  }));

Deno.test("G9 a version that was rolled back is not tried again by itself", () =>
  withLiveroll({ flags: { ...WATCHED, interval: "50ms" } }, async (liveroll) => {
    const since = liveroll.log.mark();
    liveroll.publish("v2");
    await liveroll.waitFor("roll.switched", ({ instance }) => instance.id === "v2", since);
    await killServing(liveroll);
    await comesBack(liveroll, since);
    const checks = liveroll.log.mark();
    await liveroll.log.waitForLine(
      "three checks",
      () => liveroll.events("check.quarantined", { id: "v2" }, checks).length >= 3,
    );
    assertEquals(liveroll.events("roll.started", { to: "v2" }, since).length, 1);
    assertEquals((await liveroll.ask()).text, "v1");
  }));

Deno.test("G9 retry takes a version that was rolled back out of quarantine", () =>
  withLiveroll({ flags: { ...WATCHED, "keep-warm": "1h" } }, async (liveroll) => {
    const since = await switchToV2(liveroll);
    await killServing(liveroll);
    await comesBack(liveroll, since);
    const again = liveroll.log.mark();
    const retrying = verb(liveroll.home.stateDir, "retry", "--timeout", "1s");
    await liveroll.waitFor("roll.switched", ({ instance }) => instance.id === "v2", again);
    // It is watched for an hour, and the command does not wait for that.
    assertEquals((await retrying).code, 5);
    assertEquals(await quarantined(liveroll), []);
    assertEquals((await liveroll.ask()).text, "v2");
  }));

Deno.test("G8 when the version before cannot start either, it is tried on until it can", () =>
  withLiveroll({ flags: WATCHED }, async (liveroll) => {
    const since = await replaceByV2(liveroll);
    liveroll.workspace.setBehaviour("v1", { crash: { code: 1, lastWords: ["no database"] } });
    await killServing(liveroll);
    await liveroll.waitFor("roll.rolled_back", { id: "v2" }, since);
    await liveroll.waitFor("restart.scheduled", ({ id, crashes }) => id === "v1" && crashes > 1);
    await liveroll.waitFor("state", ({ state }) => state === "degraded", since);
    liveroll.workspace.setBehaviour("v1", {});
    assertEquals((await liveroll.ask()).text, "v1");
    assertEquals(await quarantined(liveroll), ["v2"]);
  }));

Deno.test("a version that stays well is proven, and a later death is a crash", () =>
  withLiveroll({ flags: { "min-healthy": "300ms" } }, async (liveroll) => {
    await liveroll.rollAndRetire("v2");
    const since = liveroll.log.mark();
    await killServing(liveroll);
    await liveroll.waitFor("roll.switched", ({ instance }) => instance.id === "v2", since);
    assertEquals(liveroll.events("roll.rolled_back"), []);
    assertEquals(await outcomes(liveroll), [
      "start v1 succeeded",
      "forced v2 succeeded",
      "crash v2 succeeded",
    ]);
  }));

Deno.test("a child that fails its probes later is replaced by a proven one of the same version", () =>
  withLiveroll({
    flags: {
      "liveness-interval": "50ms",
      "liveness-threshold": "3",
      healthcheck: HEALTH_BY_FILE,
    },
  }, async (liveroll) => {
    const { pid } = await servingChild(liveroll);
    await using clients = load(liveroll);
    await clients.sees("v1");
    await sicken(liveroll);
    const { failures } = await liveroll.waitFor("instance.unhealthy");
    assertEquals(failures, 3);
    await liveroll.waitFor("instance.stopped");
    assertNotEquals((await servingChild(liveroll)).pid, pid);
    assertEquals(inspect(pid), null);
    assertNoneFailed(await clients.stop());
    assertEquals(await outcomes(liveroll), ["start v1 succeeded", "liveness v1 succeeded"]);
  }));
