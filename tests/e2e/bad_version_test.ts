import { assert, assertEquals } from "@std/assert";
import { type Liveroll, withLiveroll, withStarting } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { testTogether } from "../helpers/together.ts";

async function assertStillServes(liveroll: Liveroll, version: string): Promise<void> {
  assertEquals((await liveroll.ask()).text, version);
}

/** Its limit has to run out, but never before a version has answered. */
const IMPATIENT = { "health-timeout": "6s" };

const answersBadly = () =>
  withLiveroll({ flags: IMPATIENT }, async (liveroll) => {
    await using load = new Load(liveroll.port);
    await load.sees("v1");
    const since = liveroll.offer("v2", { health: { status: 500 } });
    const { reason, detail } = await liveroll.waitFor("roll.failed", { id: "v2" }, since);
    assertEquals(reason, "timed_out");
    assert(detail.includes("500"), detail);
    await assertStillServes(liveroll, "v1");
    await liveroll.waitFor(
      "state",
      ({ state, detail }) =>
        state === "serving" && detail.includes("serving v1") && detail.includes("v2 refused"),
      since,
    );
    await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === "v2", since);
    const report = await load.stop();
    assertNoneFailed(report);
    assertEquals(Object.keys(report.byVersion), ["v1"]);
    assertEquals(liveroll.children().size, 1);
  });

Deno.test("K07 B15 a version that accepts and never answers is refused at the deadline", () =>
  withLiveroll({
    flags: { "health-timeout": "500ms", "health-probe-timeout": "1h", "stop-timeout": "200ms" },
  }, async (liveroll) => {
    liveroll.offer("v2", { health: { hangFirst: -1 } });
    const { reason } = await liveroll.waitFor("roll.failed", { id: "v2" });
    assertEquals(reason, "timed_out");
    await assertStillServes(liveroll, "v1");
  }));

Deno.test("B17 a version that crashes at its start is refused at once, with its last words", () =>
  withLiveroll({ flags: { "health-timeout": "1h" } }, async (liveroll) => {
    liveroll.offer("v2", { crash: { code: 3, lastWords: ["no database", "giving up"] } });
    const { reason, lastLines, detail } = await liveroll.waitFor("roll.failed", { id: "v2" });
    assertEquals(reason, "exited");
    assert(detail.includes("3"), detail);
    assertEquals(lastLines.slice(-2), ["no database", "giving up"]);
    await assertStillServes(liveroll, "v1");
  }));

Deno.test("B17 a version that crashes after some probes is refused at once", () =>
  withLiveroll({ flags: { "health-timeout": "1h" } }, async (liveroll) => {
    liveroll.offer("v2", { health: { status: 500 }, exitAfterMs: 200 });
    const { reason } = await liveroll.waitFor("roll.failed", { id: "v2" });
    assertEquals(reason, "exited");
    await assertStillServes(liveroll, "v1");
  }));

Deno.test("B18 a refused version is not tried again until the id changes", () =>
  withLiveroll({ flags: { interval: "50ms" } }, async (liveroll) => {
    liveroll.publish("v2", { crash: { code: 1, lastWords: [] } });
    const { retryInMs } = await liveroll.waitFor("roll.failed", { id: "v2" });
    assert(retryInMs !== null && retryInMs > 0);
    const since = liveroll.log.mark();
    await liveroll.log.waitForLine(
      "three checks",
      () => liveroll.events("check.started", {}, since).length >= 4,
    );
    assertEquals(liveroll.events("roll.started", { to: "v2" }).length, 1);
    assert(liveroll.events("check.quarantined", { id: "v2" }).length > 0);
    liveroll.publish("v3");
    await liveroll.waitFor("roll.succeeded", { id: "v3" });
    await assertStillServes(liveroll, "v3");
  }));

Deno.test("B18 a forced update tries a refused version again", () =>
  withLiveroll({}, async (liveroll) => {
    liveroll.offer("v2", { crash: { code: 1, lastWords: [] } });
    await liveroll.waitFor("roll.failed", { id: "v2" });
    await liveroll.roll("v2");
    await assertStillServes(liveroll, "v2");
  }));

Deno.test("B18 while nothing serves, a refused version is tried again by itself after a back-off", () =>
  withStarting({
    flags: { interval: "100ms" },
    behaviour: { crash: { code: 1, lastWords: [] } },
  }, async (liveroll) => {
    const { retryInMs } = await liveroll.waitFor("roll.failed", { id: "v1" });
    assert(retryInMs !== null && retryInMs > 0);
    liveroll.workspace.setBehaviour("v1", {});
    await liveroll.waitFor("roll.succeeded", { id: "v1" });
    await assertStillServes(liveroll, "v1");
  }));

const isAskedToEnd = () =>
  withLiveroll({ flags: { ...IMPATIENT, "stop-timeout": "1h" } }, async (liveroll) => {
    const since = liveroll.offer("v2", { health: { status: 503 } });
    const { outcome } = await liveroll.waitFor(
      "instance.stopped",
      ({ instance }) => instance.id === "v2",
      since,
    );
    assertEquals(outcome, "stopped");
    await liveroll.waitForText("toy v2 got TERM", since);
    assertEquals(liveroll.children().size, 1);
  });

