import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { poll } from "../../src/platform/poll.ts";
import { databasePath } from "../../src/state/database.ts";
import { PATIENCE_MS } from "../helpers/event_log.ts";
import type { Home } from "../helpers/home.ts";
import { adopts, ends, STOP_BY_FILE, stoppedWords, WITH_PID_FILE } from "../helpers/adoption.ts";
import { ask } from "../helpers/http.ts";
import { Latch } from "../helpers/latch.ts";
import { OUTLIVES, servingChild, withLegacy } from "../helpers/lives.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { isFree } from "../helpers/ports.ts";
import { inspect } from "../helpers/proc.ts";
import { TOY_COMMANDS } from "../helpers/toy.ts";

/** The shell stays, and the application is its child. */
const BELOW_A_SHELL = `${TOY_COMMANDS.deno}; true`;

/** Changes what is written down of the only instance. */
function rewriteRecord(home: Home, change: Record<string, unknown>): void {
  const db = new DatabaseSync(databasePath(home.stateDir));
  const row = db.prepare("SELECT value FROM facts WHERE name = 'instances'").get();
  const [record] = JSON.parse(String(row?.value));
  db.prepare("UPDATE facts SET value = ? WHERE name = 'instances'")
    .run(JSON.stringify([{ ...record, ...change }]));
  db.close();
}

Deno.test("K53 a child outlives a killed liveroll, is adopted, and no request to it fails", () =>
  withLegacy({ flags: OUTLIVES }, async ({ child, begin }) => {
    await using load = new Load(child.port);
    await load.sees("v1");
    const liveroll = begin();
    await adopts(liveroll, child.pid);
    assertEquals(liveroll.events("roll.started"), []);
    await using through = new Load(liveroll.port);
    await through.sees("v1");
    assertNoneFailed(await through.stop());
    assertNoneFailed(await load.stop());
    assertEquals(liveroll.children().size, 1);
  }));

Deno.test("K53 no request to a child fails in the moment in which liveroll is killed", () =>
  withLegacy({ flags: OUTLIVES }, async ({ child, begin }) => {
    const second = begin();
    await adopts(second, child.pid);
    await using load = new Load(child.port);
    await load.sees("v1");
    await second.stop("SIGKILL");
    const third = begin();
    await adopts(third, child.pid);
    assertNoneFailed(await load.stop());
    using client = third.home.client();
    assertEquals((await client.doctor(false)).findings, []);
    const { current } = await client.status();
    assertEquals([current?.id, current?.port], ["v1", child.port]);
  }));

Deno.test("K27 a crash of an adopted child is healed", () =>
  withLegacy({ flags: OUTLIVES }, async ({ child, begin }) => {
    const liveroll = begin();
    await adopts(liveroll, child.pid);
    Deno.kill(child.pid, "SIGKILL");
    await liveroll.waitFor("instance.exited");
    await liveroll.waitFor("roll.switched");
    const { text, headers } = await liveroll.ask("/pid");
    assertNotEquals(Number(text), child.pid);
    assertEquals(headers.get("x-version"), "v1");
    assertEquals(liveroll.children().size, 1);
  }));

Deno.test("a roll drains an adopted child before it is asked to end", () =>
  withLegacy({ flags: { ...OUTLIVES, "drain-timeout": "1h" } }, async (legacy) => {
    const { child, former, begin } = legacy;
    const liveroll = begin();
    await adopts(liveroll, child.pid);
    using latch = new Latch();
    const asked = liveroll.ask(latch.path());
    const held = await latch.arrival();
    const since = liveroll.offer("v2");
    await liveroll.waitFor("roll.switched", ({ instance }) => instance.id === "v2", since);
    assertEquals((await liveroll.ask()).text, "v2");
    assertEquals(inspect(child.pid)?.pid, child.pid);
    held.release();
    assertEquals((await asked).text, "v1");
    const { outcome } = await liveroll.waitFor("instance.stopped", {}, since);
    assertEquals(outcome, "stopped");
    await former.waitForText("toy v1 got TERM");
    assertEquals([inspect(child.pid), liveroll.children().size], [null, 1]);
  }));

Deno.test("an adopted child that ignores TERM is killed after its time", () =>
  withLegacy({
    flags: { ...OUTLIVES, "stop-timeout": "300ms" },
    behaviour: { onTerm: "ignore" },
  }, async ({ child, begin }) => {
    const liveroll = begin();
    await adopts(liveroll, child.pid);
    const since = liveroll.offer("v2");
    const { outcome } = await liveroll.waitFor("instance.stopped", {}, since);
    assertEquals([outcome, inspect(child.pid)], ["killed", null]);
    assertEquals((await liveroll.ask()).text, "v2");
  }));

Deno.test("an adopted child is ended by the stop command where there is one", () =>
  withLegacy({
    flags: { ...OUTLIVES, exec: WITH_PID_FILE, stop: STOP_BY_FILE },
  }, async ({ home, child, begin }) => {
    const liveroll = begin();
    await adopts(liveroll, child.pid);
    const since = liveroll.offer("v2");
    const { outcome } = await liveroll.waitFor("instance.stopped", {}, since);
    assertEquals([outcome, inspect(child.pid)], ["stopped", null]);
    assertEquals(stoppedWords(home), ["v1"]);
    assertEquals((await liveroll.ask()).text, "v2");
  }));