const redirects = () =>
  withLiveroll({ flags: IMPATIENT }, async (liveroll) => {
    liveroll.offer("v2", { health: { redirectTo: "/" } });
    const { detail } = await liveroll.waitFor("roll.failed", { id: "v2" });
    assert(detail.includes("302"), detail);
    await assertStillServes(liveroll, "v1");
  });

testTogether("a version that is never healthy is refused at the deadline", {
  "K04 one that answers 500 to health checks, and the old one serves on": answersBadly,
  "B22 one that heeds TERM is asked to end before it is killed": isAskedToEnd,
  "B27 one that redirects: that is not health": redirects,
});

Deno.test("B08 a port that a stranger holds is reported, and the stranger's health never counts", () =>
  withLiveroll({}, async (liveroll) => {
    const port = liveroll.childPorts[1];
    const stranger = Deno.serve(
      { port, hostname: "127.0.0.1", onListen: () => {} },
      () => new Response("stranger"),
    );
    try {
      liveroll.offer("v2");
      const busy = await liveroll.waitFor("port.busy");
      assertEquals(busy.port, port);
      assert(busy.holder.includes(`${Deno.pid}`), busy.holder);
      await assertStillServes(liveroll, "v1");
    } finally {
      await stranger.shutdown();
    }
    await liveroll.roll("v2");
    await assertStillServes(liveroll, "v2");
  }));

Deno.test("B08 a version whose port is stolen under its nose is refused, and the next one waits for it", () =>
  withLiveroll({ flags: { interval: "100ms" } }, async (liveroll) => {
    const port = liveroll.childPorts[1];
    liveroll.publish("v2", { steal: { port, ms: 60_000 } });
    await liveroll.waitFor("roll.failed", { id: "v2" });
    await assertStillServes(liveroll, "v1");
    liveroll.publish("v3");
    await liveroll.waitFor("port.busy", { port });
    await assertStillServes(liveroll, "v1");
    liveroll.endStrangers();
    await liveroll.waitFor("roll.succeeded", { id: "v3" });
    await assertStillServes(liveroll, "v3");
  }));

Deno.test("B08 a stranger that answers in place of a version that does not listen yet proves nothing", () =>
  withLiveroll({ flags: { "health-timeout": "15s" } }, async (liveroll) => {
    const port = liveroll.childPorts[1];
    liveroll.offer("v2", { steal: { port, ms: 60_000 }, startDelayMs: 1_500 });
    const end = await liveroll.log.waitForLine(
      "the end of roll 2",
      ({ event, roll }) => roll === 2 && /^roll.(failed|switched)$/.test(event ?? ""),
    );
    assertEquals(end.event, "roll.failed");
    await assertStillServes(liveroll, "v1");
  }));

Deno.test("B08 a version that wants the port of the old one is refused, the old one serves on", () =>
  withLiveroll({ flags: { "health-timeout": "1h" } }, async (liveroll) => {
    const [taken] = liveroll.childPorts;
    liveroll.offer("v2", { alsoBind: [taken] });
    const { reason } = await liveroll.waitFor("roll.failed", { id: "v2" });
    assertEquals(reason, "exited");
    await assertStillServes(liveroll, "v1");
  }));

Deno.test("a version that listens elsewhere than told is refused at the deadline", () =>
  withLiveroll({ flags: { "health-timeout": "500ms" } }, async (liveroll) => {
    liveroll.offer("v2", { bindInstead: liveroll.sparePort });
    const { reason } = await liveroll.waitFor("roll.failed", { id: "v2" });
    assertEquals(reason, "timed_out");
    await assertStillServes(liveroll, "v1");
  }));

Deno.test("B29 an empty id is an error and nothing is rolled", () =>
  withLiveroll({}, async (liveroll) => {
    liveroll.offer(" \n");
    const { step } = await liveroll.waitFor("check.failed");
    assertEquals(step, "id");
    assertEquals(liveroll.events("roll.started").length, 1);
    await assertStillServes(liveroll, "v1");
  }));

Deno.test("B16 a pull that hangs is ended at its limit, and nothing of it is left", () =>
  withStarting({
    flags: { pull: "sleep 1000; sleep 1000", "pull-timeout": "200ms" },
  }, async (liveroll) => {
    const { step } = await liveroll.waitFor("check.failed");
    assertEquals(step, "pull");
    assertEquals(liveroll.events("roll.started"), []);
    liveroll.signal("SIGHUP");
    const since = liveroll.log.mark();
    await liveroll.waitFor("check.failed", {}, since);
  }));

Deno.test("a failing pull says what it said", () =>
  withStarting({ flags: { pull: "echo registry is down >&2; exit 7" } }, async (liveroll) => {
    const { step, detail } = await liveroll.waitFor("check.failed");
    assertEquals(step, "pull");
    assert(detail.includes("registry is down") && detail.includes("7"), detail);
  }));

Deno.test("a version that floods its output is served all the same", () =>
  withLiveroll({ flags: { "log-level": "info" } }, async (liveroll) => {
    await using load = new Load(liveroll.port);
    await load.sees("v1");
    await liveroll.roll("v2", { flood: { lines: 20_000, length: 100 } });
    await load.sees("v2");
    assertNoneFailed(await load.stop());
  }));