Deno.test("an adopted child that does not answer any more is replaced", () =>
  withLegacy({
    flags: {
      ...OUTLIVES,
      "liveness-interval": "50ms",
      "liveness-threshold": "2",
      "health-probe-timeout": "200ms",
      "stop-timeout": "300ms",
    },
  }, async ({ child, begin }) => {
    const liveroll = begin();
    await adopts(liveroll, child.pid);
    Deno.kill(child.pid, "SIGSTOP");
    await liveroll.waitFor("instance.unhealthy");
    await liveroll.waitFor("roll.switched");
    assertNotEquals(Number((await liveroll.ask("/pid")).text), child.pid);
    await ends(child.pid);
  }));

Deno.test("a child that fell ill while there was no liveroll is not adopted but replaced", () =>
  withLegacy({ flags: { ...OUTLIVES, "stop-timeout": "300ms" } }, async ({ child, begin }) => {
    Deno.kill(child.pid, "SIGSTOP");
    const liveroll = begin({ "health-timeout": "1s", "health-probe-timeout": "200ms" });
    const { detail } = await liveroll.waitFor("instance.leftover");
    assert(detail.includes("not healthy"), detail);
    await liveroll.waitFor("roll.succeeded");
    assertEquals(liveroll.events("instance.adopted"), []);
    assertNotEquals(Number((await liveroll.ask("/pid")).text), child.pid);
    assertEquals([inspect(child.pid), liveroll.children().size], [null, 1]);
  }));

Deno.test("a child that died while there was no liveroll is started again", () =>
  withLegacy({ flags: OUTLIVES }, async ({ child, begin }) => {
    Deno.kill(child.pid, "SIGKILL");
    await ends(child.pid);
    const liveroll = begin();
    await liveroll.waitFor("roll.succeeded", { id: "v1" });
    assertEquals(liveroll.events("instance.leftover"), []);
    assertEquals(liveroll.children().size, 1);
  }));

Deno.test("a stranger that got the pid of a child is left alone", () =>
  withLegacy({ flags: OUTLIVES }, async ({ home, child, begin }) => {
    Deno.kill(child.pid, "SIGKILL");
    await ends(child.pid);
    // It leads a group, too: that of the child would be looked for under the same number.
    const stranger = new Deno.Command("sleep", { args: ["600"], detached: true }).spawn();
    try {
      rewriteRecord(home, { pid: stranger.pid });
      const liveroll = begin();
      await liveroll.waitFor("roll.succeeded", { id: "v1" });
      await liveroll.rollAndRetire("v2");
      assertEquals(liveroll.events("instance.leftover"), []);
      assertMatch(inspect(stranger.pid)?.command ?? "", /sleep 600$/);
    } finally {
      stranger.kill("SIGKILL");
      await stranger.status;
    }
  }));

Deno.test("a stranger that took the port of a child that died is left alone, the other port is used", () =>
  withLegacy({ flags: OUTLIVES }, async ({ child, begin }) => {
    Deno.kill(child.pid, "SIGKILL");
    await ends(child.pid);
    const { port } = child;
    assert(await poll(() => isFree(port), { timeoutMs: PATIENCE_MS }));
    const onStranger = () => new Response("stranger");
    await using _ = Deno.serve({ port, hostname: "127.0.0.1", onListen: () => {} }, onStranger);
    const liveroll = begin();
    await liveroll.waitFor("roll.succeeded", { id: "v1" });
    assertEquals((await liveroll.ask()).text, "v1");
    assertEquals((await servingChild(liveroll)).port, liveroll.childPorts[1]);
    assertEquals((await ask(port, "/")).text, "stranger");
  }));

Deno.test("an application whose shell was killed, too, is adopted, and stopped in its time", () =>
  withLegacy({ flags: { ...OUTLIVES, exec: BELOW_A_SHELL } }, async ({ child, begin }) => {
    const shell = inspect(child.pid)!.parent;
    assertMatch(inspect(shell)!.command, /^\S*sh -c /);
    Deno.kill(shell, "SIGKILL");
    await ends(shell);
    const liveroll = begin();
    await adopts(liveroll, child.pid);
    await liveroll.rollAndRetire("v2");
    assertEquals(inspect(child.pid), null);
    assertEquals((await liveroll.ask()).text, "v2");
    assertEquals(liveroll.children().size, 1);
  }));

Deno.test("children that could be adopted are stopped where output is captured from now on", () =>
  withLegacy({ flags: OUTLIVES }, async ({ child, begin }) => {
    const liveroll = begin({ "child-logs": "capture" });
    await liveroll.waitFor("roll.succeeded", { id: "v1" });
    assertEquals(liveroll.events("instance.adopted"), []);
    assertEquals([inspect(child.pid), liveroll.children().size], [null, 1]);
  }));

Deno.test("a newer version that came while there was no liveroll takes the place of an adopted child", () =>
  withLegacy({ flags: OUTLIVES }, async ({ home, child, begin }) => {
    home.workspace.publish("v2");
    const liveroll = begin();
    await liveroll.waitFor("instance.adopted");
    await liveroll.waitFor("roll.succeeded", { id: "v2" });
    assertEquals((await liveroll.ask()).text, "v2");
    await ends(child.pid);
  }));
